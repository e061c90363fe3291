#include "eval/symmetrise.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const symmetrise_names[] = {"intersection",        "union", "grow", "grow-diag", "grow-diag-final",
                                        "grow-diag-final-and", NULL};

/* What makes one of the methods: where growing looks, and whether one more link needs two words without a link. */
typedef struct Method {
  int sides;
  bool final, both;
} Method;

enum { SIDES = 4, SIDES_AND_CORNERS = 8 };
static const Method methods[N_SYMMETRISE] = {
    [SYMMETRISE_GROW] = {.sides = SIDES},
    [SYMMETRISE_GROW_DIAG] = {.sides = SIDES_AND_CORNERS},
    [SYMMETRISE_GROW_DIAG_FINAL] = {.sides = SIDES_AND_CORNERS, .final = true},
    [SYMMETRISE_GROW_DIAG_FINAL_AND] = {.sides = SIDES_AND_CORNERS, .final = true, .both = true}};

enum { FORWARD = 1, REVERSE = 2 };

typedef struct SymmetriseLink {
  int source, target;
  int row, col; /* which of the positions that have links these are */
  int from;     /* FORWARD, REVERSE or both */
  bool taken;
} SymmetriseLink;

/* ---- The union. */

static int by_target(const void *left, const void *right) {
  const SymmetriseLink *a = left, *b = right;
  if (a->target != b->target) return a->target < b->target ? -1 : 1;
  return (a->source > b->source) - (a->source < b->source);
}

static int by_value(const void *left, const void *right) {
  const int *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static void make_room(Symmetrise *s, int n) {
  if (n <= s->cap) return;
  size_t cap = (size_t)(s->cap = n + n / 2 + 32);
  s->both = mem_grow(s->both, cap, sizeof *s->both, "symmetrised links");
  s->sources = mem_grow(s->sources, cap, sizeof *s->sources, "symmetrised links");
  s->source_covered = mem_grow(s->source_covered, cap, sizeof *s->source_covered, "symmetrised links");
  s->target_covered = mem_grow(s->target_covered, cap, sizeof *s->target_covered, "symmetrised links");
}

/* Sorts the links and makes one of equal ones. */
static void merge(Symmetrise *s) {
  int kept = 0;
  if (s->n > 0) qsort(s->both, (size_t)s->n, sizeof *s->both, by_target);
  for (int i = 0; i < s->n; i++) {
    if (kept > 0 && by_target(&s->both[kept - 1], &s->both[i]) == 0) s->both[kept - 1].from |= s->both[i].from;
    else s->both[kept++] = s->both[i];
  }
  s->n = kept;
}

/* Numbers the positions that have links, so that room need not be as large as positions are. */
static void number(Symmetrise *s) {
  int n = 0, col = 0;
  for (int i = 0; i < s->n; i++) s->sources[i] = s->both[i].source;
  if (s->n > 0) qsort(s->sources, (size_t)s->n, sizeof *s->sources, by_value);
  for (int i = 0; i < s->n; i++)
    if (n == 0 || s->sources[n - 1] != s->sources[i]) s->sources[n++] = s->sources[i];
  s->n_sources = n;
  for (int i = 0; i < s->n; i++) {
    SymmetriseLink *link = &s->both[i];
    const int *at = bsearch(&link->source, s->sources, (size_t)n, sizeof *at, by_value);
    link->row = (int)(at - s->sources);
    col += i > 0 && link->target != s->both[i - 1].target;
    link->col = col;
  }
  memset(s->source_covered, 0, (size_t)s->cap * sizeof *s->source_covered);
  memset(s->target_covered, 0, (size_t)s->cap * sizeof *s->target_covered);
}

static void gather(Symmetrise *s, const PharaohLinks *forward, const PharaohLinks *reverse) {
  make_room(s, forward->n + reverse->n + 1);
  s->n = 0;
  for (int i = 0; i < forward->n; i++)
    s->both[s->n++] =
        (SymmetriseLink){.source = forward->at[i].source, .target = forward->at[i].target, .from = FORWARD};
  for (int i = 0; i < reverse->n; i++)
    s->both[s->n++] =
        (SymmetriseLink){.source = reverse->at[i].target, .target = reverse->at[i].source, .from = REVERSE};
  merge(s);
  number(s);
}

/* ---- Growing. */

static void take(Symmetrise *s, SymmetriseLink *link) {
  link->taken = true;
  s->source_covered[link->row] = s->target_covered[link->col] = true;
}

/* Takes the neighbours of a link that bring a new word; true when there was one. */
static bool grow_at(Symmetrise *s, const SymmetriseLink *link, int sides) {
  static const int steps[SIDES_AND_CORNERS][2] = {{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
  bool grown = false;
  for (int k = 0; k < sides; k++) {
    SymmetriseLink key = {.target = link->target + steps[k][0], .source = link->source + steps[k][1]};
    SymmetriseLink *at = bsearch(&key, s->both, (size_t)s->n, sizeof *at, by_target);
    if (at == NULL || (s->source_covered[at->row] && s->target_covered[at->col])) continue;
    take(s, at);
    grown = true;
  }
  return grown;
}

static void grow(Symmetrise *s, int sides) {
  for (bool grown = true; grown;) {
    grown = false;
    for (int i = 0; i < s->n; i++)
      if (s->both[i].taken && grow_at(s, &s->both[i], sides)) grown = true;
  }
}

/* Takes the links that only one direction has and of which a word, or both, have none. */
static void add_last(Symmetrise *s, int from, bool both) {
  for (int i = 0; i < s->n; i++) {
    SymmetriseLink *link = &s->both[i];
    int covered = s->source_covered[link->row] + s->target_covered[link->col];
    if (link->from == from && covered <= !both) take(s, link);
  }
}

void symmetrise(Symmetrise *s, SymmetriseMethod method, const PharaohLinks *forward, const PharaohLinks *reverse,
                PharaohLinks *out) {
  gather(s, forward, reverse);
  for (int i = 0; i < s->n; i++)
    if (method == SYMMETRISE_UNION || s->both[i].from == (FORWARD | REVERSE)) take(s, &s->both[i]);
  const Method *m = &methods[method];
  if (m->sides > 0) grow(s, m->sides);
  if (m->final) add_last(s, FORWARD, m->both);
  if (m->final) add_last(s, REVERSE, m->both);
  pharaoh_clear(out);
  for (int i = 0; i < s->n; i++)
    if (s->both[i].taken) pharaoh_add(out, (PharaohLink){s->both[i].source, s->both[i].target, true});
  pharaoh_sort(out);
}

void symmetrise_free(Symmetrise *s) {
  mem_free(s->both);
  mem_free(s->sources);
  mem_free(s->source_covered);
  mem_free(s->target_covered);
  *s = (Symmetrise){0};
}
