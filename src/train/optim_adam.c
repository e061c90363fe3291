/* optim_adam.c - Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019). */
#include <math.h>

#include "num/vec.h"
#include "train/optim.h"

static void update(const OptimStep *step, double decay, real *w, real *const *moments, const real *g, size_t n) {
  const OptimizerConfig *c = step->config;
  double t = (double)step->t;
  AdamStep adam = {.factor = (real)step->factor,
                   .beta1 = (real)c->beta1,
                   .rest1 = (real)(1 - c->beta1),
                   .beta2 = (real)c->beta2,
                   .rest2 = (real)(1 - c->beta2),
                   .rate = (real)(step->lr / (1 - pow(c->beta1, t))),
                   .c2 = (real)(1 / sqrt(1 - pow(c->beta2, t))),
                   .epsilon = (real)c->epsilon,
                   .decay = (real)decay};
  vec_adam(w, moments[0], moments[1], g, &adam, n);
}

const OptimDef optim_adam = {"adam", 2, {"adam.m.", "adam.v."}, update};
