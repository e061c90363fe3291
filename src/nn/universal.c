#include "nn/universal.h"

void universal_declare(Universal *u, ParamSet *set, const ModelConfig *config) {
  *u = (Universal){.config = config};
  if (config->encoder.act.max_steps == 0) return;
  u->halt_w = param_weight(set, "encoder.halt.weight", 1, config->embedding, START_GLOROT, 1);
  u->halt_b = param_constant(set, "encoder.halt.bias", 1, config->encoder.act.bias);
}

/* A run on its way. */
typedef struct Way {
  const Stack *stack;
  const LayerRun *run;
  const EncoderInput *in;
  Encoded *out;
  Tensor times;     /* [most steps + 1, d] sinusoids */
  const Tensor *x;  /* [N,d] before a step */
  const int *live;  /* [n_live] rows that go on; NULL: all */
  int step, n_live; /* step: the one to be taken, from 1 */
} Way;

static Way set_out(const Universal *u, const Stack *stack, const LayerRun *run, const EncoderInput *in, Encoded *out) {
  int most = model_config_encoder_depth(u->config);
  return (Way){.stack = stack,
               .run = run,
               .in = in,
               .out = out,
               .times = positions_sinusoids(run->tape, most + 1, u->config->embedding),
               .x = in->x,
               .step = 1,
               .n_live = run->rows.n};
}

/* x with what each step adds to it. */
static const Tensor *place(const Way *w) {
  Tape *tape = w->run->tape;
  int n = w->x->rows, *step = tape_alloc(tape, (size_t)n, sizeof *step);
  for (int r = 0; r < n; r++) step[r] = w->step;
  Tensor *timed = tape_tensor(tape, n, w->x->cols);
  op_place(tape, w->x, 1, &w->times, step, timed);
  const Tensor *positions = w->in->positions == NULL ? NULL : positions_first(w->in->positions);
  if (w->step == 1 || positions == NULL) return timed;
  Tensor *placed = tape_tensor(tape, n, w->x->cols);
  op_place(tape, timed, 1, positions, w->run->rows.step, placed);
  return placed;
}

/* What the layer makes of all rows; each step has masks of dropout of its own. */
static const Tensor *take_step(Way *w) {
  Layer *layer = tape_alloc(w->run->tape, 1, sizeof *layer);
  *layer = w->stack->layers[0];
  layer->spec.number += w->step - 1;
  const LayerInput input = {.x = place(w), .position = w->in->positions};
  w->step++;
  return layer_run(layer, w->run, &input, &w->out->attended[w->out->n_attended++]);
}

/* The rows of y that go on so far. */
static const Tensor *pick(const Way *w, const Tensor *y) {
  if (w->live == NULL) return y;
  Tensor *some = tape_tensor(w->run->tape, w->n_live, y->cols);
  op_rows(w->run->tape, y, w->live, some);
  return some;
}

/* y where a row has gone this step, x where it stood still. */
static const Tensor *stand_still(const Way *w, const Tensor *y) {
  if (w->live == NULL) return y;
  Tensor *both = tape_tensor(w->run->tape, y->rows, y->cols);
  op_ponder_still(w->run->tape, w->x, y, w->live, w->n_live, both);
  return both;
}

/* One step of all that go on; false: none goes on from here. */
static bool go(const Universal *u, Way *w, Ponder *ponder) {
  Tape *tape = w->run->tape;
  const Tensor *y = take_step(w), *states = pick(w, y);
  const Tensor *unit = op_linear(tape, states, tape_part(tape, u->halt_w), tape_param(tape, u->halt_b));
  const int *on;
  int n = op_ponder_round(ponder, states, NULL, unit, &on), *live = tape_alloc(tape, (size_t)n + 1, sizeof *live);
  for (int k = 0; k < n; k++) live[k] = w->live == NULL ? on[k] : w->live[on[k]];
  w->x = stand_still(w, y);
  w->live = live;
  w->n_live = n;
  return n > 0;
}

static const Tensor *ponder(const Universal *u, Way *w) {
  Tape *tape = w->run->tape;
  const ActConfig *act = &u->config->encoder.act;
  int n = w->x->rows, *steps = tape_alloc(tape, (size_t)n, sizeof *steps);
  Tensor *mixed = tape_tensor(tape, n, w->x->cols), *cost = tape_tensor(tape, n, 1);
  Ponder *p = op_ponder_open(tape, n, (PonderRule){act->max_steps, act->epsilon});
  while (go(u, w, p)) continue;
  op_ponder_close(p, mixed, NULL, cost, steps);
  Pondered *pondered = tape_alloc(tape, 1, sizeof *pondered);
  *pondered = (Pondered){cost, steps};
  w->out->pondered = (PonderedSide){1, pondered};
  return mixed;
}

const Tensor *universal_run(const Universal *u, const Stack *stack, const LayerRun *run, const EncoderInput *in,
                            Encoded *out) {
  Way w = set_out(u, stack, run, in, out);
  if (u->config->encoder.act.max_steps > 0) w.x = ponder(u, &w);
  else
    for (int n = 0; n < u->config->encoder.layers; n++) w.x = take_step(&w);
  out->n_steps = out->n_attended;
  return stack->norm.on ? norm_new(&stack->norm, run->tape, w.x) : w.x;
}
