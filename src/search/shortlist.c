#include "search/shortlist.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "num/idset.h"
#include "text/lines.h"

const ShortlistOptions shortlist_usual = {.n_common = 100, .n_best = 50};

struct Shortlist {
  int n_source, n_target; /* sizes of the vocabularies */
  int n_common;           /* with the specials */
  int *start;             /* [n_source + 1] */
  int32_t *targets;       /* those of source token i: start[i] .. start[i + 1] - 1; none below n_common */
};

typedef struct Link {
  int32_t source, target;
  double weight;
} Link;

typedef struct Reader {
  Lines *lines;
  const Vocab *source, *target;
  Link *links;
  int n, cap;
  long n_unknown; /* lines left out */
} Reader;

/* The special it names, or a token of the vocabulary; -1: neither. */
static int32_t find(const Vocab *vocab, const char *text, size_t n) {
  for (int32_t id = 0; id < N_SPECIAL; id++)
    if (strlen(vocab_token(vocab, id)) == n && memcmp(vocab_token(vocab, id), text, n) == 0) return id;
  int32_t id = vocab_id(vocab, text, n);
  return id == ID_UNK ? -1 : id;
}

/* A finite number from 0. */
static bool read_weight(const char *text, size_t n, double *weight) {
  char copy[64], *end;
  if (n == 0 || n >= sizeof copy) return false;
  memcpy(copy, text, n);
  copy[n] = '\0';
  if (copy[strspn(copy, "0123456789.eE+-")] != '\0') return false;
  *weight = strtod(copy, &end);
  return *end == '\0' && isfinite(*weight) && *weight >= 0;
}

static bool bad_line(const Reader *r, Err *err) {
  return err_set(err, ERR_FILE,
                 "%s:%ld: is not SOURCE, tab, TARGET, tab, a weight from 0, as attn-seq2seq shortlist writes",
                 lines_path(r->lines), lines_number(r->lines));
}

static void add_link(Reader *r, Link link) {
  if (link.source < 0 || link.target < 0) {
    r->n_unknown++;
    return;
  }
  if (r->n == r->cap) {
    CHECK(r->cap <= INT_MAX / 2, "shortlist: %d links", r->n);
    r->cap = r->cap == 0 ? 1024 : 2 * r->cap;
    r->links = mem_grow(r->links, (size_t)r->cap, sizeof *r->links, "shortlist");
  }
  r->links[r->n++] = link;
}

static bool read_line(Reader *r, const char *line, size_t n, Err *err) {
  const char *end = line + n, *first = memchr(line, '\t', n);
  const char *second = first == NULL ? NULL : memchr(first + 1, '\t', (size_t)(end - first - 1));
  double weight;
  if (second == NULL || first == line || second == first + 1 ||
      !read_weight(second + 1, (size_t)(end - second - 1), &weight))
    return bad_line(r, err);
  add_link(r, (Link){find(r->source, line, (size_t)(first - line)),
                     find(r->target, first + 1, (size_t)(second - first - 1)), weight});
  return true;
}

static bool read_lines(Reader *r, Err *err) {
  const char *line;
  size_t n;
  int got;
  while ((got = lines_next(r->lines, &line, &n, err)) == 1)
    if (!read_line(r, line, n, err)) return false;
  return got == 0;
}

/* By source token, then falling weight, then target token. */
static int by_weight(const void *a, const void *b) {
  const Link *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  if (x->weight > y->weight || x->weight < y->weight) return x->weight > y->weight ? -1 : 1;
  return (x->target > y->target) - (x->target < y->target);
}

/* Of sorted links, the n_best of each source token. */
static Shortlist *choose(const Link *links, int n, const Vocab *source, const Vocab *target,
                         const ShortlistOptions *options) {
  Shortlist *s = mem_zero(1, sizeof *s, "shortlist");
  *s = (Shortlist){.n_source = vocab_size(source), .n_target = vocab_size(target)};
  s->n_common = options->n_common < s->n_target - N_SPECIAL ? N_SPECIAL + options->n_common : s->n_target;
  s->start = mem_zero((size_t)s->n_source + 1, sizeof *s->start, "shortlist");
  s->targets = mem_alloc((size_t)n + 1, sizeof *s->targets, "shortlist");
  int at = 0, kept = 0;
  for (int32_t token = 0; token < s->n_source; token++) {
    for (int rank = 0; at < n && links[at].source == token; at++, rank++)
      if (rank < options->n_best && links[at].target >= s->n_common) s->targets[kept++] = links[at].target;
    s->start[token + 1] = kept;
  }
  return s;
}

static void warn(const Reader *r, Warnings *warnings) {
  if (r->n_unknown > 0)
    warnings_add(warnings, WARNING_UNKNOWN, "%s: %ld of %ld lines left out: the model does not know their tokens",
                 lines_path(r->lines), r->n_unknown, r->n_unknown + r->n);
}

/* Without entries every output would be made of the commonest tokens. */
static bool check_any(const Reader *r, Err *err) {
  if (r->n > 0) return true;
  return err_set(err, ERR_FILE,
                 "%s: no entry of tokens that the model knows in its %ld lines; attn-seq2seq shortlist writes "
                 "a list for a model",
                 lines_path(r->lines), r->n_unknown);
}

Shortlist *shortlist_read(const char *path, const Vocab *source, const Vocab *target, const ShortlistOptions *options,
                          Warnings *warnings, Err *err) {
  Reader r = {.lines = lines_open(path, warnings, err), .source = source, .target = target};
  if (r.lines == NULL) return NULL;
  Shortlist *s = NULL;
  if (read_lines(&r, err) && check_any(&r, err)) {
    qsort(r.links, (size_t)r.n, sizeof *r.links, by_weight);
    s = choose(r.links, r.n, source, target, options);
    warn(&r, warnings);
  }
  mem_free(r.links);
  lines_close(r.lines);
  return s;
}

void shortlist_free(Shortlist *s) {
  if (s == NULL) return;
  mem_free(s->start);
  mem_free(s->targets);
  mem_free(s);
}

static void add_token(const Shortlist *s, IdSet *set, int32_t token) {
  idset_add(set, (Ids){s->targets + s->start[token], s->start[token + 1] - s->start[token]});
}

NarrowTokens shortlist_tokens(const Shortlist *s, Arena *arena, const Ids *sources, int n) {
  Ids *own = arena_alloc(arena, (size_t)n, sizeof *own);
  IdSet set = idset_new(arena, s->n_target);
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < sources[i].n; k++) add_token(s, &set, sources[i].at[k]);
    add_token(s, &set, ID_EOS);
    own[i] = idset_take(&set, arena);
  }
  return (NarrowTokens){s->n_common, own};
}
