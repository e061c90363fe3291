/* optim_sgd.c - stochastic gradient descent (Robbins and Monro 1951), w -= lr g, with decoupled weight decay. */
#include "train/optim.h"

static void update(const OptimStep *step, double decay, real *w, real *const *moments, const real *g, size_t n) {
  (void)moments;
  real rate = (real)(step->lr * step->factor), shrink = (real)decay;
  for (size_t i = 0; i < n; i++) w[i] -= rate * g[i] + shrink * w[i];
}

const OptimDef optim_sgd = {"sgd", 0, {0}, update};
