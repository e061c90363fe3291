/* heads.h - what attention does with the columns of one head: a short vector against the rows that it looks at, several
 * numbers and rows a pass. Pure functions; rows may be views of one tensor, each written row is apart from what is
 * read. */
#ifndef NUM_HEADS_H
#define NUM_HEADS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/real.h"

/* n rows of a matrix: j starts at x + at[j] ld, or at x + j ld when at is NULL. */
typedef struct HeadRows {
  real *x;
  size_t ld;
  const int *at;
  size_t n;
} HeadRows;

/* y_j (+)= a row_j . x, of k numbers each. */
void heads_dots(const HeadRows *rows, const real *x, size_t k, real a, bool add, real *y);
/* y += sum_j a b_j row_j, from the first row on. */
void heads_mix(const HeadRows *rows, real a, const real *b, real *y, size_t k);
/* row_j += sum_t a b[t ld + j] x_t, from the first x on. */
void heads_spread(const HeadRows *rows, real a, const real *b, size_t ld, const HeadRows *x, size_t k);

#endif
