#include "search/score.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "search/fit.h"
#include "search/spread.h"
#include "text/batch.h"

enum { READ_AHEAD = 20 }; /* batches */

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

void score_heads(Score *s) {
  CHECK(s->n_models == 1, "heads of %d models", s->n_models);
  s->heads = true;
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

/* Pairs read ahead. */
typedef struct Ahead {
  const Ensemble *ensemble;
  Pairs *pairs;
  int batch_size;
  int first; /* id of the first pair */
  int n, cap;
  Fit source_fit, target_fit;
  Tokenized *sources, *targets; /* [cap] */
  IdPair *ids;                  /* [cap] */
  Hypothesis *results;          /* [cap] */
  Str shared;                   /* with other ranks: source and target of each pair */
} Ahead;

static void ahead_grow(Ahead *a) {
  if (a->n < a->cap) return;
  int cap = a->cap == 0 ? 64 : 2 * a->cap;
  size_t more = (size_t)(cap - a->cap) * sizeof *a->sources;
  a->sources = mem_grow(a->sources, (size_t)cap, sizeof *a->sources, "pairs");
  a->targets = mem_grow(a->targets, (size_t)cap, sizeof *a->targets, "pairs");
  a->ids = mem_grow(a->ids, (size_t)cap, sizeof *a->ids, "pairs");
  a->results = mem_grow(a->results, (size_t)cap, sizeof *a->results, "pairs");
  memset(a->sources + a->cap, 0, more);
  memset(a->targets + a->cap, 0, more);
  a->cap = cap;
}

static void ahead_free(Ahead *a) {
  for (int i = 0; i < a->cap; i++) {
    tokenized_free(&a->sources[i]);
    tokenized_free(&a->targets[i]);
  }
  mem_free(a->sources);
  mem_free(a->targets);
  mem_free(a->ids);
  mem_free(a->results);
  str_free(&a->shared);
  fit_free(&a->source_fit);
  fit_free(&a->target_fit);
}

static bool ahead_add(Ahead *a, const Pair *pair, Err *err) {
  ahead_grow(a);
  const Translator *t = a->ensemble->members[0];
  Tokenized *source = &a->sources[a->n], *target = &a->targets[a->n];
  if (!tokenized_read(source, t->source_tokenizer, t->source_vocab, pair->source, pair->n_source, err))
    return err_prefix(err, "%s:%ld: ", pairs_path(a->pairs), pairs_number(a->pairs));
  tokenized_set(target, t->target_tokenizer, t->target_vocab, pair->target, pair->n_target);
  const ModelLimits *longest = &a->ensemble->longest;
  bool source_is_known = model_knows(longest, source->tokens.n, 0, err);
  if (source_is_known && !model_knows(longest, 0, target->tokens.n, err))
    return err_prefix(err, "%s:%ld: ", pairs_target_path(a->pairs), pairs_number(a->pairs));
  if (!source_is_known || !ensemble_scores(a->ensemble, source->tokens.n, target->tokens.n, err))
    return err_prefix(err, "%s:%ld: ", pairs_path(a->pairs), pairs_number(a->pairs));
  fit_add(&a->source_fit, source, source->tokens.n);
  fit_add(&a->target_fit, target, target->tokens.n);
  a->ids[a->n++] = (IdPair){tokenized_ids(source, source->tokens.n), tokenized_ids(target, target->tokens.n)};
  return true;
}

/* Adds the next pairs; 1, 0 at the end, -1 on error, as pairs_next. */
static int ahead_take(Ahead *a, Err *err) {
  Pair pair;
  int got = 1;
  int64_t most = (int64_t)READ_AHEAD * a->batch_size;
  str_clear(&a->shared);
  while (got == 1 && a->n < most) {
    got = pairs_next(a->pairs, &pair, err);
    if (got == 1 && ranks_count() > 1) {
      spread_add_line(&a->shared, pair.source, pair.n_source);
      spread_add_line(&a->shared, pair.target, pair.n_target);
    }
    if (got == 1 && !ahead_add(a, &pair, err)) got = -1;
  }
  return got;
}

/* Replaces the pairs by the next ones, which rank 0 reads, on all ranks; returns as ahead_take. */
static int ahead_read(Ahead *a, Err *err) {
  size_t at = 0;
  Pair pair;
  a->first += a->n;
  a->n = 0;
  int got = ranks_me() == 0 ? ahead_take(a, err) : 1;
  if (ranks_count() == 1) return got;
  spread_text(&a->shared, &got);
  while (ranks_me() > 0 && spread_next_line(&a->shared, &at, &pair.source, &pair.n_source)) {
    (void)spread_next_line(&a->shared, &at, &pair.target, &pair.n_target);
    if (!ahead_add(a, &pair, err)) return -1;
  }
  return got;
}

bool score_lines(const Ensemble *ensemble, Pool *pool, Pairs *pairs, const ScoreOptions *options,
                 bool (*line)(void *ctx, const ScoredLine *line, Err *err), void *ctx, Err *err) {
  ensemble_pack(ensemble, pool);
  Score *s = score_new(ensemble->models, ensemble->n, pool);
  if (options->heads) score_heads(s);
  score_spread(s);
  Ahead a = {.ensemble = ensemble, .pairs = pairs, .batch_size = options->batch_size};
  a.source_fit = fit_new(ensemble->members[0], false);
  a.target_fit = fit_new(ensemble->members[0], true);
  int got = 1;
  bool ok = true;
  while (ok && got == 1) {
    got = ahead_read(&a, err);
    if (err->kind != ERR_NONE && ranks_me() > 0) break;
    score_pairs(s, a.ids, a.n, a.batch_size, a.results);
    ok = ensemble_unchanged(ensemble, err);
    for (int i = 0; ok && i < a.n && ranks_me() == 0; i++) {
      ScoredLine scored = {a.first + i, &a.sources[i].tokens, &a.targets[i].tokens, &a.ids[i], &a.results[i]};
      ok = line(ctx, &scored, err);
    }
    ok = ranks_max(!ok) == 0; /* the output of rank 0 may have been closed */
  }
  ok = ok && got == 0;
  if (ok)
    fit_warn_pair(&a.source_fit, pairs_path(pairs), &a.target_fit, pairs_target_path(pairs), pairs_warnings(pairs));
  ahead_free(&a);
  score_free(s);
  return ok;
}
