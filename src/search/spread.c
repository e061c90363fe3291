#include "search/spread.h"

#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "num/blas.h"
#include "num/kernels.h"

/* ---- Agreement. */

/* What a model is known by: its config and how its training went. */
static void describe(const Translator *t, Str *out) {
  Json *config = config_to_json(&t->config, true);
  json_print(out, t->history, false);
  json_print(out, config, false);
  json_free(config);
}

bool spread_agree(const Ensemble *e, Err *err) {
  if (ranks_count() == 1) return true;
  if (!ranks_agree_on_program(kernels_name(), blas_describe(), err)) return false;
  Str *texts = mem_zero((size_t)e->n, sizeof *texts, "ranks");
  RanksClaim *claims = mem_zero((size_t)e->n, sizeof *claims, "ranks");
  for (int m = 0; m < e->n; m++) {
    describe(e->members[m], &texts[m]);
    claims[m] = (RanksClaim){"the model's history and config", str_text(&texts[m])};
  }
  bool same = ranks_agree(claims, e->n, err);
  for (int m = 0; m < e->n; m++) str_free(&texts[m]);
  mem_free(texts);
  mem_free(claims);
  return same;
}

/* ---- Batches. */

int spread_count(int n) { return (n - ranks_me() + ranks_count() - 1) / ranks_count(); }
int spread_batch(int k) { return ranks_me() + k * ranks_count(); }

/* ---- Text. */

static void put(Str *out, const void *at, size_t n) { str_add(out, at, n); }

void spread_add_line(Str *text, const char *line, size_t n) {
  put(text, &n, sizeof n);
  put(text, line, n);
}

bool spread_next_line(const Str *text, size_t *at, const char **line, size_t *n) {
  if (*at == text->n) return false;
  memcpy(n, text->at + *at, sizeof *n);
  *line = text->at + *at + sizeof *n;
  *at += sizeof *n + *n;
  return true;
}

void spread_text(Str *text, int *number) {
  size_t n = text->n;
  ranks_broadcast(number, sizeof *number);
  ranks_broadcast(&n, sizeof n);
  char *at = mem_zero(n + 1, 1, "ranks");
  if (ranks_me() == 0) memcpy(at, str_text(text), n);
  ranks_broadcast(at, n);
  str_clear(text);
  str_add(text, at, n);
  mem_free(at);
}

/* ---- Results. A Hypothesis as it is, then the numbers that it points to, those that are there. */

/* Calls each with every array of a hypothesis: where its pointer is, and its bytes when it is there. */
typedef void Each(void *ctx, const void **at, size_t n);
static void each_array(Hypothesis *h, Each *each, void *ctx) {
  size_t t = (size_t)h->n_target, s = (size_t)h->n_source;
  each(ctx, (const void **)&h->tokens, t * sizeof *h->tokens);
  each(ctx, (const void **)&h->token_logprob, t * sizeof *h->token_logprob);
  each(ctx, (const void **)&h->weights, t * s * sizeof *h->weights);
  each(ctx, (const void **)&h->centre, t * sizeof *h->centre);
  each(ctx, (const void **)&h->chosen, t * sizeof *h->chosen);
  each(ctx, (const void **)&h->steps.source, s * sizeof *h->steps.source);
  each(ctx, (const void **)&h->steps.target, t * sizeof *h->steps.target);
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++) {
    HeadWeights *w = &h->heads.of[k];
    size_t n = head_weights_count(w);
    if (n == 0) *w = (HeadWeights){0};
    each(ctx, (const void **)&w->names, n * sizeof *w->names);
    each(ctx, (const void **)&w->at, n * head_weights_cells(k, h->n_target, h->n_source) * sizeof *w->at);
  }
}

static void write_array(void *ctx, const void **at, size_t n) {
  if (*at != NULL) put(ctx, *at, n);
}

typedef struct Reader {
  const char *at;
  Arena *arena;
} Reader;

static void read_array(void *ctx, const void **at, size_t n) {
  Reader *r = ctx;
  if (*at == NULL) return; /* there on the other rank or not */
  void *copy = arena_alloc(r->arena, n, 1);
  memcpy(copy, r->at, n);
  r->at += n;
  *at = copy;
}

void spread_add(Str *found, int i, const BeamResult *result) {
  const int head[2] = {i, result->n};
  put(found, head, sizeof head);
  for (int k = 0; k < result->n; k++) {
    Hypothesis h = result->best[k];
    put(found, &h, sizeof h);
    each_array(&h, write_array, found);
  }
}

static void read_result(Reader *r, BeamResult *results) {
  int head[2];
  memcpy(head, r->at, sizeof head);
  r->at += sizeof head;
  BeamResult *result = &results[head[0]];
  *result = (BeamResult){head[1], arena_alloc(r->arena, (size_t)head[1], sizeof *result->best)};
  for (int k = 0; k < head[1]; k++) {
    Hypothesis h;
    memcpy(&h, r->at, sizeof h);
    r->at += sizeof h;
    each_array(&h, read_array, r);
    result->best[k] = h;
  }
}

void spread_results(const Str *found, Arena *arena, BeamResult *results) {
  size_t count = (size_t)ranks_count(), me = (size_t)ranks_me();
  double *sizes = mem_zero(count, sizeof *sizes, "ranks");
  size_t *starts = mem_zero(count + 1, sizeof *starts, "ranks");
  sizes[me] = (double)found->n;
  ranks_sum(sizes, count);
  for (size_t r = 0; r < count; r++) starts[r + 1] = starts[r] + (size_t)sizes[r];
  char *all = mem_alloc(starts[count] + 1, 1, "ranks");
  if (found->n > 0) memcpy(all + starts[me], found->at, found->n);
  ranks_spread(all, starts);
  for (size_t r = 0; r < count; r++)
    for (Reader reader = {all + starts[r], arena}; r != me && reader.at < all + starts[r + 1];)
      read_result(&reader, results);
  mem_free(all);
  mem_free(starts);
  mem_free(sizes);
}
