#include "search/rescore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/fit.h"
#include "search/score.h"
#include "text/lines.h"
#include "text/nbest.h"

enum { READ_AHEAD = 20 }; /* batches */

/* An entry that waits. */
typedef struct Entry {
  Tokenized source, target;
  Str line;         /* as it was read */
  NbestEntry parts; /* views of it */
  double score;
} Entry;

typedef struct Rescore {
  const Ensemble *ensemble;
  const TranslateConfig *config;
  Lines *sources, *list;
  Score *score;
  Fit source_fit, target_fit;
  int id;               /* of the source line at hand, -1: before the first */
  long n_without;       /* lines of source so far that no entry is of */
  Str source;           /* that line */
  Entry *entries;       /* [cap] */
  int n, cap;           /* n wait, of whole lines of source but for the last */
  IdPair *pairs;        /* [cap] */
  Hypothesis *results;  /* [cap] */
  const Entry **ranked; /* [cap] */
  Str text;
} Rescore;

/* ---- Reading. */

static Entry *new_entry(Rescore *r) {
  if (r->n == r->cap) {
    int cap = 2 * r->cap + 64;
    r->entries = mem_grow(r->entries, (size_t)cap, sizeof *r->entries, "n-best list");
    r->pairs = mem_grow(r->pairs, (size_t)cap, sizeof *r->pairs, "n-best list");
    r->results = mem_grow(r->results, (size_t)cap, sizeof *r->results, "n-best list");
    r->ranked = mem_grow(r->ranked, (size_t)cap, sizeof *r->ranked, "n-best list");
    memset(r->entries + r->cap, 0, (size_t)(cap - r->cap) * sizeof *r->entries);
    r->cap = cap;
  }
  return &r->entries[r->n++];
}

/* Reads the source on to the line of that id. */
static bool find_source(Rescore *r, int id, Err *err) {
  const char *at;
  size_t n;
  const char *path = lines_path(r->list);
  long number = lines_number(r->list);
  if (id < r->id)
    return err_set(err, ERR_FILE, "%s:%ld: line %d after line %d; a list goes through the source once, line by line",
                   path, number, id, r->id);
  if (id > r->id) r->n_without += id - r->id - 1;
  while (r->id < id) {
    int got = lines_next(r->sources, &at, &n, err);
    if (got < 0) return false;
    if (got == 0)
      return err_set(err, ERR_FILE, "%s:%ld: line %d, counted from 0, but %s has %ld lines", path, number, id,
                     lines_path(r->sources), lines_number(r->sources));
    r->id++;
    str_clear(&r->source);
    str_add(&r->source, at, n);
  }
  return true;
}

static bool add_entry(Rescore *r, const char *at, size_t n, Err *err) {
  const Translator *t = r->ensemble->members[0];
  NbestEntry parts;
  if (!nbest_parse(&parts, at, n, lines_path(r->list), lines_number(r->list), err)) return false;
  if (!find_source(r, parts.id, err)) return false;
  Entry *e = new_entry(r);
  str_clear(&e->line);
  str_add(&e->line, at, n);
  parts.text = e->line.at + (parts.text - at);
  parts.features = e->line.at + (parts.features - at);
  e->parts = parts;
  if (!tokenized_read(&e->source, t->source_tokenizer, t->source_vocab, str_text(&r->source), r->source.n, err))
    return err_prefix(err, "%s:%d: ", lines_path(r->sources), parts.id + 1);
  tokenized_set(&e->target, t->target_tokenizer, t->target_vocab, parts.text, parts.n_text);
  fit_add(&r->source_fit, &e->source, e->source.tokens.n);
  fit_add(&r->target_fit, &e->target, e->target.tokens.n);
  if (!ensemble_scores(r->ensemble, e->source.tokens.n, 0, err))
    return err_prefix(err, "%s:%d: ", lines_path(r->sources), parts.id + 1);
  return ensemble_scores(r->ensemble, e->source.tokens.n, e->target.tokens.n, err) ||
         err_prefix(err, "%s:%ld: ", lines_path(r->list), lines_number(r->list));
}

/* Reads on; 1, 0 at the end, -1: an error. */
static int read_ahead(Rescore *r, Err *err) {
  const char *at;
  size_t n;
  int got = 1;
  int64_t most = (int64_t)READ_AHEAD * r->config->batch_size + r->n;
  while (got == 1 && r->n < most) {
    got = lines_next(r->list, &at, &n, err);
    if (got == 1 && !add_entry(r, at, n, err)) got = -1;
  }
  return got;
}

/* ---- Scoring. */

/* sum_i log min(sum_t a_t(i), 1), logs floored at log 1e-9 (Wu et al. 2016, eq. 14). */
static double coverage(const Hypothesis *h) {
  double sum = 0;
  for (int i = 0; i < h->n_source; i++) {
    double seen = 0;
    for (int t = 0; t < h->n_target; t++) seen += (double)h->weights[(size_t)t * (size_t)h->n_source + (size_t)i];
    sum += log(fmin(fmax(seen, 1e-9), 1));
  }
  return sum;
}

/* As a search ranks (beam.h). */
static double rank_score(const TranslateConfig *c, const Hypothesis *h) {
  double score = h->logprob / pow(h->n_target, c->length_penalty);
  return c->coverage_penalty > 0 ? score + c->coverage_penalty * coverage(h) : score;
}

/* Better first, of equal ones the earlier. */
static int by_score(const void *a, const void *b) {
  const Entry *x = *(const Entry *const *)a, *y = *(const Entry *const *)b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return x < y ? -1 : x > y;
}

static void rank(const Entry **ranked, const Entry *entries, int n) {
  for (int i = 0; i < n; i++) ranked[i] = &entries[i];
  qsort(ranked, (size_t)n, sizeof *ranked, by_score);
}

static void print(Str *out, const Entry *e, double logprob) {
  const NbestEntry *p = &e->parts;
  str_addf(out, "%d ||| %.*s ||| %.*s%sF%d= %g ||| %g\n", p->id, (int)p->n_text, p->text, (int)p->n_features,
           p->features, p->n_features > 0 ? " " : "", nbest_free_feature(p), logprob, e->score);
}

/* Entries from..to, all of one line of source. */
static void print_line(Rescore *r, int from, int to) {
  rank(r->ranked, r->entries + from, to - from);
  for (int i = 0; i < to - from; i++) print(&r->text, r->ranked[i], r->results[r->ranked[i] - r->entries].logprob);
}

/* The first n entries are done: their memory is used again. */
static void drop(Rescore *r, int n) {
  for (int i = n; i < r->n; i++) {
    Entry spare = r->entries[i - n];
    r->entries[i - n] = r->entries[i];
    r->entries[i] = spare;
  }
  r->n -= n;
}

/* Scores all that wait but for the line of source that more entries may come of. */
static void work_off(Rescore *r, bool ended) {
  int n = r->n;
  while (!ended && n > 0 && r->entries[n - 1].parts.id == r->id) n--;
  str_clear(&r->text);
  for (int i = 0; i < n; i++)
    r->pairs[i] = (IdPair){tokenized_ids(&r->entries[i].source, r->entries[i].source.tokens.n),
                           tokenized_ids(&r->entries[i].target, r->entries[i].target.tokens.n)};
  score_pairs(r->score, r->pairs, n, r->config->batch_size, r->results);
  for (int i = 0; i < n; i++) r->entries[i].score = rank_score(r->config, &r->results[i]);
  for (int from = 0, to; from < n; from = to) {
    for (to = from + 1; to < n && r->entries[to].parts.id == r->entries[from].parts.id;) to++;
    print_line(r, from, to);
  }
  drop(r, n);
}

/* Reads the source to its end, and says of how many lines there are entries. */
static bool tell_without(Rescore *r, const RescoreFiles *files, Warnings *warnings, Err *err) {
  const char *at;
  size_t n;
  int got;
  while ((got = lines_next(r->sources, &at, &n, err)) == 1) r->n_without++;
  if (got == 0 && r->n_without > 0)
    warnings_tell(warnings, "%s: no entry of %ld of the %ld lines of %s: is it the list of this text, whole?",
                  files->list, r->n_without, lines_number(r->sources), files->source);
  return got == 0;
}

static void release(Rescore *r) {
  for (int i = 0; i < r->cap; i++) {
    tokenized_free(&r->entries[i].source);
    tokenized_free(&r->entries[i].target);
    str_free(&r->entries[i].line);
  }
  lines_close(r->sources);
  lines_close(r->list);
  score_free(r->score);
  fit_free(&r->source_fit);
  fit_free(&r->target_fit);
  str_free(&r->source);
  str_free(&r->text);
  mem_free(r->entries);
  mem_free(r->pairs);
  mem_free(r->results);
  mem_free(r->ranked);
}

bool rescore_list(const Ensemble *ensemble, Pool *pool, const RescoreFiles *files, const TranslateConfig *config,
                  Warnings *warnings, bool (*line)(void *ctx, const char *at, size_t n, Err *err), void *ctx,
                  Err *err) {
  Rescore r = {.ensemble = ensemble, .config = config, .id = -1};
  r.sources = lines_open(files->source, warnings, err);
  bool joined = files->graph == NULL || (r.sources != NULL && lines_join(r.sources, files->graph, err));
  if (r.sources != NULL && joined) r.list = lines_open(files->list, warnings, err);
  r.source_fit = fit_new(ensemble->members[0], false);
  r.target_fit = fit_new(ensemble->members[0], true);
  bool ok = r.list != NULL;
  if (ok) ensemble_pack(ensemble, pool);
  if (ok) r.score = score_new(ensemble->models, ensemble->n, pool);
  for (int got = 1; ok && got == 1;) {
    got = read_ahead(&r, err);
    ok = got >= 0;
    if (ok) work_off(&r, got == 0);
    ok = ok && line(ctx, str_text(&r.text), r.text.n, err);
  }
  if (ok) fit_warn_pair(&r.source_fit, files->source, &r.target_fit, files->list, warnings);
  ok = ok && tell_without(&r, files, warnings, err);
  release(&r);
  return ok;
}
