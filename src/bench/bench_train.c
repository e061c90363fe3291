#include "bench/bench_train.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "train/learner.h"

enum { WARM_UPDATES = 3 };

/* A training under way. */
typedef struct Run {
  Learner *learner;
  const Corpus *corpus;
  const TrainConfig *config;
  const Model *model;
  BatchPlan plan;
  int batch; /* the next one; the plan begins anew at its end */
  long step;
  int64_t n_target; /* tokens trained on, with `</s>` */
  double flops;     /* that this took */
} Run;

static void count_work(Run *r, int n) {
  const PairLength *lengths = corpus_lengths(r->corpus);
  for (int b = r->batch; b < r->batch + n; b++) {
    int n_pairs;
    const int *pairs = batch_pairs(&r->plan, b, &n_pairs);
    for (int j = 0; j < n_pairs; j++) {
      int n_source = (int)lengths[pairs[j]].source + 1, n_target = (int)lengths[pairs[j]].target + 1;
      r->n_target += n_target;
      r->flops += model_train_flops(r->model, n_source, n_target);
    }
  }
}

static bool update(Run *r, Err *err) {
  int left = r->plan.n_batches - r->batch, n = r->config->accumulate < left ? r->config->accumulate : left;
  LearnerResult result;
  count_work(r, n);
  if (!learner_update(r->learner, &r->plan, r->batch, n, ++r->step, r->config->optimizer.lr, &result, err))
    return false;
  r->batch = (r->batch + n) % r->plan.n_batches;
  return true;
}

/* Updates for at least so long, on all ranks. */
static bool block(Run *r, double seconds, double *tokens_per_s, Err *err) {
  double start = clock_now(), now = start;
  int64_t before = r->n_target;
  for (bool first = true; first || ranks_max(now - start < seconds) != 0; first = false) {
    if (!update(r, err)) return false;
    now = clock_now();
  }
  *tokens_per_s = (double)(r->n_target - before) / (now - start);
  return true;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool measure_blocks(Run *r, const BenchEffort *effort, BenchTrain *out, Err *err) {
  bool ok = true;
  double *rates = mem_zero((size_t)effort->n_blocks, sizeof *rates, "bench");
  for (int i = 0; i < WARM_UPDATES && ok; i++) ok = update(r, err);
  r->n_target = 0;
  r->flops = 0;
  for (int i = 0; i < effort->n_blocks && ok; i++) ok = block(r, effort->block_seconds, &rates[i], err);
  qsort(rates, (size_t)effort->n_blocks, sizeof *rates, compare);
  out->target_tokens_per_s = rates[effort->n_blocks / 2];
  mem_free(rates);
  return ok;
}

/* What no operation took is waiting: for the slower shards, and for what one thread does alone. */
static bool measure_operations(Run *r, int workers, double seconds, Profile *out, Err *err) {
  Profile *profiles = mem_zero((size_t)workers + 1, sizeof *profiles, "bench");
  double start = clock_now(), rate, waiting;
  learner_profile(r->learner, profiles);
  bool ok = block(r, seconds, &rate, err);
  learner_profile(r->learner, NULL);
  waiting = workers * (clock_now() - start);
  for (int w = 0; w <= workers; w++) {
    for (int i = 0; i < profiles[w].n; i++) {
      ProfileRow row = profiles[w].rows[i];
      if (w == workers) row.seconds *= workers;
      profile_add(out, &row);
      waiting -= row.seconds;
    }
  }
  profile_add(out, &(ProfileRow){.name = "waiting", .part = "", .seconds = waiting > 0 ? waiting : 0});
  mem_free(profiles);
  return ok;
}

/* The most memory the process has had. */
static double peak_memory_mb(void) {
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return (double)usage.ru_maxrss / (1024 * 1024);
#else
  return (double)usage.ru_maxrss / 1024;
#endif
}

/* The greatest of what the ranks give. */
static double greatest(double value) {
  size_t n = (size_t)ranks_count();
  double *values = mem_zero(n, sizeof *values, "bench"), most = 0;
  values[ranks_me()] = value;
  ranks_sum(values, n);
  for (size_t i = 0; i < n; i++) most = values[i] > most ? values[i] : most;
  mem_free(values);
  return most;
}

/* Of the updates since `start` on the clock, when `sent` bytes had been sent. */
static BenchRanks measure_ranks(const Run *r, double start, double sent) {
  double n = ranks_count(), updates = (double)r->step;
  return (BenchRanks){.n = ranks_count(),
                      .seconds_per_update = (clock_now() - start) / updates,
                      .bytes_sent = greatest(((double)ranks_sent() - sent) / updates),
                      .bytes_due = 2 * (double)param_count(&r->model->params) * sizeof(real) * (n - 1) / n,
                      .peak_memory_mb = greatest(peak_memory_mb())};
}

static bool measure(Run *r, int workers, const BenchEffort *effort, BenchResult *result, Err *err) {
  BenchTrain *out = &result->train;
  learner_warm_up(r->learner, &r->plan);
  double start = clock_now(), sent = (double)ranks_sent();
  if (!measure_blocks(r, effort, out, err)) return false;
  result->ranks = measure_ranks(r, start, sent);
  out->flops_per_target_token = r->flops / (double)r->n_target;
  out->padding = r->plan.padding;
  if (!measure_operations(r, workers, effort->block_seconds, &result->operations, err)) return false;
  out->peak_memory_mb = peak_memory_mb();
  return true;
}

bool bench_train_measure(Translator *t, const Corpus *corpus, int threads, const BenchEffort *effort,
                         BenchResult *result, Err *err) {
  const TrainConfig *c = &t->config.train;
  Pool *pool = pool_new(threads < c->shards ? threads : c->shards);
  Run r = {.learner = learner_new(t, corpus, pool), .corpus = corpus, .config = c, .model = t->model};
  BatchOptions options = {
      .batch_size = c->batch_size, .batch_tokens = c->batch_tokens, .seed = (uint64_t)c->seed, .epoch = 1};
  batch_plan(&r.plan, corpus_lengths(corpus), corpus_size(corpus), &options);
  bool ok = measure(&r, pool_size(pool), effort, result, err);
  batch_free(&r.plan);
  learner_free(r.learner);
  pool_free(pool);
  return ok;
}
