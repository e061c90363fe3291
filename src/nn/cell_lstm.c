/* cell_lstm.c - Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000): i, f, o = sigmoid(gx + gh),
 * g = tanh(gx + gh), c' = f c + i g, h' = o tanh(c'). Gates stand in the order i, f, g, o. With layer normalisation h'
 * = o tanh(LN(c')) (Ba et al. 2016, eq. 22). */
#include <string.h>

#include "nn/cell.h"
#include "num/vec.h"

/* gx becomes i, f, g, o. */
static void forward(const CellStep *s) {
  int hidden = s->hidden;
  size_t size = (size_t)hidden;
  const LayerNorm *norm = s->norm;
  for (int row = 0; row < s->n; row++) {
    const real *y = tensor_row(&s->gh, row), *old = s->c == NULL ? NULL : tensor_row(s->c, row);
    real *i = tensor_row(&s->gx, row), *f = i + hidden, *g = f + hidden, *o = g + hidden;
    real *out = tensor_row(&s->h_new, row), *cell = tensor_row(&s->c_new, row);
    for (int j = 0; j < 4 * hidden; j++) i[j] += y[j];
    vec_sigmoid(i, i, 2 * size);
    vec_tanh(g, g, size);
    vec_sigmoid(o, o, size);
    for (int j = 0; j < hidden; j++) cell[j] = i[j] * g[j];
    for (int j = 0; j < hidden && old != NULL; j++) cell[j] += f[j] * old[j];
    if (norm != NULL) vec_norm(out, cell, norm->gain.x, norm->bias.x, size);
    vec_tanh(out, norm != NULL ? out : cell, size);
    for (int j = 0; j < hidden; j++) out[j] *= o[j];
  }
}

/* Adds to the gradient of c' what comes through h'; th becomes tanh(c') or tanh(LN(c')), which h' / o would not give
 * where o is 0. */
static void through_output(const CellStep *s, int row, const real *o, real *th, real *scratch) {
  int hidden = s->hidden;
  size_t size = (size_t)hidden;
  const LayerNorm *norm = s->norm;
  const real *cell = tensor_row(&s->c_new, row), *dh = tensor_grad_row(&s->h_new, row);
  real *dc = tensor_grad_row(&s->c_new, row);
  if (norm == NULL) {
    vec_tanh(th, cell, size);
    for (int j = 0; j < hidden; j++) dc[j] = dc[j] + dh[j] * o[j] * (1 - th[j] * th[j]);
    return;
  }
  vec_norm(th, cell, norm->gain.x, norm->bias.x, size);
  vec_tanh(th, th, size);
  for (int j = 0; j < hidden; j++) scratch[j] = dh[j] * o[j] * (1 - th[j] * th[j]);
  vec_norm_backward(cell, norm->gain.x, scratch, dc, norm->gain.g, norm->bias.g, size);
}

/* The gradient of c' becomes that of all of it; then the gates', in gh. */
static void backward_row(const CellStep *s, int row) {
  int hidden = s->hidden;
  const real *i = tensor_row(&s->gx, row), *f = i + hidden, *g = f + hidden, *o = g + hidden;
  real *di = tensor_row(&s->gh, row), *df = di + hidden, *dg = df + hidden, *d_o = dg + hidden;
  through_output(s, row, o, d_o, dg);
  const real *dh = tensor_grad_row(&s->h_new, row), *dc = tensor_grad_row(&s->c_new, row);
  for (int j = 0; j < hidden; j++) {
    real th = d_o[j], d = dc[j];
    di[j] = d * g[j] * i[j] * (1 - i[j]);
    dg[j] = d * i[j] * (1 - g[j] * g[j]);
    d_o[j] = dh[j] * th * o[j] * (1 - o[j]);
  }
  const real *old = s->c == NULL ? NULL : tensor_row(s->c, row);
  real *dold = s->c == NULL || s->c->g == NULL ? NULL : tensor_grad_row(s->c, row);
  for (int j = 0; j < hidden; j++) df[j] = old == NULL ? 0 : dc[j] * old[j] * f[j] * (1 - f[j]);
  for (int j = 0; j < hidden && dold != NULL; j++) dold[j] += dc[j] * f[j];
}

static void backward(const CellStep *s) {
  for (int row = 0; row < s->n; row++) {
    backward_row(s, row);
    memcpy(tensor_row(&s->gx, row), tensor_row(&s->gh, row), 4 * (size_t)s->hidden * sizeof(real));
  }
}

const CellDef cell_lstm = {"lstm", 4, 0, true, forward, backward};
