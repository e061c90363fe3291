#include "eval/ter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "eval/pieces.h"

enum { BEAM = 25, SHIFT_WORDS = 10, SHIFT_PLACES = 50, SHIFTS_TRIED = 1000, FAR = 1 << 29 };

/* Ways to a cell of the edit distance between hypothesis (rows) and reference (columns). */
typedef enum Step { STEP_NONE, STEP_SAME, STEP_CHANGED, STEP_DROP, STEP_ADD } Step;

typedef struct Search {
  const int *reference;
  int n_h, n_r;
  int *words;              /* [n_h] the hypothesis as shifted so far */
  int *shifted, *best;     /* [n_h] a candidate, the best candidate */
  int *costs;              /* [n_h + 1, n_r + 1] of words */
  unsigned char *steps;    /* of the same shape */
  int *rows;               /* [2, n_r + 1] work memory */
  int *align;              /* [n_r] position in words of each reference word, -1: before the first */
  bool *h_wrong, *r_wrong; /* [n_h], [n_r] not aligned to an equal word */
  int tried;
} Search;

/* The columns of row i that the beam reaches: low .. high-1. */
static void reach(const Search *s, int i, int *low, int *high) {
  double ratio = (double)s->n_r / s->n_h;
  int beam = BEAM < ratio / 2 ? (int)ceil(ratio / 2 + BEAM) : BEAM, middle = (int)floor(i * ratio);
  *low = middle > beam ? middle - beam : 0;
  *high = middle + beam < s->n_r + 1 && i < s->n_h ? middle + beam : s->n_r + 1;
}

/* What a step to a cell costs and is. */
typedef struct Way {
  int cost;
  Step step;
} Way;

static Way cheaper(Way a, Way b) { return b.cost < a.cost ? b : a; }

/* Row i from the row above; steps may be NULL. On a tie a match or change is taken before a drop, that before an
 * addition. Cells beside the beam that the next row looks at are made FAR. */
static void fill_row(const Search *s, int i, int word, const int *above, int *row, unsigned char *steps) {
  int low, high, next_low, end = s->n_r + 1;
  reach(s, i, &low, &high);
  if (i < s->n_h) reach(s, i + 1, &next_low, &end);
  if (low > 0) row[low - 1] = FAR;
  for (int j = high; j < end; j++) row[j] = FAR;
  for (int j = low; j < high; j++) {
    Way way = {above[j] + 1, STEP_DROP};
    if (j > 0) {
      bool same = word == s->reference[j - 1];
      way = cheaper((Way){above[j - 1] + !same, same ? STEP_SAME : STEP_CHANGED}, way);
      way = cheaper(way, (Way){row[j - 1] + 1, STEP_ADD});
    }
    row[j] = way.cost;
    if (steps != NULL) steps[j] = (unsigned char)way.step;
  }
}

static int fill_all(Search *s) {
  size_t width = (size_t)s->n_r + 1;
  for (size_t j = 0; j < width; j++) {
    s->costs[j] = (int)j;
    s->steps[j] = STEP_ADD;
  }
  for (int i = 1; i <= s->n_h; i++) {
    int *row = s->costs + (size_t)i * width;
    fill_row(s, i, s->words[i - 1], row - width, row, s->steps + (size_t)i * width);
  }
  return s->costs[(size_t)s->n_h * width + (size_t)s->n_r];
}

/* Edits from shifted, which begins with the first `same` words of words, so that those rows are known. */
static int cost_of(const Search *s, const int *shifted, int same) {
  size_t width = (size_t)s->n_r + 1;
  const int *above = s->costs + (size_t)same * width;
  for (int i = same + 1; i <= s->n_h; i++) {
    int *row = s->rows + (size_t)(i % 2) * width;
    fill_row(s, i, shifted[i - 1], above, row, NULL);
    above = row;
  }
  return above[s->n_r];
}

/* Follows the steps back from the last cell. A reference word that was added is aligned to the word before it. */
static void trace(Search *s) {
  size_t width = (size_t)s->n_r + 1;
  int i = s->n_h, j = s->n_r;
  while (i > 0 || j > 0) {
    Step step = (Step)s->steps[(size_t)i * width + (size_t)j];
    CHECK(step != STEP_NONE, "ter: the beam lost its way at %d of %d, %d of %d", i, s->n_h, j, s->n_r);
    bool wrong = step != STEP_SAME;
    if (step != STEP_ADD) s->h_wrong[i - 1] = wrong;
    if (step != STEP_DROP) {
      s->r_wrong[j - 1] = wrong;
      s->align[j - 1] = i - 1;
    }
    i -= step != STEP_ADD;
    j -= step != STEP_DROP;
  }
}

static bool any(const bool *at, int n) {
  for (int i = 0; i < n; i++)
    if (at[i]) return true;
  return false;
}

/* words[from..to) goes to out. */
static int *put(int *out, const int *words, int from, int to) {
  if (to <= from) return out;
  memcpy(out, words + from, (size_t)(to - from) * sizeof *out);
  return out + (to - from);
}

/* The run of length words at start moves to before target, or, when target is inside it, that many words on. */
static void shift(const Search *s, int *out, int start, int length, int target) {
  int end = start + length, n = s->n_h;
  if (target < start) {
    out = put(out, s->words, 0, target);
    out = put(out, s->words, start, end);
    out = put(out, s->words, target, start);
    (void)put(out, s->words, end, n);
    return;
  }
  int until = target > end ? target : length + target < n ? length + target : n;
  out = put(out, s->words, 0, start);
  out = put(out, s->words, end, until);
  out = put(out, s->words, start, end);
  (void)put(out, s->words, until, n);
}

/* A shift tried; better ones save more edits, then are longer, start earlier, go to an earlier place. */
typedef struct Shift {
  int saved, length, start, target;
} Shift;

static bool better(const Shift *a, const Shift *b) {
  if (a->saved != b->saved) return a->saved > b->saved;
  if (a->length != b->length) return a->length > b->length;
  if (a->start != b->start) return a->start < b->start;
  return a->target < b->target;
}

/* Tries the run at start, which equals that at `at` of the reference, at all places near the latter. best->length is 0
 * before the first try. */
static void try_run(Search *s, int edits, int start, int at, int length, Shift *best) {
  if (!any(s->h_wrong + start, length) || !any(s->r_wrong + at, length)) return;
  if (s->align[at] >= start && s->align[at] < start + length) return;
  int before = -1;
  for (int offset = -1; offset < length && at + offset < s->n_r; offset++) {
    int target = at + offset < 0 ? 0 : s->align[at + offset] + 1;
    if (target == before) continue;
    before = target;
    shift(s, s->shifted, start, length, target);
    Shift one = {0, length, start, target};
    one.saved = edits - cost_of(s, s->shifted, target < start ? target : start);
    s->tried++;
    if (best->length > 0 && !better(&one, best)) continue;
    *best = one;
    int *spare = s->best;
    s->best = s->shifted;
    s->shifted = spare;
  }
}

/* The best shift of words, into s->best; its length is 0 when there is none. */
static Shift find_shift(Search *s, int edits) {
  Shift best = {0};
  for (int h = 0; h < s->n_h; h++) {
    for (int r = 0; r < s->n_r; r++) {
      if (abs(r - h) > SHIFT_PLACES) continue;
      for (int n = 0; n < SHIFT_WORDS && h + n < s->n_h && r + n < s->n_r && s->words[h + n] == s->reference[r + n];
           n++) {
        int tried = s->tried;
        try_run(s, edits, h, r, n + 1, &best);
        if (s->tried > tried && s->tried >= SHIFTS_TRIED) return best;
      }
    }
  }
  return best;
}

static int search(Search *s) {
  for (int shifts = 0;; shifts++) {
    int edits = fill_all(s);
    trace(s);
    Shift best = find_shift(s, edits);
    if (s->tried >= SHIFTS_TRIED || best.saved <= 0) return shifts + edits;
    int *spare = s->words;
    s->words = s->best;
    s->best = spare;
  }
}

int ter_edits(const int *hypothesis, int n_h, const int *reference, int n_r) {
  if (n_r == 0 || n_h == 0) return n_r + n_h;
  size_t h = (size_t)n_h, r = (size_t)n_r;
  Search s = {.reference = reference, .n_h = n_h, .n_r = n_r};
  s.words = mem_alloc(h, sizeof *s.words, "edit rate");
  s.shifted = mem_alloc(h, sizeof *s.shifted, "edit rate");
  s.best = mem_alloc(h, sizeof *s.best, "edit rate");
  s.costs = mem_alloc((h + 1) * (r + 1), sizeof *s.costs, "edit rate");
  s.steps = mem_zero((h + 1) * (r + 1), sizeof *s.steps, "edit rate");
  s.rows = mem_alloc(2 * (r + 1), sizeof *s.rows, "edit rate");
  s.align = mem_alloc(r, sizeof *s.align, "edit rate");
  s.h_wrong = mem_alloc(h, sizeof *s.h_wrong, "edit rate");
  s.r_wrong = mem_alloc(r, sizeof *s.r_wrong, "edit rate");
  memcpy(s.words, hypothesis, h * sizeof *s.words);
  int edits = search(&s);
  mem_free(s.words);
  mem_free(s.shifted);
  mem_free(s.best);
  mem_free(s.costs);
  mem_free(s.steps);
  mem_free(s.rows);
  mem_free(s.align);
  mem_free(s.h_wrong);
  mem_free(s.r_wrong);
  return edits;
}

enum { EDITS, LENGTH, N_STATS };

typedef struct Work {
  Str lowered;
  Pieces hypothesis, reference;
  StrMap known;
  int *h, *r;
  int h_cap, r_cap;
} Work;

static void cut(Work *w, Pieces *pieces, const MetricText *text, int **ids, int *cap) {
  str_clear(&w->lowered);
  unicode_lower(&w->lowered, text->at, text->n);
  pieces_words(pieces, str_text(&w->lowered), w->lowered.n, unicode_space);
  pieces_ids(pieces, &w->known, ids, cap);
}

static bool measure(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  (void)err;
  Work *w = work;
  double lengths = 0;
  cut(w, &w->hypothesis, &line->hypothesis, &w->h, &w->h_cap);
  for (int i = 0; i < line->n_references; i++) {
    cut(w, &w->reference, &line->references[i], &w->r, &w->r_cap);
    int edits = ter_edits(w->h, w->hypothesis.n, w->r, w->reference.n);
    if (i == 0 || edits < stats[EDITS]) stats[EDITS] = edits;
    lengths += w->reference.n;
  }
  stats[LENGTH] = lengths / line->n_references;
  return true;
}

static int values(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  double rate = sums[EDITS] > 0 ? 1 : 0;
  if (sums[LENGTH] > 0) rate = sums[EDITS] / sums[LENGTH];
  out[0] = (MetricValue){"TER", 100 * rate, 1};
  return 1;
}

static void signature(Str *out, const MetricOptions *options) {
  (void)options;
  str_adds(out, "case:lc|tok:tercom|norm:no|punct:yes|asian:no");
}

static void release(void *work) {
  Work *w = work;
  str_free(&w->lowered);
  pieces_free(&w->hypothesis);
  pieces_free(&w->reference);
  strmap_free(&w->known);
  mem_free(w->h);
  mem_free(w->r);
}

const MetricDef ter_metric = {.name = "ter",
                              .title = "TER",
                              .n_stats = N_STATS,
                              .errors = true,
                              .size = sizeof(Work),
                              .measure = measure,
                              .values = values,
                              .signature = signature,
                              .release = release};
