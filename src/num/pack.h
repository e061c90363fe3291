/* pack.h - a weight matrix W [out,in] laid out so that products with few rows run at the speed of large ones: OpenBLAS
 * copies the whole of W on each call, which for the 5 to 64 rows of a decoder step costs more than the product
 * (doc/SPEED.md has the figures). Packed once after each change of W, the copy serves every step of every thread.
 *
 * Panels of NR columns stand one after another, each [k, NR] and padded with zeros. A Pack owns its memory, but for one
 * made by pack_gather; const while products run, any number of threads may use it. Weights are not packed in the double
 * build. */
#ifndef NUM_PACK_H
#define NUM_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

typedef struct Pack {
  int rows, cols; /* out, in */
  real *forward;  /* panels of W^T, for y = x W^T; NULL: not packed */
  real *backward; /* panels of W, for dx = dy W; NULL: not packed */
} Pack;

/* Makes room for a matrix [rows, cols]; backward too if wanted. */
void pack_init(Pack *pack, int rows, int cols, bool backward);
void pack_free(Pack *pack);
/* Panels of the two layouts together, and the filling of one of them (0 .. n-1) from W. */
int pack_panels(const Pack *pack);
void pack_fill(Pack *pack, const real *w, int ldw, int panel);
/* Numbers that the forward panels of a matrix [rows, cols] take. */
size_t pack_size(int rows, int cols);
/* Packs rows ids[0..n) of W [.., cols] for forward products, into at [pack_size(n, cols)], which stays the caller's. */
Pack pack_gather(real *at, const real *w, int ldw, int cols, const int32_t *ids, int n);
/* What sums begin with: rows ld numbers apart, one row for all when ld is 0; at NULL: zeros. It may be the result's own
 * place, which is then added to. */
typedef struct PackStart {
  const real *at;
  size_t ld;
} PackStart;
/* y [m,n] = start + x [m,in] W^T, the first n <= out columns of it. */
void pack_forward(const Pack *pack, int m, int n, const real *x, int ldx, PackStart start, real *y, int ldy);
/* dx [m,in] = start + dy [m,n] W, the first n <= out rows of W. */
void pack_backward(const Pack *pack, int m, int n, const real *dy, int lddy, PackStart start, real *dx, int lddx);

#endif
