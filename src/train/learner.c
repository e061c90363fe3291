#include "train/learner.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

typedef struct Shard {
  IdPair *pairs; /* [n] */
  int *row;      /* [n] rows in the whole batch */
  int *index;    /* [n] numbers in the corpus */
  int n;
  double loss, guided;
} Shard;

struct Learner {
  Translator *translator;
  const Corpus *corpus;
  const Guide *guide; /* or NULL */
  Pool *pool;
  Optim *optim;
  Tape *tapes; /* one a worker */
  int n_shards;
  Shard *shards;
  int room;      /* pairs a shard's arrays hold */
  real *total;   /* gradient of the update */
  real **blocks; /* [n_blocks] gradients of shards that do not go into total at once */
  int n_blocks;
  Profile *profile; /* of what is done to whole gradients; or NULL */
};

Learner *learner_new(Translator *translator, const Corpus *corpus, Pool *pool) {
  Learner *l = mem_zero(1, sizeof *l, "learner");
  ParamSet *params = &translator->model->params;
  int workers = pool_size(pool);
  l->translator = translator;
  l->corpus = corpus;
  l->pool = pool;
  l->n_shards = translator->config.train.shards;
  l->optim = optim_new(params, &translator->config.train.optimizer);
  if (translator->config.train.ema > 0) optim_keep_average(l->optim, translator->config.train.ema);
  l->tapes = mem_zero((size_t)workers, sizeof *l->tapes, "learner");
  for (int w = 0; w < workers; w++) l->tapes[w] = (Tape){.arena = arena_new(), .params = params};
  l->shards = mem_zero((size_t)l->n_shards, sizeof *l->shards, "learner");
  l->total = param_block(params, "gradients");
  /* At most as many shards as workers are under way at once. */
  l->n_blocks = workers < l->n_shards ? workers : l->n_shards;
  l->blocks = mem_zero((size_t)l->n_blocks, sizeof *l->blocks, "learner");
  /* The first shard of an update writes into total: its block is needed only when it stands for more shards or batches.
   */
  bool one_wave = l->n_blocks == l->n_shards && translator->config.train.accumulate == 1;
  for (int b = one_wave ? 1 : 0; b < l->n_blocks; b++) l->blocks[b] = param_block(params, "shard gradients");
  return l;
}

void learner_free(Learner *l) {
  if (l == NULL) return;
  for (int w = 0; w < pool_size(l->pool); w++) arena_free(l->tapes[w].arena);
  for (int s = 0; s < l->n_shards; s++) {
    mem_free(l->shards[s].pairs);
    mem_free(l->shards[s].row);
    mem_free(l->shards[s].index);
  }
  for (int b = 0; b < l->n_blocks; b++) mem_free(l->blocks[b]);
  mem_free(l->blocks);
  mem_free(l->shards);
  mem_free(l->tapes);
  mem_free(l->total);
  optim_free(l->optim);
  mem_free(l);
}

Optim *learner_optim(Learner *l) { return l->optim; }

void learner_guide(Learner *l, const Guide *guide) { l->guide = guide; }

void learner_profile(Learner *l, Profile *profiles) {
  int workers = pool_size(l->pool);
  for (int w = 0; w < workers; w++) l->tapes[w].profile = profiles == NULL ? NULL : &profiles[w];
  l->profile = profiles == NULL ? NULL : &profiles[workers];
}

static void make_room(Learner *l, int n) {
  if (n <= l->room) return;
  l->room = n;
  for (int s = 0; s < l->n_shards; s++) {
    l->shards[s].pairs = mem_grow(l->shards[s].pairs, (size_t)n, sizeof *l->shards[s].pairs, "shard");
    l->shards[s].row = mem_grow(l->shards[s].row, (size_t)n, sizeof *l->shards[s].row, "shard");
    l->shards[s].index = mem_grow(l->shards[s].index, (size_t)n, sizeof *l->shards[s].index, "shard");
  }
}

/* Deals the rows of a batch to the shards. */
static void deal(Learner *l, const BatchPlan *plan, int batch) {
  int n;
  const int *pairs = batch_pairs(plan, batch, &n);
  make_room(l, n / l->n_shards + 1);
  for (int s = 0; s < l->n_shards; s++) l->shards[s].n = 0;
  for (int j = 0; j < n; j++) {
    Shard *s = &l->shards[j % l->n_shards];
    s->row[s->n] = j;
    s->index[s->n] = pairs[j];
    s->pairs[s->n++] = corpus_pair(l->corpus, pairs[j]);
  }
}

typedef struct Wave {
  Learner *learner;
  int first;      /* shard of task 0 */
  bool to_total;  /* shard 0 writes into total */
  double scale;   /* of the loss: 1 / tokens of the update */
  uint64_t noise; /* number of the batch among all batches of the training */
} Wave;

/* The links of a shard's pairs, on the tape's arena. */
static const Linked *const *find_links(const Learner *l, const Shard *s, Tape *tape) {
  const Linked **links = tape_alloc(tape, (size_t)s->n, sizeof *links);
  for (int j = 0; j < s->n; j++) links[j] = guide_links(l->guide, s->index[j], &s->pairs[j], tape->arena);
  return links;
}

static void run_pairs(const Learner *l, Shard *s, Tape *tape, const Noise *noise, double scale) {
  const TrainConfig *c = &l->translator->config.train;
  const GuidedConfig *guided = &c->guided_alignment;
  ModelGuide guide;
  if (l->guide != NULL)
    guide = (ModelGuide){find_links(l, s, tape), (GuideOptions){guided->loss, guided->weight * scale}};
  s->loss = model_guided_loss(l->translator->model, tape, s->pairs, s->n, noise,
                              (XentOptions){c->label_smoothing, scale}, l->guide != NULL ? &guide : NULL, &s->guided)
                .loss;
}

static void run_shard(void *ctx, int task, int worker) {
  const Wave *wave = ctx;
  Learner *l = wave->learner;
  const Config *config = &l->translator->config;
  Shard *s = &l->shards[wave->first + task];
  Tape *tape = &l->tapes[worker];
  tape->recording = true;
  tape->grads = wave->to_total && wave->first + task == 0 ? l->total : l->blocks[task];
  profile_start(tape->profile);
  memset(tape->grads, 0, tape->params->size * sizeof(real));
  profile_lap(tape->profile, "gradients cleared", "");
  s->loss = s->guided = 0;
  if (s->n == 0) return;
  tape_reset(tape);
  Noise noise = noise_of(&config->model, (uint64_t)config->train.seed, wave->noise, s->row);
  run_pairs(l, s, tape, &noise, wave->scale);
  tape_backward(tape);
}

/* Adds the gradient of one batch to total, its losses to sum. first_batch: total holds nothing yet. */
static void add_batch(Learner *l, bool first_batch, double scale, uint64_t noise, LearnerResult *sum) {
  double loss = 0, guided = 0;
  for (int first = 0; first < l->n_shards; first += l->n_blocks) {
    int n = l->n_shards - first < l->n_blocks ? l->n_shards - first : l->n_blocks;
    Wave wave = {l, first, first_batch, scale, noise};
    pool_run(l->pool, n, run_shard, &wave);
    profile_start(l->profile);
    for (int k = 0; k < n; k++) {
      loss += l->shards[first + k].loss;
      guided += l->shards[first + k].guided;
      if (!first_batch || first + k > 0) optim_sum(l->optim, l->pool, l->total, l->blocks[k]);
    }
    profile_lap(l->profile, "gradients summed", "");
  }
  sum->loss += loss;
  sum->guided += guided;
}

static int64_t count_tokens(const Learner *l, const BatchPlan *plan, int first, int n) {
  const PairLength *lengths = corpus_lengths(l->corpus);
  int64_t tokens = 0;
  for (int b = first; b < first + n; b++) {
    int n_pairs;
    const int *pairs = batch_pairs(plan, b, &n_pairs);
    for (int j = 0; j < n_pairs; j++) tokens += lengths[pairs[j]].target + 1;
  }
  return tokens;
}

/* The weights as they are now, packed for the steps; whoever changed them. */
static void pack_weights(Learner *l) {
  profile_start(l->profile);
  param_pack(&l->translator->model->params, l->pool, false);
  profile_lap(l->profile, "weights packed", "");
}

void learner_warm_up(Learner *l, const BatchPlan *plan) {
  pack_weights(l);
  deal(l, plan, plan->largest);
  LearnerResult ignored = {0};
  add_batch(l, true, 1, 0, &ignored);
  size_t most = 0;
  for (int w = 0; w < pool_size(l->pool); w++) {
    size_t n = arena_capacity(l->tapes[w].arena);
    if (n > most) most = n;
  }
  for (int w = 0; w < pool_size(l->pool); w++) {
    tape_reset(&l->tapes[w]);
    (void)arena_alloc(l->tapes[w].arena, most, 1);
    tape_reset(&l->tapes[w]);
  }
}

bool learner_update(Learner *l, const BatchPlan *plan, int first, int n, long t, double lr, LearnerResult *result,
                    Err *err) {
  int64_t tokens = count_tokens(l, plan, first, n);
  LearnerResult sum = {.tokens = tokens};
  pack_weights(l);
  for (int k = 0; k < n; k++) {
    deal(l, plan, first + k);
    uint64_t noise = (uint64_t)(t - 1) * (uint64_t)l->translator->config.train.accumulate + (uint64_t)k;
    add_batch(l, k == 0, 1 / (double)tokens, noise, &sum);
  }
  profile_start(l->profile);
  double loss = sum.loss, norm = sum.norm = optim_norm(l->optim, l->pool, l->total);
  *result = sum;
  if (!isfinite(loss) || !isfinite(norm)) {
    const char *name = optim_not_finite(l->optim, l->pool, l->total);
    return err_set(err, ERR_FILE,
                   "update %ld: the %s of %s is not finite: training has diverged; lower train.optimizer.lr or "
                   "train.optimizer.clip_norm",
                   t, name != NULL ? "gradient" : "loss", name != NULL ? name : "the batch");
  }
  optim_update(l->optim, l->pool, l->total, norm, lr, t);
  profile_lap(l->profile, "optimizer", "");
  return true;
}

typedef struct Validation {
  const Model *model;
  Tape *tapes; /* one a worker */
  const Corpus *corpus;
  const BatchPlan *plan;
  double *loss; /* one a batch */
} Validation;

static void validate_batch(void *ctx, int task, int worker) {
  const Validation *v = ctx;
  Tape *tape = &v->tapes[worker];
  tape->recording = false;
  tape_reset(tape);
  int n;
  const int *index = batch_pairs(v->plan, task, &n);
  IdPair *pairs = tape_alloc(tape, (size_t)n, sizeof *pairs);
  for (int j = 0; j < n; j++) pairs[j] = corpus_pair(v->corpus, index[j]);
  v->loss[task] = model_loss(v->model, tape, pairs, n, NULL, (XentOptions){0, 1}).loss;
}

/* The learner's own tapes, whose memory is there, and further ones for a pool of more workers. */
static Tape *lend_tapes(const Learner *l, int workers) {
  Tape *tapes = mem_alloc((size_t)workers, sizeof *tapes, "validation");
  for (int w = 0; w < workers; w++)
    tapes[w] =
        w < pool_size(l->pool) ? l->tapes[w] : (Tape){.arena = arena_new(), .params = &l->translator->model->params};
  return tapes;
}

double learner_validate(Learner *l, Pool *pool, const Corpus *corpus, const BatchPlan *plan, int64_t *tokens) {
  int workers = pool_size(pool);
  Validation v = {l->translator->model, lend_tapes(l, workers), corpus, plan,
                  mem_zero((size_t)plan->n_batches, sizeof(double), "validation")};
  pack_weights(l);
  pool_run(pool, plan->n_batches, validate_batch, &v);
  double loss = 0;
  for (int b = 0; b < plan->n_batches; b++) loss += v.loss[b];
  for (int w = pool_size(l->pool); w < workers; w++) arena_free(v.tapes[w].arena);
  mem_free(v.tapes);
  mem_free(v.loss);
  *tokens = corpus_stats(corpus)->n_target + corpus_size(corpus);
  return loss;
}
