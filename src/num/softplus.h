/* softplus.h - log(1 + exp(x)), a number above 0 made of any, and its slope, the logistic function. */
#ifndef NUM_SOFTPLUS_H
#define NUM_SOFTPLUS_H

#include <math.h>

#include "base/real.h"

static inline real softplus(real x) {
  return (real)(x > 0 ? (double)x + log1p(exp(-(double)x)) : log1p(exp((double)x)));
}
static inline real softplus_slope(real x) { return (real)(1 / (1 + exp(-(double)x))); }

#endif
