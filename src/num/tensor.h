/* tensor.h - a matrix of numbers and, while training, of their gradients. A view: memory belongs to an arena or
 * ParamSet. */
#ifndef NUM_TENSOR_H
#define NUM_TENSOR_H

#include <stddef.h>

#include "num/pack.h"

typedef struct Tensor {
  real *x; /* values [rows, cols]; row r starts at x + r ld */
  real *g; /* gradients, laid out alike; NULL when none are wanted */
  int rows, cols, ld;
  const Pack
      *pack; /* of a weight: its copy laid out for products with few rows; NULL in views and where there is none */
} Tensor;

static inline real *tensor_row(const Tensor *t, int r) { return t->x + (size_t)r * (size_t)t->ld; }
static inline real *tensor_grad_row(const Tensor *t, int r) { return t->g + (size_t)r * (size_t)t->ld; }

/* The gradient takes the place of the values (tape_in_place), with or without recording. */
static inline bool tensor_in_place(const Tensor *t) { return t->x == t->g; }

/* Rows r .. r+rows-1 and columns c .. c+cols-1 of t; shares its memory. */
static inline Tensor tensor_view(const Tensor *t, int r, int rows, int c, int cols) {
  size_t at = (size_t)r * (size_t)t->ld + (size_t)c;
  return (Tensor){.x = t->x + at, .g = t->g == NULL ? NULL : t->g + at, .rows = rows, .cols = cols, .ld = t->ld};
}
static inline Tensor tensor_rows(const Tensor *t, int r, int rows) { return tensor_view(t, r, rows, 0, t->cols); }
static inline Tensor tensor_cols(const Tensor *t, int c, int cols) { return tensor_view(t, 0, t->rows, c, cols); }

#endif
