/* cell_lstm.c - Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000): i, f, o = sigmoid(gx + gh),
 * g = tanh(gx + gh), c' = f c + i g, h' = o tanh(c'). Gates stand in the order i, f, g, o. With layer normalisation h'
 * = o tanh(LN(c')) (Ba et al. 2016, eq. 22). */
#include <stddef.h>

#include "nn/cell.h"
#include "num/vec.h"

/* saved holds i, f, g, o of each row. */
static void forward(int n_rows, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                    const LayerNorm *norm, Tensor *h_new, Tensor *c_new, real *saved) {
  (void)h;
  size_t size = (size_t)hidden;
  for (int row = 0; row < n_rows; row++) {
    const real *x = tensor_row(gx, row), *y = tensor_row(gh, row), *old = c == NULL ? NULL : tensor_row(c, row);
    real *i = saved + (size_t)row * 4 * size, *f = i + hidden, *g = f + hidden, *o = g + hidden;
    real *out = tensor_row(h_new, row), *cell = tensor_row(c_new, row);
    for (int j = 0; j < 4 * hidden; j++) i[j] = x[j] + y[j];
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

/* Adds to dc what comes through h'; th becomes tanh(c') or tanh(LN(c')), which h' / o would not give where o is 0. */
static void through_output(int hidden, const LayerNorm *norm, const real *o, const real *cell, const real *dh, real *dc,
                           real *th, real *scratch) {
  size_t size = (size_t)hidden;
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

/* dc becomes that of all of c'; then the gates. */
static void backward_row(int hidden, const LayerNorm *norm, const real *i, const real *old, const real *cell,
                         const real *dh, real *dc, real *gates, real *dold) {
  const real *f = i + hidden, *g = f + hidden, *o = g + hidden;
  real *di = gates, *df = di + hidden, *dg = df + hidden, *d_o = dg + hidden;
  through_output(hidden, norm, o, cell, dh, dc, d_o, dg);
  for (int j = 0; j < hidden; j++) {
    real th = d_o[j], d = dc[j];
    di[j] = d * g[j] * i[j] * (1 - i[j]);
    dg[j] = d * i[j] * (1 - g[j] * g[j]);
    d_o[j] = dh[j] * th * o[j] * (1 - o[j]);
  }
  for (int j = 0; j < hidden; j++) df[j] = old == NULL ? 0 : dc[j] * old[j] * f[j] * (1 - f[j]);
  for (int j = 0; j < hidden && dold != NULL; j++) dold[j] += dc[j] * f[j];
}

/* gh's gradient, still zero, takes the gates'; gx gets the same added. */
static void backward(int n_rows, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                     const LayerNorm *norm, const Tensor *h_new, const Tensor *c_new, const real *saved) {
  (void)h;
  for (int row = 0; row < n_rows; row++) {
    real *gates = tensor_grad_row(gh, row);
    backward_row(hidden, norm, saved + (size_t)row * 4 * (size_t)hidden, c == NULL ? NULL : tensor_row(c, row),
                 tensor_row(c_new, row), tensor_grad_row(h_new, row), tensor_grad_row(c_new, row), gates,
                 c == NULL || c->g == NULL ? NULL : tensor_grad_row(c, row));
    vec_add(tensor_grad_row(gx, row), gates, 4 * (size_t)hidden);
  }
}

const CellDef cell_lstm = {"lstm", 4, true, forward, backward};
