/* cell_tanh.c - Elman 1990: h' = tanh(gx + gh). */
#include <stddef.h>

#include "nn/cell.h"
#include "num/vec.h"

static void forward(const CellStep *s) {
  int hidden = s->hidden;
  for (int r = 0; r < s->n; r++) {
    const real *x = tensor_row(&s->gx, r), *y = tensor_row(&s->gh, r);
    real *out = tensor_row(&s->h_new, r);
    for (int j = 0; j < hidden; j++) out[j] = x[j] + y[j];
    vec_tanh(out, out, (size_t)hidden);
  }
}

static void backward(const CellStep *s) {
  int hidden = s->hidden;
  for (int r = 0; r < s->n; r++) {
    const real *y = tensor_row(&s->h_new, r), *dy = tensor_grad_row(&s->h_new, r);
    real *dx = tensor_row(&s->gx, r), *dh = tensor_row(&s->gh, r);
    for (int j = 0; j < hidden; j++) dx[j] = dh[j] = dy[j] * (1 - y[j] * y[j]);
  }
}

const CellDef cell_tanh = {"tanh", 1, 0, false, forward, backward};
