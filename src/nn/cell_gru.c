/* cell_gru.c - Cho et al. 2014, in PyTorch's form: r, z = sigmoid(gx + gh), n = tanh(gx_n + r gh_n), h' = (1 - z) n + z
 * h. */
#include <stddef.h>

#include "nn/cell.h"
#include "num/vec.h"

/* gx becomes r, z, n. */
static void forward(const CellStep *s) {
  int hidden = s->hidden;
  for (int row = 0; row < s->n; row++) {
    const real *y = tensor_row(&s->gh, row), *old = s->h == NULL ? NULL : tensor_row(s->h, row);
    real *r = tensor_row(&s->gx, row), *z = r + hidden, *n = z + hidden, *out = tensor_row(&s->h_new, row);
    for (int j = 0; j < 2 * hidden; j++) r[j] += y[j];
    vec_sigmoid(r, r, 2 * (size_t)hidden);
    for (int j = 0; j < hidden; j++) n[j] += r[j] * y[2 * hidden + j];
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
    real *r = tensor_row(&s->gx, row), *z = r + hidden, *n = z + hidden;
    real *y_r = tensor_row(&s->gh, row), *y_z = y_r + hidden, *y_n = y_z + hidden;
    const real *old = s->h == NULL ? NULL : tensor_row(s->h, row), *d = tensor_grad_row(&s->h_new, row);
    real *dh = s->h == NULL || s->h->g == NULL ? NULL : tensor_grad_row(s->h, row);
    for (int j = 0; j < hidden && dh != NULL; j++) dh[j] += d[j] * z[j];
    for (int j = 0; j < hidden; j++) {
      real dn = d[j] * (1 - z[j]) * (1 - n[j] * n[j]);
      real dz = d[j] * ((old == NULL ? 0 : old[j]) - n[j]) * z[j] * (1 - z[j]);
      real dr = dn * y_n[j] * r[j] * (1 - r[j]);
      y_n[j] = dn * r[j];
      r[j] = y_r[j] = dr;
      z[j] = y_z[j] = dz;
      n[j] = dn;
    }
  }
}

const CellDef cell_gru = {"gru", 3, 1, false, forward, backward};
