/* over.h - attention over attention (Cui et al. 2017, eq. 2 to 6) of one matrix of matches M [k,m], k queries and m
 * positions that they look at: alpha_j = softmax over positions of row j, beta_i = softmax over queries of column i,
 * mean = the mean of all beta_i, weights s = sum_j mean_j alpha_j, which sum to 1. Row j begins at M + j ld. */
#ifndef AD_OVER_H
#define AD_OVER_H

#include <stddef.h>

#include "base/real.h"

typedef struct OverMatch {
  int k, m; /* at least 1 */
  size_t ld;
} OverMatch;

/* Numbers of scratch space that both take. */
size_t over_scratch(const OverMatch *match);
/* s [m] is written. */
void over_weigh(const OverMatch *match, const real *M, real *s, real *scratch);
/* Adds to dM what the gradient ds [m] of the weights of M gives. */
void over_weigh_back(const OverMatch *match, const real *M, const real *ds, real *dM, real *scratch);

#endif
