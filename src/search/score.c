#include "search/score.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "search/spread.h"
#include "text/batch.h"

struct Score {
  Pool *pool;
  const Model *const *models;
  int n_models;
  bool heads;
  bool spread;    /* over the ranks */
  double most;    /* numbers of a batch */
  Arena **arenas; /* [workers] results */
  Arena **passes; /* [workers] the passes of the models over a batch */
  BatchPlan plan;
  int cap;
  PairLength *lengths; /* [cap] */
  /* The call at hand. */
  const IdPair *pairs;
  Hypothesis *results;
};

Score *score_new(const Model *const *models, int n_models, Pool *pool) {
  Score *s = mem_zero(1, sizeof *s, "scoring");
  size_t workers = (size_t)pool_size(pool);
  *s = (Score){.pool = pool, .models = models, .n_models = n_models, .most = MODEL_MOST_WEIGHTS};
  s->arenas = mem_zero(workers, sizeof(Arena *), "scoring");
  s->passes = mem_zero(workers, sizeof(Arena *), "scoring");
  for (size_t w = 0; w < workers; w++) {
    s->arenas[w] = arena_new();
    s->passes[w] = arena_new();
  }
  return s;
}

void score_heads(Score *s, bool heads) {
  CHECK(!heads || s->n_models == 1, "heads of %d models", s->n_models);
  s->heads = heads;
}

void score_spread(Score *s) { s->spread = ranks_count() > 1; }

void score_most(Score *s, double most) { s->most = most; }
int score_batches(const Score *s) { return s->plan.n_batches; }

void score_free(Score *s) {
  if (s == NULL) return;
  for (int w = 0; w < pool_size(s->pool); w++) {
    arena_free(s->arenas[w]);
    arena_free(s->passes[w]);
  }
  mem_free(s->arenas);
  mem_free(s->passes);
  batch_free(&s->plan);
  mem_free(s->lengths);
  mem_free(s);
}

/* Log of the mean of n probabilities, given their logs. */
static double log_mean(const double *logprob, int n) {
  double high = logprob[0], sum = 0;
  for (int m = 1; m < n; m++) high = fmax(high, logprob[m]);
  if (high == -(double)INFINITY) return high;
  for (int m = 0; m < n; m++) sum += exp(logprob[m] - high);
  return high + log(sum / n);
}

/* The target's tokens and room for the rest. */
static Hypothesis open_result(Arena *arena, const IdPair *pair) {
  size_t n = (size_t)pair->target.n + 1, cols = (size_t)ids_rows(&pair->source);
  int32_t *tokens = arena_alloc(arena, n, sizeof *tokens);
  if (n > 1) memcpy(tokens, pair->target.at, (n - 1) * sizeof *tokens);
  tokens[n - 1] = ID_EOS;
  return (Hypothesis){.n_target = (int)n, .n_source = (int)cols, .tokens = tokens};
}

static HeadWeights copy_heads(Arena *arena, const HeadWeights *heads, size_t cells) {
  HeadWeights copy = *heads;
  size_t n = head_weights_count(heads);
  if (n == 0) return (HeadWeights){0};
  float *at = arena_alloc(arena, n * cells, sizeof *at);
  HeadName *names = arena_alloc(arena, n, sizeof *names);
  memcpy(at, heads->at, n * cells * sizeof *at);
  memcpy(names, heads->names, n * sizeof *names);
  copy.at = at;
  copy.names = names;
  return copy;
}

static const double *copy_numbers(Arena *arena, const double *numbers, int n) {
  if (numbers == NULL) return NULL;
  double *copy = arena_alloc(arena, (size_t)n, sizeof *copy);
  memcpy(copy, numbers, (size_t)n * sizeof *copy);
  return copy;
}

static const int *copy_chosen(Arena *arena, const int *chosen, int n) {
  if (chosen == NULL) return NULL;
  int *copy = arena_alloc(arena, (size_t)n, sizeof *copy);
  memcpy(copy, chosen, (size_t)n * sizeof *copy);
  return copy;
}

/* What n members say of one pair, as one. */
static Hypothesis combine(Arena *arena, const IdPair *pair, const ModelScore *const *scores, int b, int n) {
  Hypothesis h = open_result(arena, pair);
  size_t cells = (size_t)h.n_target * (size_t)h.n_source;
  double *logprob = arena_alloc(arena, (size_t)h.n_target, sizeof *logprob);
  double *each = arena_alloc(arena, (size_t)n, sizeof *each);
  float *weights = arena_alloc(arena, cells, sizeof *weights);
  for (int t = 0; t < h.n_target; t++) {
    for (int m = 0; m < n; m++) each[m] = (double)scores[m][b].logprob[t];
    logprob[t] = log_mean(each, n);
    h.logprob += logprob[t];
  }
  for (size_t i = 0; i < cells; i++) {
    double sum = 0;
    for (int m = 0; m < n; m++) sum += (double)scores[m][b].weights[i];
    weights[i] = (float)(sum / n);
  }
  h.score = h.logprob;
  h.token_logprob = logprob;
  h.weights = weights;
  if (n == 1) {
    h.centre = copy_numbers(arena, scores[0][b].centre, h.n_target);
    h.chosen = copy_chosen(arena, scores[0][b].chosen, h.n_target);
    h.steps.source = copy_numbers(arena, scores[0][b].steps.source, h.n_source);
    h.steps.target = copy_numbers(arena, scores[0][b].steps.target, h.n_target);
  }
  for (HeadKind k = 0; n == 1 && k < N_HEAD_KINDS; k++)
    h.heads.of[k] = copy_heads(arena, &scores[0][b].heads.of[k], head_weights_cells(k, h.n_target, h.n_source));
  return h;
}

static void score_batch(void *ctx, int task, int worker) {
  Score *s = ctx;
  int n;
  const int *index = batch_pairs(&s->plan, s->spread ? spread_batch(task) : task, &n);
  Arena *pass = s->passes[worker];
  arena_reset(pass);
  IdPair *pairs = arena_alloc(pass, (size_t)n, sizeof *pairs);
  const ModelScore **scores = arena_alloc(pass, (size_t)s->n_models, sizeof(ModelScore *));
  for (int j = 0; j < n; j++) pairs[j] = s->pairs[index[j]];
  for (int m = 0; m < s->n_models; m++) {
    Tape tape = {.arena = pass, .params = &s->models[m]->params};
    ModelScore *of_model = arena_alloc(pass, (size_t)n, sizeof *of_model);
    if (s->heads) model_score_heads(s->models[m], &tape, pairs, n, of_model);
    else model_score(s->models[m], &tape, pairs, n, of_model);
    scores[m] = of_model;
  }
  for (int j = 0; j < n; j++) s->results[index[j]] = combine(s->arenas[worker], &pairs[j], scores, j, s->n_models);
}

/* What this rank has found goes to all others, and theirs comes here. */
static void share(Score *s, int n_pairs) {
  Str found = {0};
  BeamResult *results = mem_zero((size_t)n_pairs, sizeof *results, "scoring");
  for (int k = 0; k < spread_count(s->plan.n_batches); k++) {
    int n;
    const int *index = batch_pairs(&s->plan, spread_batch(k), &n);
    for (int j = 0; j < n; j++) spread_add(&found, index[j], &(BeamResult){1, &s->results[index[j]]});
  }
  spread_results(&found, s->arenas[0], results);
  for (int i = 0; i < n_pairs; i++)
    if (results[i].n > 0) s->results[i] = results[i].best[0];
  mem_free(results);
  str_free(&found);
}

void score_pairs(Score *s, const IdPair *pairs, int n, int batch_size, Hypothesis *results) {
  for (int w = 0; w < pool_size(s->pool); w++) arena_reset(s->arenas[w]);
  if (n == 0) return;
  if (n > s->cap) s->lengths = mem_grow(s->lengths, (size_t)n, sizeof *s->lengths, "scoring");
  if (n > s->cap) s->cap = n;
  for (int i = 0; i < n; i++) s->lengths[i] = (PairLength){(uint32_t)pairs[i].source.n, (uint32_t)pairs[i].target.n};
  s->pairs = pairs;
  s->results = results;
  BatchOptions batches = {.batch_size = batch_size, .most_room = s->most};
  for (int m = 0; m < s->n_models; m++)
    batches.room = model_config_room_sum(batches.room, model_config_room(&s->models[m]->config));
  if (s->heads) batches.room = model_config_room_sum(batches.room, batches.room); /* and as they are given */
  batch_plan_sequential(&s->plan, s->lengths, n, &batches);
  pool_run(s->pool, s->spread ? spread_count(s->plan.n_batches) : s->plan.n_batches, score_batch, s);
  if (s->spread) share(s, n);
}
