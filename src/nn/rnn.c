#include "nn/rnn.h"

#include "base/str.h"

static int declare_one(ParamSet *set, const char *name, const char *what, int layer, const char *suffix, int rows,
                       int cols, ParamStart start, int gates) {
  Str full = {0};
  str_addf(&full, "%s.%s_l%d%s", name, what, layer, suffix);
  int index = rows > 0 ? param_matrix(set, str_text(&full), rows, cols, start, gates)
                       : param_vector(set, str_text(&full), cols, start, gates);
  str_free(&full);
  return index;
}

RnnLayer rnn_declare(ParamSet *set, const char *name, int layer, const char *suffix, CellKind kind, int in, int fed,
                     int hidden) {
  const CellDef *cell = cell_def(kind);
  int gates = cell->gates, rows = gates * hidden;
  RnnLayer l = {.cell = cell, .hidden = hidden};
  int w_ih = declare_one(set, name, "weight_ih", layer, suffix, rows, in + fed, START_GLOROT, gates);
  int w_hh = declare_one(set, name, "weight_hh", layer, suffix, rows, hidden, START_ORTHOGONAL, gates);
  l.w_ih = in > 0 ? param_part(set, w_ih, 0, in, PACK_SEARCH) : -1;
  l.w_fed = fed > 0 ? param_part(set, w_ih, in, fed, PACK_STEPS) : -1;
  l.w_hh = param_part(set, w_hh, 0, hidden, PACK_STEPS);
  l.b_ih = declare_one(set, name, "bias_ih", layer, suffix, 0, rows, cell->has_cell ? START_FORGET : START_ZERO, gates);
  l.b_hh = declare_one(set, name, "bias_hh", layer, suffix, 0, rows, START_ZERO, gates);
  return l;
}

/* Rows row .. row+n-1 of a step; the states before stand from row `before` on (-1: zeros). */
static void step(Cell *cell, const Tensor *gx, const Tensor *h, const Tensor *c, int row, int n, int before) {
  Tensor x = tensor_rows(gx, row, n), h_new = tensor_rows(h, row, n), c_new = {0}, h_old, c_old = {0};
  if (c != NULL) c_new = tensor_rows(c, row, n);
  if (before < 0) {
    op_cell_step(cell, &x, NULL, NULL, &h_new, &c_new);
    return;
  }
  h_old = tensor_rows(h, before, n);
  if (c != NULL) c_old = tensor_rows(c, before, n);
  op_cell_step(cell, &x, &h_old, c != NULL ? &c_old : NULL, &h_new, &c_new);
}

void rnn_run(const RnnLayer *l, Tape *tape, const Packed *p, bool reverse, const Tensor *x, Tensor *h, Tensor *c) {
  Tensor *gx = op_linear(tape, x, tape_part(tape, l->w_ih), tape_param(tape, l->b_ih));
  Cell *cell = op_cell_open(tape, l->cell, tape_part(tape, l->w_hh), tape_param(tape, l->b_hh));
  for (int k = 0; k < p->n_steps; k++) {
    int t = reverse ? p->n_steps - 1 - k : k;
    int running = 0; /* rows whose sentence has been in an earlier step of this direction */
    if (k > 0) running = reverse ? p->active[t + 1] : p->active[t];
    if (running > 0) step(cell, gx, h, c, p->start[t], running, reverse ? p->start[t + 1] : p->start[t - 1]);
    if (running < p->active[t]) step(cell, gx, h, c, p->start[t] + running, p->active[t] - running, -1);
  }
}
