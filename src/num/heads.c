#include "num/heads.h"

#include <string.h>

/* A vector of LANES numbers; STRIP of them stay in registers. */
#if defined(__AVX512F__)
enum { LANES = 16 };
#else
enum { LANES = 8 };
#endif
enum { STRIP = 4, QUAD = 4 };

typedef real Lane __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef real Quad __attribute__((vector_size(QUAD * sizeof(real)), aligned(sizeof(real)), may_alias));

static inline real *row_of(const HeadRows *rows, size_t j) {
  return rows->x + (rows->at == NULL ? j : (size_t)rows->at[j]) * rows->ld;
}

/* Four numbers whose sum is that of x y over the whole vectors of k. */
static inline __attribute__((always_inline)) Quad product(const real *x, const real *y, size_t vectors) {
  union {
    Lane all;
    Quad part[LANES / QUAD];
  } sum = {.all = {0}};
  for (size_t c = 0; c < vectors; c++) sum.all += *(const Lane *)(x + c * LANES) * *(const Lane *)(y + c * LANES);
  Quad out = sum.part[0] + sum.part[1];
  for (int p = 2; p < LANES / QUAD; p += 2) out += sum.part[p] + sum.part[p + 1];
  return out;
}

/* vectors is a constant wherever this is expanded, 0 for any number. */
static inline __attribute__((always_inline)) void dots(const HeadRows *rows, const real *x, size_t k, size_t vectors,
                                                       real a, bool add, real *y) {
  enum { BLOCK = 16 };
  real part[BLOCK * QUAD] = {0};
  size_t whole = vectors > 0 ? vectors : k / LANES;
  for (size_t from = 0; from < rows->n; from += BLOCK) {
    size_t n = rows->n - from < BLOCK ? rows->n - from : BLOCK;
    for (size_t j = 0; j < n; j++) {
      const real *row = row_of(rows, from + j);
      Quad sum = product(row, x, whole);
      if (vectors == 0)
        for (size_t c = whole * LANES; c < k; c++) sum[0] += row[c] * x[c];
      *(Quad *)(part + j * QUAD) = sum;
    }
    real sums[BLOCK];
    for (size_t j = 0; j < BLOCK; j++)
      sums[j] = a * ((part[j * QUAD] + part[j * QUAD + 1]) + (part[j * QUAD + 2] + part[j * QUAD + 3]));
    for (size_t j = 0; j < n; j++) y[from + j] = add ? y[from + j] + sums[j] : sums[j];
  }
}

void heads_dots(const HeadRows *rows, const real *x, size_t k, real a, bool add, real *y) {
  if (k == LANES) dots(rows, x, k, 1, a, add, y);
  else if (k == 2 * LANES) dots(rows, x, k, 2, a, add, y);
  else if (k == 4 * LANES) dots(rows, x, k, 4, a, add, y);
  else dots(rows, x, k, 0, a, add, y);
}

/* Columns of the rows: vectors of them, a constant wherever this is expanded. */
static inline __attribute__((always_inline)) void mix(const int vectors, const HeadRows *rows, size_t col, real a,
                                                      const real *b, real *y) {
  Lane sum[STRIP];
  for (int c = 0; c < vectors; c++) sum[c] = *(const Lane *)(y + c * LANES);
  for (size_t j = 0; j < rows->n; j++) {
    const real *row = row_of(rows, j) + col;
    real f = a * b[j];
    for (int c = 0; c < vectors; c++) sum[c] += f * *(const Lane *)(row + c * LANES);
  }
  for (int c = 0; c < vectors; c++) *(Lane *)(y + c * LANES) = sum[c];
}

/* Of one x, which stays in registers. */
static inline __attribute__((always_inline)) void spread_one(const int vectors, const HeadRows *rows, size_t col,
                                                             real a, const real *b, const real *x) {
  Lane from[STRIP];
  for (int c = 0; c < vectors; c++) from[c] = *(const Lane *)(x + col + c * LANES);
  for (size_t j = 0; j < rows->n; j++) {
    real *row = row_of(rows, j) + col, f = a * b[j];
    for (int c = 0; c < vectors; c++) *(Lane *)(row + c * LANES) += f * from[c];
  }
}

static inline __attribute__((always_inline)) void spread(const int vectors, const HeadRows *rows, size_t col, real a,
                                                         const real *b, size_t ld, const HeadRows *x) {
  if (x->n == 1) {
    spread_one(vectors, rows, col, a, b, row_of(x, 0));
    return;
  }
  for (size_t j = 0; j < rows->n; j++) {
    real *row = row_of(rows, j) + col;
    Lane sum[STRIP];
    for (int c = 0; c < vectors; c++) sum[c] = *(const Lane *)(row + c * LANES);
    for (size_t t = 0; t < x->n; t++) {
      const real *from = row_of(x, t) + col;
      real f = a * b[t * ld + j];
      for (int c = 0; c < vectors; c++) sum[c] += f * *(const Lane *)(from + c * LANES);
    }
    for (int c = 0; c < vectors; c++) *(Lane *)(row + c * LANES) = sum[c];
  }
}

void heads_mix(const HeadRows *rows, real a, const real *b, real *y, size_t k) {
  size_t col = 0;
  for (; col + STRIP * LANES <= k; col += STRIP * LANES) mix(STRIP, rows, col, a, b, y + col);
  for (; col + 2 * LANES <= k; col += 2 * LANES) mix(2, rows, col, a, b, y + col);
  for (; col + LANES <= k; col += LANES) mix(1, rows, col, a, b, y + col);
  for (size_t j = 0; j < rows->n && col < k; j++)
    for (size_t c = col; c < k; c++) y[c] += a * b[j] * row_of(rows, j)[c];
}

void heads_spread(const HeadRows *rows, real a, const real *b, size_t ld, const HeadRows *x, size_t k) {
  size_t col = 0;
  for (; col + STRIP * LANES <= k; col += STRIP * LANES) spread(STRIP, rows, col, a, b, ld, x);
  for (; col + 2 * LANES <= k; col += 2 * LANES) spread(2, rows, col, a, b, ld, x);
  for (; col + LANES <= k; col += LANES) spread(1, rows, col, a, b, ld, x);
  for (size_t j = 0; j < rows->n && col < k; j++)
    for (size_t t = 0; t < x->n; t++)
      for (size_t c = col; c < k; c++) row_of(rows, j)[c] += a * b[t * ld + j] * row_of(x, t)[c];
}
