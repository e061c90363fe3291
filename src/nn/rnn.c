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

static Norm declare_norm(ParamSet *set, const char *name, const char *what, int layer, const char *suffix, int hidden,
                         ParamStart bias, int gates) {
  Str full = {0};
  str_addf(&full, "%s.norm_%s_l%d%s", name, what, layer, suffix);
  Norm norm = norm_declare(set, str_text(&full), gates * hidden, bias, gates);
  str_free(&full);
  return norm;
}

/* A bias before normalising would be taken off again: that of the forget gate stands behind it. */
static void declare_norms(ParamSet *set, const char *name, int layer, const char *suffix, RnnLayer *l) {
  ParamStart bias = l->cell->has_cell ? START_FORGET : START_ZERO;
  int gates = l->cell->gates, hidden = l->hidden;
  l->norm_ih = declare_norm(set, name, "ih", layer, suffix, hidden, bias, gates);
  l->norm_hh = declare_norm(set, name, "hh", layer, suffix, hidden, START_ZERO, gates);
  if (l->cell->has_cell) l->norm_c = declare_norm(set, name, "c", layer, suffix, hidden, START_ZERO, 1);
}

RnnLayer rnn_declare(ParamSet *set, const char *name, int layer, const char *suffix, CellKind kind, int in, int fed,
                     int hidden, bool normed) {
  const CellDef *cell = cell_def(kind);
  int gates = cell->gates, rows = gates * hidden;
  RnnLayer l = {.cell = cell, .hidden = hidden, .mask = 2 * layer + (suffix[0] != '\0')};
  int w_ih = declare_one(set, name, "weight_ih", layer, suffix, rows, in + fed, START_GLOROT, gates);
  int w_hh = declare_one(set, name, "weight_hh", layer, suffix, rows, hidden, START_ORTHOGONAL, gates);
  l.w_ih = in > 0 ? param_part(set, w_ih, 0, in, PACK_SEARCH) : -1;
  l.w_fed = fed > 0 ? param_part(set, w_ih, in, fed, PACK_STEPS) : -1;
  l.w_hh = param_part(set, w_hh, 0, hidden, PACK_STEPS);
  l.b_ih = declare_one(set, name, "bias_ih", layer, suffix, 0, rows,
                       cell->has_cell && !normed ? START_FORGET : START_ZERO, gates);
  l.b_hh = declare_one(set, name, "bias_hh", layer, suffix, 0, rows, START_ZERO, gates);
  if (normed) declare_norms(set, name, layer, suffix, &l);
  return l;
}

Cell *rnn_open(const RnnLayer *l, Tape *tape) {
  return op_cell_open(tape, l->cell, tape_part(tape, l->w_hh), tape_param(tape, l->b_hh),
                      norm_tensors(&l->norm_hh, tape), norm_tensors(&l->norm_c, tape));
}

/* The input part of the gates of all rows [N,GH]. */
static const Tensor *input_gates(const RnnLayer *l, Tape *tape, const Tensor *x) {
  Tensor *gx = op_linear(tape, x, tape_part(tape, l->w_ih), tape_param(tape, l->b_ih));
  if (!l->norm_ih.on) return gx;
  Tensor *normed = tape_tensor(tape, gx->rows, gx->cols);
  norm_apply(&l->norm_ih, tape, gx, normed);
  return normed;
}

/* One layer on its way over a batch. */
typedef struct Walk {
  Cell *cell;
  const NoiseRun *noise;
  int mask;
  const Tensor *gx, *h, *c; /* c NULL: none */
  const Tensor *dropped;    /* [N,H] what W_hh reads of each step, NULL: h itself */
} Walk;

/* Rows row .. row+n-1 of a step; the states before stand from row `before` on (-1: zeros). */
static void step(const Walk *w, int row, int n, int before) {
  Tensor x = tensor_rows(w->gx, row, n), h_new = tensor_rows(w->h, row, n), c_new = {0}, c_old = {0}, dropped = {0};
  if (w->c != NULL) c_new = tensor_rows(w->c, row, n);
  if (before < 0) {
    op_cell_step(w->cell, &x, NULL, NULL, NULL, &h_new, &c_new);
    return;
  }
  Tensor h_old = tensor_rows(w->h, before, n);
  if (w->c != NULL) c_old = tensor_rows(w->c, before, n);
  if (w->dropped != NULL) dropped = tensor_rows(w->dropped, row, n);
  const Tensor *in = noise_apply(w->noise, NOISE_ENCODER_STATE, w->mask, row, &h_old, &dropped);
  op_cell_step(w->cell, &x, in, &h_old, w->c != NULL ? &c_old : NULL, &h_new, &c_new);
}

void rnn_run(const RnnLayer *l, Tape *tape, const Packed *p, bool reverse, const NoiseRun *noise, const Tensor *x,
             Tensor *h, Tensor *c) {
  Walk w = {.noise = noise, .mask = l->mask, .h = h, .c = c};
  w.gx = input_gates(l, tape, x);
  w.cell = rnn_open(l, tape);
  if (noise_strikes(noise, NOISE_ENCODER_STATE)) w.dropped = tape_tensor(tape, h->rows, h->cols);
  for (int k = 0; k < p->n_steps; k++) {
    int t = reverse ? p->n_steps - 1 - k : k;
    int running = 0; /* rows whose sentence has been in an earlier step of this direction */
    if (k > 0) running = reverse ? p->active[t + 1] : p->active[t];
    if (running > 0) step(&w, p->start[t], running, reverse ? p->start[t + 1] : p->start[t - 1]);
    if (running < p->active[t]) step(&w, p->start[t] + running, p->active[t] - running, -1);
  }
}
