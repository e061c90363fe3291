/* relative.h - numbers of positions, and numbers of their distances from the row that looks, no more than k to either
 * side: one distance holds for many positions (op_relative.c, op_relative_value.c). Heads are blocks of columns. */
#ifndef AD_RELATIVE_H
#define AD_RELATIVE_H

#include "ad/op.h"

/* Inside the windows: positions [N,heads L] += scale times their distance's number in distances [N,heads (2k+1)]. */
void relative_spread(const Look *look, int heads, const Tensor *distances, real scale, const Tensor *positions);
/* The other way: distances = scale times the sum over their positions. */
void relative_collect(const Look *look, int heads, const Tensor *positions, real scale, const Tensor *distances);

/* A tensor whose values are the gradients of t. */
static inline Tensor relative_grad(const Tensor *t) {
  return (Tensor){.x = t->g, .rows = t->rows, .cols = t->cols, .ld = t->ld};
}

#endif
