#include "train/optim.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "num/vec.h"

#define OPTIMIZER(name) extern const OptimDef optim_##name;
#include "conf/optimizers.def"
#undef OPTIMIZER

static const OptimDef *const optimizers[] = {
#define OPTIMIZER(name) &optim_##name,
#include "conf/optimizers.def"
#undef OPTIMIZER
};

const OptimDef *optim_def(OptimizerKind kind) { return optimizers[kind]; }

static void cut(Optim *o) {
  for (int pass = 0; pass < 2; pass++) {
    int n = 0;
    for (int i = 0; i < o->params->n_params; i++) {
      const Param *p = &o->params->params[i];
      size_t size = (size_t)p->rows * (size_t)p->cols;
      for (size_t at = 0; at < size; at += OPTIM_SLICE, n++)
        if (pass == 1)
          o->slices[n] =
              (OptimSlice){p->offset + at, size - at < OPTIM_SLICE ? size - at : OPTIM_SLICE, i, p->rank == 2};
    }
    if (pass == 0) o->slices = mem_alloc((size_t)n, sizeof *o->slices, "optimizer");
    o->n_slices = n;
  }
  o->sums = mem_zero((size_t)o->n_slices, sizeof *o->sums, "optimizer");
}

/* Slices of about as many numbers to each rank; what lies between two slices goes with the first. */
static void share_out(Optim *o) {
  size_t ranks = (size_t)ranks_count(), size = o->params->size;
  o->owned = mem_zero(ranks + 1, sizeof *o->owned, "optimizer");
  o->starts = mem_zero(ranks + 1, sizeof *o->starts, "optimizer");
  for (size_t r = 1; r <= ranks; r++) {
    int i = o->owned[r - 1];
    while (i < o->n_slices && (r == ranks || o->slices[i].offset + o->slices[i].n / 2 < size / ranks * r)) i++;
    o->owned[r] = i;
    o->starts[r] = (i < o->n_slices ? o->slices[i].offset : size) * sizeof(real);
  }
}

static real *new_block(const Optim *o, const char *what) { return mem_pages(o->params->size, sizeof(real), what); }

Optim *optim_new(ParamSet *params, const OptimizerConfig *config) {
  Optim *o = mem_zero(1, sizeof *o, "optimizer");
  o->def = optimizers[config->type];
  o->config = config;
  o->params = params;
  for (int m = 0; m < o->def->n_moments; m++) o->moments[m] = new_block(o, "optimizer moments");
  cut(o);
  share_out(o);
  return o;
}

void optim_keep_average(Optim *o, double decay) {
  o->decay = decay;
  o->average = new_block(o, "average of the weights");
  memcpy(o->average, o->params->values, o->params->size * sizeof *o->average);
}

void optim_free(Optim *o) {
  if (o == NULL) return;
  mem_pages_free(o->average, o->params->size, sizeof(real));
  for (int m = 0; m < MAX_MOMENTS; m++) mem_pages_free(o->moments[m], o->params->size, sizeof(real));
  mem_free(o->owned);
  mem_free(o->starts);
  mem_free(o->slices);
  mem_free(o->sums);
  mem_free(o);
}

typedef struct Job {
  const Optim *optim;
  const OptimAdd *adds;
  int n_adds;
  const real *grads;
  OptimStep step;
  real moved; /* 1 - d of the average */
} Job;

/* Runs over the slices of this rank. */
static void run_own(const Optim *o, Pool *pool, void (*run)(void *ctx, int task, int worker), void *job) {
  pool_run(pool, o->owned[ranks_me() + 1] - o->owned[ranks_me()], run, job);
}

static int own_slice(const Optim *o, int task) { return o->owned[ranks_me()] + task; }

/* The same, for a number a slice, which all ranks get. */
static void measure_slices(Optim *o, Pool *pool, void (*run)(void *ctx, int task, int worker), void *job) {
  memset(o->sums, 0, (size_t)o->n_slices * sizeof *o->sums);
  run_own(o, pool, run, job);
  ranks_sum(o->sums, (size_t)o->n_slices);
}

static void sum_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  const OptimSlice *s = &job->optim->slices[task];
  for (int i = 0; i < job->n_adds; i++) vec_add(job->adds[i].to + s->offset, job->adds[i].from + s->offset, s->n);
}

void optim_sum(const Optim *o, Pool *pool, const OptimAdd *adds, int n) {
  Job job = {.optim = o, .adds = adds, .n_adds = n};
  pool_run(pool, o->n_slices, sum_slice, &job);
}

static void square_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  int slice = own_slice(job->optim, task);
  const OptimSlice *s = &job->optim->slices[slice];
  job->optim->sums[slice] = vec_sum_squares(job->grads + s->offset, s->n);
}

double optim_norm(Optim *o, Pool *pool, const real *grads) {
  Job job = {.optim = o, .grads = grads};
  measure_slices(o, pool, square_slice, &job);
  double sum = 0;
  for (int i = 0; i < o->n_slices; i++) sum += o->sums[i];
  return sqrt(sum);
}

static void look_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  int slice = own_slice(job->optim, task);
  const OptimSlice *s = &job->optim->slices[slice];
  int found = 0;
  for (size_t i = 0; i < s->n; i++) found |= !isfinite(job->grads[s->offset + i]);
  job->optim->sums[slice] = found;
}

const char *optim_not_finite(Optim *o, Pool *pool, const real *block) {
  Job job = {.optim = o, .grads = block};
  measure_slices(o, pool, look_slice, &job);
  for (int i = 0; i < o->n_slices; i++)
    if (o->sums[i] > 0) return o->params->params[o->slices[i].param].name;
  return NULL;
}

static void update_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  const Optim *o = job->optim;
  const OptimSlice *s = &o->slices[own_slice(o, task)];
  real *moments[MAX_MOMENTS] = {0};
  for (int m = 0; m < o->def->n_moments; m++) moments[m] = o->moments[m] + s->offset;
  double decay = s->matrix ? job->step.lr * o->config->weight_decay : 0;
  real *w = o->params->values + s->offset;
  o->def->update(&job->step, decay, w, moments, job->grads + s->offset, s->n);
  if (o->average != NULL) vec_move(o->average + s->offset, w, job->moved, s->n);
}

void optim_update(Optim *o, Pool *pool, const real *grads, double norm, double lr, long t) {
  double clip = o->config->clip_norm;
  Job job = {.optim = o, .grads = grads, .step = {o->config, lr, clip > 0 && norm > clip ? clip / norm : 1, t}};
  job.moved = (real)(1 - fmin(o->decay, (1.0 + (double)t) / (10.0 + (double)t)));
  run_own(o, pool, update_slice, &job);
  ranks_spread(o->params->values, o->starts);
  param_changed(o->params);
}

/* Moments, and the average if there is one. */
static int list_blocks(const Optim *o, real *blocks[MAX_MOMENTS + 1]) {
  int n = 0;
  for (int m = 0; m < o->def->n_moments; m++) blocks[n++] = o->moments[m];
  if (o->average != NULL) blocks[n++] = o->average;
  return n;
}

void optim_gather(Optim *o) {
  real *blocks[MAX_MOMENTS + 1];
  int n = list_blocks(o, blocks);
  for (int i = 0; i < n; i++) ranks_gather(blocks[i], o->starts);
}

void optim_scatter(Optim *o) {
  real *blocks[MAX_MOMENTS + 1];
  int n = list_blocks(o, blocks);
  for (int i = 0; i < n; i++) ranks_scatter(blocks[i], o->starts);
  ranks_broadcast(o->params->values, o->params->size * sizeof(real));
  param_changed(o->params);
  optim_forget(o);
}

void optim_spread_average(Optim *o) {
  if (o->average != NULL) ranks_spread(o->average, o->starts);
}

void optim_forget(Optim *o) {
  real *blocks[MAX_MOMENTS + 1];
  int n = list_blocks(o, blocks), me = ranks_me();
  size_t end = o->starts[ranks_count()];
  for (int i = 0; i < n && ranks_count() > 1; i++) {
    char *at = (char *)blocks[i];
    mem_pages_clear(at, o->starts[me]);
    mem_pages_clear(at + o->starts[me + 1], end - o->starts[me + 1]);
  }
}
