/* optim.h - optimizers. One is a file optim_NAME.c and a line in optimizers.def; it sees slices of flat blocks.
 *
 * An Optim belongs to the learner. Sums, norms and updates run over fixed slices on all threads of a pool: the
 * result does not depend on their number.
 *
 * Of a job of several ranks each owns a run of the slices: it alone has their moments and their average and updates
 * them; weights all ranks have. Blocks have room for all, but memory only where they are written to. Functions marked
 * "all ranks" are called by each. */
#ifndef TRAIN_OPTIM_H
#define TRAIN_OPTIM_H

#include "base/pool.h"
#include "conf/config.h"
#include "num/param.h"

enum { MAX_MOMENTS = 2, OPTIM_SLICE = 1 << 15 /* most numbers of a slice */ };

/* One update as a slice sees it. */
typedef struct OptimStep {
  const OptimizerConfig *config;
  double lr;     /* learning rate of this update */
  double factor; /* what clipping multiplies the gradient by */
  long t;        /* number of this update, from 1 */
} OptimStep;

typedef struct OptimDef {
  const char *name;
  int n_moments;
  const char *moments[MAX_MOMENTS]; /* prefixes of their tensors in a state file */
  /* Updates w[0..n) from its gradients; decay: the part of w that weight decay takes. */
  void (*update)(const OptimStep *step, double decay, real *w, real *const *moments, const real *g, size_t n);
} OptimDef;

const OptimDef *optim_def(OptimizerKind kind);

typedef struct OptimSlice {
  size_t offset, n;
  int param;   /* whose it is */
  bool matrix; /* weight decay applies */
} OptimSlice;

typedef struct Optim {
  const OptimDef *def;
  const OptimizerConfig *config;
  ParamSet *params;
  real *moments[MAX_MOMENTS];
  real *average; /* of the weights after each update; NULL: none */
  double decay;  /* of the average */
  OptimSlice *slices;
  double *sums; /* [n_slices] what a slice adds to a norm or a count */
  int n_slices;
  int *owned;     /* [ranks + 1] the slices owned[r] .. owned[r + 1] - 1 are of rank r */
  size_t *starts; /* [ranks + 1] likewise the bytes of a block */
} Optim;

/* params and config outlive it. */
Optim *optim_new(ParamSet *params, const OptimizerConfig *config);
void optim_free(Optim *optim);
/* From now on each update also moves an average of the weights, which starts as the weights are: average = d average +
 * (1 - d) weights (Polyak and Juditsky 1992), where d is min(decay, (1 + t) / (10 + t)) at update t, so that the start
 * is soon forgotten, as in Marian's --exponential-smoothing. */
void optim_keep_average(Optim *optim, double decay);
/* to += from of n pairs of gradient blocks, one pair after the other, slice by slice. */
typedef struct OptimAdd {
  real *to;
  const real *from;
} OptimAdd;
void optim_sum(const Optim *optim, Pool *pool, const OptimAdd *adds, int n);
/* L2 norm of a gradient block, of which each rank has its own slices. All ranks. */
double optim_norm(Optim *optim, Pool *pool, const real *grads);
/* Name of the first parameter of which a number in a block is not finite, NULL when all are. All ranks. */
const char *optim_not_finite(Optim *optim, Pool *pool, const real *block);
/* Update number t with learning rate lr; the gradient, of which each rank has its own slices, is clipped to
 * config->clip_norm, norm being its own. All ranks. */
void optim_update(Optim *optim, Pool *pool, const real *grads, double norm, double lr, long t);

/* For a checkpoint, all ranks: rank 0 comes to have all moments and all of the average. Until optim_forget. */
void optim_gather(Optim *optim);
/* Moments, average and weights, all of which rank 0 has, go to whom they belong. All ranks. */
void optim_scatter(Optim *optim);
/* All ranks have all of the average, which is then that of the last update. All ranks. */
void optim_spread_average(Optim *optim);
/* What other ranks own takes no memory any more. */
void optim_forget(Optim *optim);

#endif
