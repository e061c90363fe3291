#include "ad/over.h"

#include <string.h>

#include "num/vec.h"

/* Scratch: alpha and beta [k,m], mean and what it gets [k], a column and its softmax [k]. */
typedef struct Parts {
  real *alpha, *beta, *mean, *d_mean, *column, *soft;
} Parts;

size_t over_scratch(const OverMatch *o) { return 2 * (size_t)o->k * (size_t)o->m + 4 * (size_t)o->k; }

static Parts find_parts(const OverMatch *o, const real *M, real *scratch) {
  size_t k = (size_t)o->k, m = (size_t)o->m;
  Parts p = {.alpha = scratch, .beta = scratch + k * m};
  p.mean = p.beta + k * m;
  p.d_mean = p.mean + k;
  p.column = p.d_mean + k;
  p.soft = p.column + k;
  memset(p.mean, 0, k * sizeof(real));
  for (size_t j = 0; j < k; j++) (void)vec_softmax(p.alpha + j * m, M + j * o->ld, m);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < k; j++) p.column[j] = M[j * o->ld + i];
    (void)vec_softmax(p.soft, p.column, k);
    for (size_t j = 0; j < k; j++) {
      p.beta[j * m + i] = p.soft[j];
      p.mean[j] += p.soft[j] / (real)m;
    }
  }
  return p;
}

void over_weigh(const OverMatch *o, const real *M, real *s, real *scratch) {
  size_t m = (size_t)o->m;
  const Parts p = find_parts(o, M, scratch);
  memset(s, 0, m * sizeof(real));
  for (size_t j = 0; j < (size_t)o->k; j++)
    for (size_t i = 0; i < m; i++) s[i] += p.mean[j] * p.alpha[j * m + i];
}

void over_weigh_back(const OverMatch *o, const real *M, const real *ds, real *dM, real *scratch) {
  size_t k = (size_t)o->k, m = (size_t)o->m;
  const Parts p = find_parts(o, M, scratch);
  for (size_t j = 0; j < k; j++) {
    const real *alpha = p.alpha + j * m;
    real got = vec_dot(alpha, ds, m);
    p.d_mean[j] = got / (real)m;
    for (size_t i = 0; i < m; i++) dM[j * o->ld + i] += p.mean[j] * alpha[i] * (ds[i] - got);
  }
  for (size_t i = 0; i < m; i++) {
    real mean = 0;
    for (size_t j = 0; j < k; j++) mean += p.beta[j * m + i] * p.d_mean[j];
    for (size_t j = 0; j < k; j++) dM[j * o->ld + i] += p.beta[j * m + i] * (p.d_mean[j] - mean);
  }
}
