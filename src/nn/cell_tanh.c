/* cell_tanh.c - Elman 1990: h' = tanh(gx + gh). */
#include <stddef.h>

#include "nn/cell.h"
#include "num/vec.h"

static void forward(int n, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                    const LayerNorm *norm, Tensor *h_new, Tensor *c_new, real *saved) {
  (void)h;
  (void)c;
  (void)c_new;
  (void)norm;
  (void)saved;
  for (int r = 0; r < n; r++) {
    const real *x = tensor_row(gx, r), *y = tensor_row(gh, r);
    real *out = tensor_row(h_new, r);
    for (int j = 0; j < hidden; j++) out[j] = x[j] + y[j];
    vec_tanh(out, out, (size_t)hidden);
  }
}

static void backward(int n, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                     const LayerNorm *norm, const Tensor *h_new, const Tensor *c_new, const real *saved) {
  (void)h;
  (void)c;
  (void)c_new;
  (void)norm;
  (void)saved;
  for (int r = 0; r < n; r++) {
    const real *y = tensor_row(h_new, r), *dy = tensor_grad_row(h_new, r);
    real *dx = tensor_grad_row(gx, r), *dh = tensor_grad_row(gh, r);
    for (int j = 0; j < hidden; j++) {
      real d = dy[j] * (1 - y[j] * y[j]);
      dx[j] += d;
      dh[j] += d;
    }
  }
}

const CellDef cell_tanh = {"tanh", 1, false, forward, backward};
