#include "train/learner.h"

#include <math.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "train/rank_sum.h"

struct Learner {
  Translator *translator;
  const Corpus *corpus;
  const Guide *guide; /* or NULL */
  Pool *pool;
  Optim *optim;
  Tape *tapes; /* one a worker */
  int *uses;   /* [workers, params] of TapeWatch */
  int n_shards;
  ShardTree *tree;  /* of this rank's shards */
  RankSum *ranks;   /* with those of the others */
  double baseline;  /* b of reinforce, moved after each update; 0: there is none */
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
  /* The log-probability of a word by chance. */
  if (model_config_moves(&translator->config.model)) l->baseline = -log(translator->config.model.target_vocab);
  l->optim = optim_new(params, &translator->config.train.optimizer);
  if (translator->config.train.ema > 0) optim_keep_average(l->optim, translator->config.train.ema);
  l->tapes = mem_zero((size_t)workers, sizeof *l->tapes, "learner");
  for (int w = 0; w < workers; w++)
    l->tapes[w] = (Tape){.arena = arena_new(), .gradients = arena_new(), .params = params};
  l->uses = mem_zero((size_t)workers * (size_t)params->n_params, sizeof *l->uses, "learner");
  l->tree = shard_tree_new_part(params, l->n_shards, workers, ranks_me(), ranks_count());
  l->ranks = rank_sum_new(l->optim, pool);
  return l;
}

void learner_free(Learner *l) {
  if (l == NULL) return;
  for (int w = 0; w < pool_size(l->pool); w++) {
    arena_free(l->tapes[w].arena);
    arena_free(l->tapes[w].gradients);
  }
  mem_free(l->tapes);
  mem_free(l->uses);
  shard_tree_free(l->tree);
  rank_sum_free(l->ranks);
  optim_free(l->optim);
  mem_free(l);
}

Optim *learner_optim(Learner *l) { return l->optim; }

double *learner_baseline(Learner *l) { return model_config_moves(&l->translator->config.model) ? &l->baseline : NULL; }

void learner_guide(Learner *l, const Guide *guide) { l->guide = guide; }

Losses learner_weights(const Learner *l) {
  const Config *c = &l->translator->config;
  Losses weights = {{
#define LOSS(name, sum, mean, weight) weight,
#include "nn/losses.def"
#undef LOSS
  }};
  if (l->guide == NULL) weights.of[LOSS_guided] = 0;
  return weights;
}

void learner_profile(Learner *l, Profile *profiles) {
  int workers = pool_size(l->pool);
  for (int w = 0; w < workers; w++) l->tapes[w].profile = profiles == NULL ? NULL : &profiles[w];
  l->profile = profiles == NULL ? NULL : &profiles[workers];
}

/* Batches of a plan whose gradients make one update. */
typedef struct Work {
  Learner *learner;
  const BatchPlan *plan;
  int first, n;   /* batches */
  double scale;   /* of the loss: 1 / tokens of the update */
  uint64_t noise; /* number of the first batch among all batches of the training */
} Work;

/* Row j of a batch belongs to shard j mod S. On a tape's arena. */
typedef struct Shard {
  IdPair *pairs; /* [n] */
  int *row;      /* [n] rows in the whole batch */
  int *index;    /* [n] numbers in the corpus */
  int n;
} Shard;

static Shard deal(const Learner *l, const BatchPlan *plan, int batch, int shard, Tape *tape) {
  int n_rows;
  const int *rows = batch_pairs(plan, batch, &n_rows);
  size_t most = (size_t)(n_rows / l->n_shards + 1);
  Shard s = {tape_alloc(tape, most, sizeof *s.pairs), tape_alloc(tape, most, sizeof *s.row),
             tape_alloc(tape, most, sizeof *s.index), 0};
  for (int j = shard; j < n_rows; j += l->n_shards) {
    s.row[s.n] = j;
    s.index[s.n] = rows[j];
    s.pairs[s.n++] = corpus_pair(l->corpus, rows[j]);
  }
  return s;
}

/* The links of a shard's pairs, on the tape's arena. */
static const Linked *const *find_links(const Learner *l, const Shard *s, Tape *tape) {
  const Linked **links = tape_alloc(tape, (size_t)s->n, sizeof *links);
  for (int j = 0; j < s->n; j++) links[j] = guide_links(l->guide, s->index[j], &s->pairs[j], tape->arena);
  return links;
}

static void run_pairs(const Work *work, const Shard *s, Tape *tape, const Noise *noise, ShardSum *sum) {
  const Learner *l = work->learner;
  const TrainConfig *c = &l->translator->config.train;
  LossAim aim = {learner_weights(l), c->label_smoothing, l->guide != NULL ? find_links(l, s, tape) : NULL,
                 c->guided_alignment.loss, l->baseline};
  Losses losses;
  for (int k = 0; k < N_LOSSES; k++) aim.scale.of[k] *= work->scale;
  (void)model_losses(l->translator->model, tape, s->pairs, s->n, noise, &aim, &losses);
  losses_add(&sum->losses, &losses);
}

/* Adds the gradient and the losses of the shard's rows of one batch, k-th of the update, to sum. */
static void run_batch(const Work *work, int shard, int k, Tape *tape, ShardSum *sum) {
  const Config *config = &work->learner->translator->config;
  tape_reset(tape);
  Shard s = deal(work->learner, work->plan, work->first + k, shard, tape);
  if (s.n == 0) return;
  Noise noise = noise_of(&config->model, (uint64_t)config->train.seed, work->noise + (uint64_t)k, s.row);
  run_pairs(work, &s, tape, &noise, sum);
  tape_backward(tape);
}

/* A shard of the wave. */
typedef struct Task {
  ShardTree *tree;
  int number;
} Task;

static void complete(void *ctx, int param) {
  const Task *task = ctx;
  shard_tree_complete(task->tree, task->number, param);
}

static void run_shard(void *ctx, int task, int worker) {
  const Work *work = ctx;
  Learner *l = work->learner;
  Tape *tape = &l->tapes[worker];
  int first;
  (void)shard_tree_wave(l->tree, &first);
  profile_start(tape->profile);
  ShardSum *sum = shard_tree_open(l->tree, task);
  profile_lap(tape->profile, "gradients cleared", "");
  tape->recording = true;
  tape->grads = sum->grads;
  Task own = {l->tree, task};
  const TapeWatch watch = {complete, &own, l->uses + (size_t)worker * (size_t)tape->params->n_params};
  for (int k = 0; k < work->n; k++) {
    tape->watch = k == work->n - 1 ? &watch : NULL;
    run_batch(work, first + task, k, tape, sum);
  }
  tape->watch = NULL;
  shard_tree_finish(l->tree, task);
}

/* Shards that get a row of some batch. */
static int count_shards(const Work *work) {
  int most = 0, n;
  for (int k = 0; k < work->n; k++) {
    (void)batch_pairs(work->plan, work->first + k, &n);
    if (n > most) most = n;
  }
  return most < work->learner->n_shards ? most : work->learner->n_shards;
}

static ShardSum sum_shards(Work *work) {
  Learner *l = work->learner;
  int first, n, n_shards = count_shards(work);
  shard_tree_start(l->tree, n_shards);
  while ((n = shard_tree_wave(l->tree, &first)) > 0) {
    pool_run(l->pool, n, run_shard, work);
    profile_start(l->profile);
    shard_tree_add(l->tree, l->optim, l->pool);
    profile_lap(l->profile, "gradients summed", "");
  }
  profile_start(l->profile);
  ShardSum sum = rank_sum_total(l->ranks, l->tree, n_shards);
  if (ranks_count() > 1) profile_lap(l->profile, "gradients exchanged", "");
  return sum;
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
  param_pack(&l->translator->model->params, l->pool, PACK_BOTH);
  profile_lap(l->profile, "weights packed", "");
}

/* Arenas of all tapes as large as the largest. */
static void level(const Learner *l, Arena *(*arena)(const Tape *tape)) {
  size_t most = 0;
  for (int w = 0; w < pool_size(l->pool); w++) {
    size_t n = arena_capacity(arena(&l->tapes[w]));
    if (n > most) most = n;
  }
  for (int w = 0; w < pool_size(l->pool); w++) (void)arena_alloc(arena(&l->tapes[w]), most, 1);
}

static Arena *of_values(const Tape *tape) { return tape->arena; }
static Arena *of_gradients(const Tape *tape) { return tape->gradients; }

static void reset_tapes(Learner *l) {
  for (int w = 0; w < pool_size(l->pool); w++) tape_reset(&l->tapes[w]);
}

void learner_warm_up(Learner *l, const BatchPlan *plan) {
  pack_weights(l);
  (void)sum_shards(&(Work){l, plan, plan->largest, 1, 1, 0});
  reset_tapes(l);
  level(l, of_values);
  level(l, of_gradients);
  reset_tapes(l);
}

static bool all_finite(const Losses *losses) {
  bool finite = true;
  for (int k = 0; k < N_LOSSES; k++) finite = finite && isfinite(losses->of[k]);
  return finite;
}

bool learner_update(Learner *l, const BatchPlan *plan, int first, int n, long t, double lr, LearnerResult *result,
                    Err *err) {
  int64_t tokens = count_tokens(l, plan, first, n);
  int accumulate = l->translator->config.train.accumulate;
  Work work = {l, plan, first, n, 1 / (double)tokens, (uint64_t)(t - 1) * (uint64_t)accumulate};
  pack_weights(l);
  ShardSum sum = sum_shards(&work);
  profile_start(l->profile);
  double norm = optim_norm(l->optim, l->pool, sum.grads);
  *result = (LearnerResult){sum.losses, tokens, norm};
  if (!all_finite(&sum.losses) || !isfinite(norm)) {
    const char *name = optim_not_finite(l->optim, l->pool, sum.grads);
    return err_set(err, ERR_FILE,
                   "update %ld: the %s of %s is not finite: training has diverged; lower train.optimizer.lr or "
                   "train.optimizer.clip_norm",
                   t, name != NULL ? "gradient" : "loss", name != NULL ? name : "the batch");
  }
  optim_update(l->optim, l->pool, sum.grads, norm, lr, t);
  if (learner_baseline(l) != NULL)
    l->baseline += 0.1 * (-sum.losses.of[LOSS_likelihood] / (double)tokens - l->baseline);
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
  int batch = ranks_me() + task * ranks_count();
  Tape *tape = &v->tapes[worker];
  tape->recording = false;
  tape_reset(tape);
  int n;
  const int *index = batch_pairs(v->plan, batch, &n);
  IdPair *pairs = tape_alloc(tape, (size_t)n, sizeof *pairs);
  for (int j = 0; j < n; j++) pairs[j] = corpus_pair(v->corpus, index[j]);
  v->loss[batch] = model_loss(v->model, tape, pairs, n, NULL, (XentOptions){0, 1}).loss;
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
  pool_run(pool, (plan->n_batches - ranks_me() + ranks_count() - 1) / ranks_count(), validate_batch, &v);
  ranks_sum(v.loss, (size_t)plan->n_batches);
  double loss = 0;
  for (int b = 0; b < plan->n_batches; b++) loss += v.loss[b];
  for (int w = pool_size(l->pool); w < workers; w++) arena_free(v.tapes[w].arena);
  mem_free(v.tapes);
  mem_free(v.loss);
  *tokens = corpus_stats(corpus)->n_target + corpus_size(corpus);
  return loss;
}
