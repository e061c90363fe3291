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

typedef enum PackKind {
  PACK_NOTHING, /* not packed */
  PACK_FORWARD, /* for y = x W^T */
  PACK_BOTH,    /* for dx = dy W, too */
  PACK_INT8     /* for y = x W^T, with W rounded to 8 bits (int8.h) */
} PackKind;
enum { PACK_DEEPEST = 8192 }; /* columns of a matrix that can be PACK_INT8 */

/* Rows of W, ld numbers apart: as numbers, or codes -127 .. 127 with a scale a row, for PACK_INT8 alone. */
typedef struct PackRows {
  const real *x;
  const int8_t *codes; /* NULL: x */
  const real *scale;
  int ld;
} PackRows;

typedef struct Pack {
  PackKind kind;
  int rows, cols; /* out, in */
  real *forward;  /* panels of W^T; NULL: none */
  real *backward; /* panels of W; NULL: none */
  int8_t *codes;  /* panels of W^T in 8 bits, and behind them */
  real *scale;    /* what the codes of each row of W are multiplied by */
  PackRows from;  /* codes that those of a parameter were, which may have no numbers; else nothing */
} Pack;

/* The kind for a matrix of so many columns of which `kind` is wanted: not every matrix can be PACK_INT8. */
PackKind pack_kind(PackKind kind, int cols);
/* Makes room for a matrix [rows, cols]. */
void pack_init(Pack *pack, PackKind kind, int rows, int cols);
void pack_free(Pack *pack);
/* Panels of all layouts together, and the filling of one of them (0 .. n-1) from W. */
int pack_panels(const Pack *pack);
void pack_fill(Pack *pack, const PackRows *w, int panel);
/* Bytes that the forward panels of a matrix [rows, cols] take. */
size_t pack_size(PackKind kind, int rows, int cols);
/* Packs the rows ids[0..rows) of W for forward products into pack->forward or, of PACK_INT8, pack->codes: pack_size
 * bytes, 64-byte aligned, that stay the caller's. */
Pack pack_gather(PackKind kind, void *at, const PackRows *w, int cols, const int32_t *ids, int n);
/* What sums begin with: rows ld numbers apart, one row for all when ld is 0; at NULL: zeros. It may be the result's own
 * place, which is then added to. */
typedef struct PackStart {
  const real *at;
  size_t ld;
} PackStart;
static inline PackStart pack_start_at(PackStart start, int row, int col) {
  return (PackStart){start.at == NULL ? NULL : start.at + (size_t)row * start.ld + col, start.ld};
}
/* y [m,n] = start + x [m,in] W^T, the first n <= out columns of it. */
void pack_forward(const Pack *pack, int m, int n, const real *x, int ldx, PackStart start, real *y, int ldy);
/* dx [m,in] = start + dy [m,n] W, the first n <= out rows of W. */
void pack_backward(const Pack *pack, int m, int n, const real *dy, int lddy, PackStart start, real *dx, int lddx);

#endif
