/* cell_gru.c - Cho et al. 2014, in PyTorch's form: r, z = sigmoid(gx + gh), n = tanh(gx_n + r gh_n), h' = (1 - z) n + z
 * h. */
#include <stddef.h>

#include "nn/cell.h"
#include "num/vec.h"

/* saved holds r, z, n of each row. */
static void forward(const CellStep *s) {
  int hidden = s->hidden;
  for (int row = 0; row < s->n; row++) {
    const real *x = tensor_row(&s->gx, row), *y = tensor_row(&s->gh, row),
               *old = s->h == NULL ? NULL : tensor_row(s->h, row);
    real *r = s->saved + (size_t)row * 3 * (size_t)hidden, *z = r + hidden, *n = z + hidden,
         *out = tensor_row(&s->h_new, row);
    for (int j = 0; j < 2 * hidden; j++) r[j] = x[j] + y[j];
    vec_sigmoid(r, r, 2 * (size_t)hidden);
    for (int j = 0; j < hidden; j++) n[j] = x[2 * hidden + j] + r[j] * y[2 * hidden + j];
    vec_tanh(n, n, (size_t)hidden);
    if (old == NULL)
      for (int j = 0; j < hidden; j++) out[j] = (1 - z[j]) * n[j];
    else
      for (int j = 0; j < hidden; j++) out[j] = (1 - z[j]) * n[j] + z[j] * old[j];
  }
}

static void backward(const CellStep *s) {
  int hidden = s->hidden;
  for (int row = 0; row < s->n; row++) {
    const real *r = s->saved + (size_t)row * 3 * (size_t)hidden, *z = r + hidden, *n = z + hidden;
    const real *y_n = tensor_row(&s->gh, row) + 2 * hidden, *d = tensor_grad_row(&s->h_new, row);
    const real *old = s->h == NULL ? NULL : tensor_row(s->h, row);
    real *dx = tensor_grad_row(&s->gx, row), *dy = tensor_grad_row(&s->gh, row);
    for (int j = 0; j < hidden; j++) {
      real dn = d[j] * (1 - z[j]) * (1 - n[j] * n[j]);
      real dz = d[j] * ((old == NULL ? 0 : old[j]) - n[j]) * z[j] * (1 - z[j]);
      real dr = dn * y_n[j] * r[j] * (1 - r[j]);
      dx[j] += dr;
      dy[j] += dr;
      dx[hidden + j] += dz;
      dy[hidden + j] += dz;
      dx[2 * hidden + j] += dn;
      dy[2 * hidden + j] += dn * r[j];
    }
    if (s->h == NULL || s->h->g == NULL) continue;
    real *dh = tensor_grad_row(s->h, row);
    for (int j = 0; j < hidden; j++) dh[j] += d[j] * z[j];
  }
}

const CellDef cell_gru = {"gru", 3, false, forward, backward};
