#include "train/optim.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "num/vec.h"

#define OPTIMIZER(name) extern const OptimDef optim_##name;
#include "conf/optimizers.def"
#undef OPTIMIZER

static const OptimDef *const optimizers[] = {
#define OPTIMIZER(name) &optim_##name,
#include "conf/optimizers.def"
#undef OPTIMIZER
};

enum { SLICE = 1 << 15 }; /* numbers */

const OptimDef *optim_def(OptimizerKind kind) { return optimizers[kind]; }

static void cut(Optim *o) {
  for (int pass = 0; pass < 2; pass++) {
    int n = 0;
    for (int i = 0; i < o->params->n_params; i++) {
      const Param *p = &o->params->params[i];
      size_t size = (size_t)p->rows * (size_t)p->cols;
      for (size_t at = 0; at < size; at += SLICE, n++)
        if (pass == 1)
          o->slices[n] = (OptimSlice){p->offset + at, size - at < SLICE ? size - at : SLICE, i, p->rank == 2};
    }
    if (pass == 0) o->slices = mem_alloc((size_t)n, sizeof *o->slices, "optimizer");
    o->n_slices = n;
  }
  o->sums = mem_zero((size_t)o->n_slices, sizeof *o->sums, "optimizer");
}

Optim *optim_new(ParamSet *params, const OptimizerConfig *config) {
  Optim *o = mem_zero(1, sizeof *o, "optimizer");
  o->def = optimizers[config->type];
  o->config = config;
  o->params = params;
  for (int m = 0; m < o->def->n_moments; m++) o->moments[m] = param_block(params, "optimizer moments");
  cut(o);
  return o;
}

void optim_keep_average(Optim *o, double decay) {
  o->decay = decay;
  o->average = param_block(o->params, "average of the weights");
  memcpy(o->average, o->params->values, o->params->size * sizeof *o->average);
}

void optim_free(Optim *o) {
  if (o == NULL) return;
  mem_free(o->average);
  for (int m = 0; m < MAX_MOMENTS; m++) mem_free(o->moments[m]);
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
  const OptimSlice *s = &job->optim->slices[task];
  job->optim->sums[task] = vec_sum_squares(job->grads + s->offset, s->n);
}

double optim_norm(Optim *o, Pool *pool, const real *grads) {
  Job job = {.optim = o, .grads = grads};
  pool_run(pool, o->n_slices, square_slice, &job);
  double sum = 0;
  for (int i = 0; i < o->n_slices; i++) sum += o->sums[i];
  return sqrt(sum);
}

static void look_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  const OptimSlice *s = &job->optim->slices[task];
  int found = 0;
  for (size_t i = 0; i < s->n; i++) found |= !isfinite(job->grads[s->offset + i]);
  job->optim->sums[task] = found;
}

const char *optim_not_finite(Optim *o, Pool *pool, const real *block) {
  Job job = {.optim = o, .grads = block};
  pool_run(pool, o->n_slices, look_slice, &job);
  for (int i = 0; i < o->n_slices; i++)
    if (o->sums[i] > 0) return o->params->params[o->slices[i].param].name;
  return NULL;
}

static void update_slice(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  const Optim *o = job->optim;
  const OptimSlice *s = &o->slices[task];
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
  pool_run(pool, o->n_slices, update_slice, &job);
  param_changed(o->params);
}
