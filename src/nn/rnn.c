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

/* The column for the number that is 1 the first time, and the unit that halts. */
static void declare_act(ParamSet *set, const RnnSpec *s, int w_ih, RnnLayer *l) {
  l->ponder = (PonderRule){s->act->max_steps, s->act->epsilon};
  l->w_flag = param_part(set, w_ih, s->in + s->fed, 1);
  Str full = {0};
  str_addf(&full, "%s.halt_l%d%s.weight", s->name, s->layer, s->suffix);
  l->w_halt = param_weight(set, str_text(&full), 1, s->hidden, START_GLOROT, 1);
  str_clear(&full);
  str_addf(&full, "%s.halt_l%d%s.bias", s->name, s->layer, s->suffix);
  l->b_halt = param_constant(set, str_text(&full), 1, s->act->bias);
  str_free(&full);
}

RnnLayer rnn_declare(ParamSet *set, const RnnSpec *s) {
  const CellDef *cell = cell_def(s->cell);
  const char *name = s->name, *suffix = s->suffix;
  int gates = cell->gates, rows = gates * s->hidden, layer = s->layer;
  bool acts = s->act->max_steps > 0;
  RnnLayer l = {.cell = cell, .hidden = s->hidden, .mask = 2 * layer + (suffix[0] != '\0')};
  int w_ih =
      declare_one(set, name, "weight_ih", layer, suffix, rows, s->in + s->fed + (acts ? 1 : 0), START_GLOROT, gates);
  int w_hh = declare_one(set, name, "weight_hh", layer, suffix, rows, s->hidden, START_ORTHOGONAL, gates);
  l.w_ih = s->in > 0 ? param_part(set, w_ih, 0, s->in) : -1;
  l.w_fed = s->fed > 0 ? param_again(set, param_part(set, w_ih, s->in, s->fed)) : -1;
  l.w_hh = param_again(set, param_part(set, w_hh, 0, s->hidden));
  l.b_ih = declare_one(set, name, "bias_ih", layer, suffix, 0, rows,
                       cell->has_cell && !s->normed ? START_FORGET : START_ZERO, gates);
  l.b_hh = declare_one(set, name, "bias_hh", layer, suffix, 0, rows, START_ZERO, gates);
  if (s->normed) declare_norms(set, name, layer, suffix, &l);
  if (acts) declare_act(set, s, w_ih, &l);
  return l;
}

Tensor *rnn_gates(const RnnLayer *l, Tape *tape, int n) {
  int cols = l->cell->gates * l->hidden;
  return l->ponder.max_rounds == 0 ? tape_in_place(tape, n, cols) : tape_tensor(tape, n, cols);
}

RnnRun *rnn_open(const RnnLayer *l, Tape *tape, int n, const NoiseRun *noise, NoisePlace place) {
  RnnRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (RnnRun){.layer = l, .tape = tape, .noise = noise, .place = place};
  run->cell = op_cell_open(tape, l->cell, tape_part(tape, l->w_hh), tape_param(tape, l->b_hh),
                           norm_tensors(&l->norm_hh, tape), norm_tensors(&l->norm_c, tape));
  if (l->ponder.max_rounds == 0) {
    if (noise_strikes(noise, place)) run->dropped = tape_tensor(tape, n, l->hidden);
    return run;
  }
  run->flag = op_linear_open(tape, tape_part(tape, l->w_flag), NULL);
  run->halt = op_linear_open(tape, tape_part(tape, l->w_halt), tape_param(tape, l->b_halt));
  run->cost = tape_tensor(tape, n, 1);
  run->steps = tape_alloc(tape, (size_t)n, sizeof(int));
  return run;
}

/* The gates of the first time: with the flag. */
static const Tensor *flagged(const RnnRun *run, const RnnStep *s) {
  Tape *tape = run->tape;
  int n = s->input.rows, cols = s->input.cols;
  Tensor *one = tape_tensor(tape, n, 1), *flag = tape_tensor(tape, n, cols), *sum = tape_tensor(tape, n, cols);
  for (int r = 0; r < n; r++) one->x[r] = 1;
  op_linear_to(run->flag, one, flag);
  op_add(tape, &s->input, flag, sum);
  return run->layer->norm_ih.on ? norm_new(&run->layer->norm_ih, tape, sum) : sum;
}

/* What stands before a round. */
typedef struct Thought {
  const Tensor *rest; /* gates without the flag */
  const Tensor *h, *c;
  const NoiseRun *noise;
  int row; /* the first of the noise's */
} Thought;

static const Tensor *pick(Tape *tape, const Tensor *x, const int *index, int n) {
  if (x == NULL || n == x->rows) return x;
  Tensor *some = tape_tensor(tape, n, x->cols);
  op_rows(tape, x, index, some);
  return some;
}

/* One run of the cell; gives how many rows go on, and what they go on from. */
static int think(const RnnRun *run, Ponder *ponder, const Tensor *gates, Thought *at) {
  const RnnLayer *l = run->layer;
  Tape *tape = run->tape;
  int n = gates->rows;
  Tensor *h = tape_tensor(tape, n, l->hidden), *c = l->cell->has_cell ? tape_tensor(tape, n, l->hidden) : NULL;
  const Tensor *in = at->h == NULL ? NULL : noise_apply(at->noise, run->place, l->mask, at->row, at->h, NULL);
  op_cell_step(run->cell, &(CellRows){gates, in, at->h, at->c, h, c});
  Tensor *u = tape_tensor(tape, n, 1);
  op_linear_to(run->halt, h, u);
  const int *on;
  int n_on = op_ponder_round(ponder, h, c, u, &on);
  *at = (Thought){pick(tape, at->rest, on, n_on), pick(tape, h, on, n_on), pick(tape, c, on, n_on),
                  noise_pick(at->noise, at->row, on, n_on), 0};
  return n_on;
}

static void ponder(const RnnRun *run, const RnnStep *s) {
  int n = s->input.rows;
  Ponder *p = op_ponder_open(run->tape, n, run->layer->ponder);
  Thought at = {tape_keep(run->tape, s->gates), s->h, s->c, run->noise, s->row};
  int on = think(run, p, flagged(run, s), &at);
  while (on > 0) on = think(run, p, at.rest, &at);
  Tensor h = s->h_new, c = s->c_new, cost = tensor_rows(run->cost, s->row, n);
  op_ponder_close(p, &h, c.x == NULL ? NULL : &c, &cost, run->steps + s->row);
}

void rnn_step(const RnnRun *run, const RnnStep *s) {
  if (run->halt != NULL) {
    ponder(run, s);
    return;
  }
  Tensor dropped = {0}, h = s->h_new, c = s->c_new;
  const Tensor *in = s->h;
  if (run->dropped != NULL && s->h != NULL) {
    dropped = tensor_rows(run->dropped, s->row, s->h->rows);
    in = noise_apply(run->noise, run->place, run->layer->mask, s->row, s->h, &dropped);
  }
  op_cell_step(run->cell, &(CellRows){&s->gates, in, s->h, s->c, &h, &c});
}

Pondered rnn_pondered(const RnnRun *run) { return (Pondered){run->cost, run->steps}; }

/* Rows row .. row+n-1 of the encoder's; the states before stand from row `before` on (-1: zeros). */
static void step(const RnnRun *run, RnnStep s, const Tensor *h, const Tensor *c, int n, int before) {
  Tensor h_old = {0}, c_old = {0};
  s.input = tensor_rows(&s.input, s.row, n);
  s.gates = tensor_rows(&s.gates, s.row, n);
  s.h_new = tensor_rows(h, s.row, n);
  if (c != NULL) s.c_new = tensor_rows(c, s.row, n);
  if (before >= 0) {
    h_old = tensor_rows(h, before, n);
    s.h = &h_old;
  }
  if (before >= 0 && c != NULL) {
    c_old = tensor_rows(c, before, n);
    s.c = &c_old;
  }
  rnn_step(run, &s);
}

/* W_ih x + b_ih, and the gates it becomes: normalised in a tensor of their own, else the same. */
static void project(const RnnLayer *l, Tape *tape, const Tensor *x, RnnStep *s) {
  Tensor *gates = rnn_gates(l, tape, x->rows);
  Tensor *input = l->norm_ih.on ? tape_tensor(tape, gates->rows, gates->cols) : gates;
  op_linear_to(op_linear_open(tape, tape_part(tape, l->w_ih), tape_param(tape, l->b_ih)), x, input);
  if (l->norm_ih.on) norm_apply(&l->norm_ih, tape, input, gates);
  s->input = *input;
  s->gates = *gates;
}

Pondered rnn_run(const RnnLayer *l, Tape *tape, const Packed *p, bool reverse, const NoiseRun *noise, const Tensor *x,
                 Tensor *h, Tensor *c) {
  RnnStep s = {0};
  project(l, tape, x, &s);
  RnnRun *run = rnn_open(l, tape, x->rows, noise, NOISE_ENCODER_STATE);
  for (int k = 0; k < p->n_steps; k++) {
    int t = reverse ? p->n_steps - 1 - k : k;
    int running = 0; /* rows whose sentence has been in an earlier step of this direction */
    if (k > 0) running = reverse ? p->active[t + 1] : p->active[t];
    s.row = p->start[t];
    if (running > 0) step(run, s, h, c, running, reverse ? p->start[t + 1] : p->start[t - 1]);
    s.row = p->start[t] + running;
    if (running < p->active[t]) step(run, s, h, c, p->active[t] - running, -1);
  }
  return rnn_pondered(run);
}
