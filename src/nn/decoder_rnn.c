/* decoder_rnn.c - the recurrent decoder whose state looks at the encoder's states (model.md's "Decoder start" and "One
 * decoder step"). The same step serves teaching, where the rows of all steps stand in slabs of the whole batch, and a
 * search, where a run holds one step. */
#include <string.h>

#include "nn/attention.h"
#include "nn/bridge.h"
#include "nn/decoder.h"
#include "nn/embedding.h"
#include "nn/gate.h"
#include "nn/rnn.h"

typedef struct RnnDecoder {
  const ModelConfig *config;
  int embedding; /* parameter [V,E] */
  RnnLayer layers[MAX_LAYERS];
  RnnLayer second; /* the second GRU of a cgru, whose first is layers[0] */
  Bridge bridge;
  Attention attention;
  Gate gate;
  int combine; /* parts: [O, D + Q (+ E)] */
  Norm norm_combine;
} RnnDecoder;

/* What goes from step to step, n rows each: recurrent states of every layer, with input feeding h~,
 * what looks carry. */
typedef struct States {
  Tensor h[MAX_LAYERS];
  Tensor c[MAX_LAYERS]; /* x NULL for a cell without c */
  Tensor feed;          /* x NULL without input feeding, and before the first step of training */
  Carried carried;
} States;

/* A decoder at work on rows of one or all steps. On the tape's arena. */
typedef struct Run {
  const RnnDecoder *decoder;
  Tape *tape;
  const NoiseRun *noise; /* NULL: none */
  AttentionRun *attention;
  GateRun *gate; /* NULL: none */
  Linear
      *feed; /* columns of layer 0's W_ih for h~ (luong with feeding) or the context, W_ih of the second GRU; or NULL */
  Linear *below[MAX_LAYERS]; /* W_ih of layers from 1 on */
  RnnRun *rnn[MAX_LAYERS];
  RnnRun *second; /* of a cgru, NULL otherwise */
  Linear *combine;
  Tensor *input[MAX_LAYERS];           /* [N,GH] W_ih x + b_ih */
  Tensor *gates[MAX_LAYERS];           /* the same tensor, or another that takes it normalised step by step */
  Tensor *second_input, *second_gates; /* [N,3Q] likewise */
  Tensor *query;                       /* [N,Q] s'_t, what a cgru's first GRU gives */
  Tensor *h[MAX_LAYERS];               /* [N,Q] recurrent states; one of them may be columns of joined */
  Tensor *c[MAX_LAYERS];               /* NULL for a cell without c */
  Tensor *o[MAX_LAYERS];               /* [N,Q] outputs: h, or h + the output below when residual */
  Tensor *dropped[MAX_LAYERS];         /* [N,Q] inputs of layers from 1 on after dropout; NULL when off */
  Tensor *joined;                      /* [N, D + Q (+ E)]: [c; s] or, deep, [c; s; e]: what W_combine reads */
  Tensor *combined;                    /* [N,O] W_combine joined */
  Tensor *readout;                     /* [N,O] h~; the same tensor as combined unless that is normalised */
  Tensor *weights;                     /* [N,S] alignments */
  Carried carried;                     /* what the last look's rows carry on */
  Tensor *centre;                      /* [N,1] p_t of local_p; NULL with another scope */
} Run;

/* Columns of c. */
static int context_size(const ModelConfig *c) {
  const AttentionSpec spec = attention_spec(c);
  return attention_width(&spec);
}

/* Whether a look needs the step before, so that all steps cannot be done at once. */
static bool looks_stepwise(const RnnDecoder *d) {
  const ModelConfig *c = d->config;
  return model_config_look(c) != LOOK_AFTER || c->attention.input_feeding || carry_any(&d->attention.spec);
}

/* Columns that [c; s (; e)] has. */
static int joined_size(const ModelConfig *c) {
  return context_size(c) + c->decoder.hidden + (model_config_deep(c) ? c->embedding : 0);
}

static void declare(void *decoder, ParamSet *set, const ModelConfig *c, int embedding) {
  RnnDecoder *d = decoder;
  int q = c->decoder.hidden, context = context_size(c), fed = 0;
  LookTime look = model_config_look(c);
  if (look == LOOK_BEFORE) fed = context;
  if (model_config_feeds(c)) fed = q;
  d->config = c;
  d->embedding = embedding;
  RnnSpec spec = {.name = "decoder.rnn",
                  .suffix = "",
                  .cell = c->decoder.cell,
                  .in = c->embedding,
                  .fed = fed,
                  .hidden = q,
                  .normed = c->layer_norm,
                  .act = &c->decoder.act};
  for (; spec.layer < c->decoder.layers; spec.layer++, spec.in = 0, spec.fed = q)
    d->layers[spec.layer] = rnn_declare(set, &spec);
  spec.layer = 0;
  spec.suffix = "_context";
  spec.fed = context;
  spec.in = 0;
  if (look == LOOK_BETWEEN) d->second = rnn_declare(set, &spec);
  bridge_declare(&d->bridge, set, c);
  const AttentionSpec attention = attention_spec(c);
  attention_declare(&d->attention, set, &attention);
  if (c->attention.gate) gate_declare(&d->gate, set, q);
  d->combine = param_again(set, param_weight(set, "decoder.combine.weight", q, joined_size(c), START_GLOROT, 1));
  if (c->layer_norm) d->norm_combine = norm_declare(set, "decoder.norm_combine", q, START_ZERO, 1);
}

/* s_0 of every sentence, in sentence order. What is carried is left to the caller. */
static void start_states(const RnnDecoder *d, Tape *tape, const Encoded *encoded, States *state) {
  const ModelConfig *c = d->config;
  int n = encoded->places.n_sent, q = c->decoder.hidden;
  bool has_cell = d->layers[0].cell->has_cell;
  const Tensor *x = encoded->last_h[c->encoder.layers - 1];
  if (c->decoder.init == INIT_mean) {
    Tensor *mean = tape_tensor(tape, n, model_config_state(c));
    op_mean(tape, &encoded->places, encoded->states, mean);
    x = mean;
  }
  *state = (States){0};
  for (int l = 0; l < c->decoder.layers; l++) {
    bool copy = c->decoder.init == INIT_copy, zero = c->decoder.init == INIT_zero;
    if (copy || zero) state->h[l] = copy ? *encoded->last_h[l] : *tape_zeros(tape, n, q);
    else state->h[l] = bridge_state(&d->bridge, tape, l, x);
    if (has_cell) state->c[l] = copy ? *encoded->last_c[l] : *tape_zeros(tape, n, q);
  }
  if (model_config_feeds(c)) state->feed = *tape_zeros(tape, n, q);
}

/* Embeds the input tokens, with dropout; in place where the readout reads them as well. */
static const Tensor *embed(Run *run, const int32_t *ids, int n) {
  const ModelConfig *c = run->decoder->config;
  Tensor *e = model_config_deep(c)
                  ? tape_keep(run->tape, tensor_cols(run->joined, run->joined->cols - c->embedding, c->embedding))
                  : tape_tensor(run->tape, n, c->embedding);
  embedding_rows(run->tape, run->decoder->embedding, ids, e);
  noise_words(run->noise, NOISE_TARGET_WORDS, e);
  return noise_apply(run->noise, NOISE_TARGET, 0, 0, e, e);
}

/* W_ih x + b_ih of n rows, and the gates it becomes: normalised in a tensor of their own, else the same. */
static void open_gates(const RnnLayer *layer, Tape *tape, int n, Tensor **input, Tensor **gates) {
  *input = *gates = rnn_gates(layer, tape, n);
  if (layer->norm_ih.on) *input = tape_tensor(tape, n, (*gates)->cols);
}

/* Layer 0's gates get their embedding part for all rows at once; what is fed comes step by step through run->feed.
 * Where nothing is fed they can be normalised at once as well. */
static void open_input(Run *run, const Tensor *embedded) {
  const RnnLayer *layer = &run->decoder->layers[0];
  Tape *tape = run->tape;
  open_gates(layer, tape, embedded->rows, &run->input[0], &run->gates[0]);
  Tensor *input = run->input[0];
  op_linear_to(op_linear_open(tape, tape_part(tape, layer->w_ih), tape_param(tape, layer->b_ih)), embedded, input);
  if (layer->w_fed >= 0) run->feed = op_linear_open(tape, tape_part(tape, layer->w_fed), NULL);
  if (!layer->norm_ih.on) return;
  if (layer->w_fed >= 0 || layer->ponder.max_rounds > 0) return;
  norm_apply(&layer->norm_ih, tape, input, run->gates[0]);
  run->input[0] = run->gates[0];
}

/* The second GRU of a cgru, on layer 0. Its gates come of the context, the state before is what the first one gives. */
static void open_second(Run *run, int n) {
  const RnnLayer *layer = &run->decoder->second;
  Tape *tape = run->tape;
  run->query = tape_tensor(tape, n, layer->hidden);
  open_gates(layer, tape, n, &run->second_input, &run->second_gates);
  run->feed = op_linear_open(tape, tape_part(tape, layer->w_fed), tape_param(tape, layer->b_ih));
  run->second = rnn_open(layer, tape, n, run->noise, NOISE_DECODER_STATE);
}

static void open_layer(Run *run, int l, int n) {
  const ModelConfig *c = run->decoder->config;
  const RnnLayer *layer = &run->decoder->layers[l];
  Tape *tape = run->tape;
  int q = c->decoder.hidden;
  bool top = l == c->decoder.layers - 1, adds = c->decoder.residual && l > 0;
  /* The top output is written where the readout reads s_t. */
  Tensor *s = top ? tape_keep(tape, tensor_cols(run->joined, context_size(c), q)) : tape_tensor(tape, n, q);
  run->o[l] = s;
  run->h[l] = adds ? tape_tensor(tape, n, q) : s;
  if (layer->cell->has_cell) run->c[l] = tape_tensor(tape, n, q);
  run->rnn[l] = rnn_open(layer, tape, n, run->noise, NOISE_DECODER_STATE);
  if (l == 0) return;
  open_gates(layer, tape, n, &run->input[l], &run->gates[l]);
  run->below[l] = op_linear_open(tape, tape_part(tape, layer->w_fed), tape_param(tape, layer->b_ih));
  if (noise_strikes(run->noise, NOISE_DECODER)) run->dropped[l] = tape_tensor(tape, n, q);
}

/* A run over n rows whose input tokens are ids [n]. */
static Run *open_run(const RnnDecoder *d, Tape *tape, const Encoded *encoded, const AttentionKeys *keys,
                     const int32_t *ids, int n, const NoiseRun *noise) {
  Run *run = arena_zero(tape->arena, 1, sizeof *run);
  run->decoder = d;
  run->tape = tape;
  run->noise = noise;
  run->joined = tape_tensor(tape, n, joined_size(d->config));
  open_input(run, embed(run, ids, n));
  for (int l = 0; l < d->config->decoder.layers; l++) open_layer(run, l, n);
  if (model_config_look(d->config) == LOOK_BETWEEN) open_second(run, n);
  run->attention = attention_open(&d->attention, tape, &encoded->places, keys, n);
  run->attention->noise = noise;
  run->attention->sources = encoded->chance;
  run->gate = gate_open(&d->gate, tape, n, context_size(d->config));
  run->combine = op_linear_open(tape, tape_part(tape, d->combine), NULL);
  run->combined = run->readout = tape_tensor(tape, n, d->config->decoder.hidden);
  if (d->norm_combine.on) run->readout = tape_tensor(tape, n, d->config->decoder.hidden);
  run->weights = tape_tensor(tape, n, d->attention.spec.heads * encoded->places.longest);
  if (d->config->attention.scope == SCOPE_local_p) run->centre = tape_tensor(tape, n, 1);
  return run;
}

/* Attention of the rows from row on that query has; the context lands in the first columns of joined. before: what they
 * carry; NULL when no look needs the step before. */
static void attend(Run *run, int row, const Tensor *query, const Carried *before, const int *sentence,
                   const int *step) {
  int n = query->rows;
  Tensor context = tensor_view(run->joined, row, n, 0, context_size(run->decoder->config));
  AttentionLook look = {.sentence = sentence,
                        .step = step,
                        .query = *query,
                        .before = before,
                        .weights = tensor_rows(run->weights, row, n),
                        .context = gate_before(run->gate, row, &context)};
  if (run->centre != NULL) look.centre = tensor_rows(run->centre, row, n);
  attention_read(run->attention, &look);
  gate_pass(run->gate, row, query, &context);
  run->carried = look.after;
}

/* h~ = tanh(W_c x), x = [c; s (; e)], normalised before the tanh if wanted (Luong et al. 2015, eq. 5); sum and y are
 * one tensor unless it is. */
static void read_out(const Run *run, const Tensor *x, Tensor *sum, Tensor *y) {
  op_linear_to(run->combine, x, sum);
  if (run->combined != run->readout) norm_apply(&run->decoder->norm_combine, run->tape, sum, y);
  op_tanh(run->tape, y);
}

/* That of n rows from row on. */
static void combine(Run *run, int row, int n) {
  Tensor x = tensor_rows(run->joined, row, n), y = tensor_rows(run->readout, row, n);
  Tensor sum = tensor_rows(run->combined, row, n);
  read_out(run, &x, &sum, &y);
}

/* And of each position alone; NULL where that is not wanted. */
static const Mixture *mix(const Run *run, const int *sentence) {
  if (run->attention->hard == NULL || !run->attention->hard->mixes) return NULL;
  Mixture *m = mixture_open(run->tape, &(MixtureRows){run->attention, run->gate, run->joined, sentence});
  Tensor *sum = tape_tensor(run->tape, m->mixed.n, run->readout->cols), *y = sum;
  if (run->combined != run->readout) y = tape_tensor(run->tape, m->mixed.n, run->readout->cols);
  read_out(run, &m->joined, sum, y);
  m->readout = y;
  return m;
}

/* Layer l >= 1: o^l = RNN_l(drop(o^{l-1})) (+ o^{l-1}). */
static void enter_layer(Run *run, int l, int row, int n) {
  Tensor below = tensor_rows(run->o[l - 1], row, n), input = tensor_rows(run->input[l], row, n), dropped = {0};
  if (run->dropped[l] != NULL) dropped = tensor_rows(run->dropped[l], row, n);
  op_linear_to(run->below[l], noise_apply(run->noise, NOISE_DECODER, l, row, &below, &dropped), &input);
}

/* The gates of a step of layer l, where they are not normalised already. */
static void normalise(const Run *run, int l, RnnStep *step) {
  if (run->input[l] != run->gates[l])
    norm_apply(&run->decoder->layers[l].norm_ih, run->tape, &step->input, &step->gates);
}

static void run_layer(Run *run, int l, int row, int n, const States *before) {
  RnnStep step = {.row = row,
                  .input = tensor_rows(run->input[l], row, n),
                  .gates = tensor_rows(run->gates[l], row, n),
                  .h = &before->h[l],
                  .c = &before->c[l],
                  .h_new = tensor_rows(run->h[l], row, n)};
  if (run->c[l] != NULL) step.c_new = tensor_rows(run->c[l], row, n);
  normalise(run, l, &step);
  rnn_step(run->rnn[l], &step);
  if (run->o[l] == run->h[l]) return;
  Tensor below = tensor_rows(run->o[l - 1], row, n), o = tensor_rows(run->o[l], row, n);
  op_add(run->tape, &step.h_new, &below, &o);
}

/* Layer 0 of a cgru (Sennrich et al. 2017): s' = GRU_1(e, s_{t-1}), s_t = GRU_2(c_t, s'), c_t what s' looks at. */
static void run_conditional(Run *run, int row, int n, const States *before, const int *sentence, const int *step) {
  const RnnDecoder *d = run->decoder;
  const Tensor query = tensor_rows(run->query, row, n);
  RnnStep first = {.row = row,
                   .input = tensor_rows(run->input[0], row, n),
                   .gates = tensor_rows(run->gates[0], row, n),
                   .h = &before->h[0],
                   .h_new = query};
  normalise(run, 0, &first);
  rnn_step(run->rnn[0], &first);
  attend(run, row, &query, &before->carried, sentence, step);
  Tensor context = tensor_view(run->joined, row, n, 0, context_size(d->config));
  RnnStep second = {.row = row,
                    .input = tensor_rows(run->second_input, row, n),
                    .gates = tensor_rows(run->second_gates, row, n),
                    .h = &query,
                    .h_new = tensor_rows(run->h[0], row, n)};
  op_linear_to(run->feed, &context, &second.input);
  if (run->second_input != run->second_gates) norm_apply(&d->second.norm_ih, run->tape, &second.input, &second.gates);
  rnn_step(run->second, &second);
}

/* The step of rows row .. row+n-1 from the states before, n rows each; sentence, step [n]. */
static void run_step(Run *run, int row, int n, const States *before, const int *sentence, const int *step) {
  const ModelConfig *c = run->decoder->config;
  int top = c->decoder.layers - 1;
  LookTime look = model_config_look(c);
  Tensor input = tensor_rows(run->input[0], row, n);
  if (look == LOOK_BEFORE) {
    attend(run, row, &before->h[top], &before->carried, sentence, step);
    Tensor context = tensor_view(run->joined, row, n, 0, context_size(c));
    op_linear_add(run->feed, &context, &input);
  } else if (before->feed.x != NULL) {
    op_linear_add(run->feed, &before->feed, &input);
  }
  for (int l = 0; l <= top; l++) {
    if (l > 0) enter_layer(run, l, row, n);
    if (l == 0 && look == LOOK_BETWEEN) run_conditional(run, row, n, before, sentence, step);
    else run_layer(run, l, row, n, before);
  }
  if (look != LOOK_AFTER || !looks_stepwise(run->decoder)) return;
  Tensor query = tensor_rows(run->o[top], row, n);
  attend(run, row, &query, &before->carried, sentence, step);
  if (model_config_feeds(c)) combine(run, row, n);
}

/* The states after the step that wrote rows row .. row+n-1. */
static void states_after(const Run *run, int row, int n, States *state) {
  *state = (States){0};
  for (int l = 0; l < run->decoder->config->decoder.layers; l++) {
    state->h[l] = tensor_rows(run->h[l], row, n);
    if (run->c[l] != NULL) state->c[l] = tensor_rows(run->c[l], row, n);
  }
  if (model_config_feeds(run->decoder->config)) state->feed = tensor_rows(run->readout, row, n);
  state->carried = run->carried;
}

/* What need not be done step by step, for all rows at once. Afterwards readout and weights stand. */
static void finish(Run *run, const int *sentence, const int *step) {
  const ModelConfig *c = run->decoder->config;
  if (model_config_feeds(c)) return;
  if (!looks_stepwise(run->decoder)) attend(run, 0, run->o[c->decoder.layers - 1], NULL, sentence, step);
  combine(run, 0, run->joined->rows);
}

/* s_0 in the order of the packed targets. What is fed is zeros in any order. */
static void sort_state(Tape *tape, const Packed *p, int layers, States *s) {
  for (int l = 0; l < layers; l++) {
    Tensor *h = tape_tensor(tape, p->n_sent, s->h[l].cols);
    op_rows(tape, &s->h[l], p->order, h);
    s->h[l] = *h;
    if (s->c[l].x == NULL) continue;
    Tensor *c = tape_tensor(tape, p->n_sent, s->c[l].cols);
    op_rows(tape, &s->c[l], p->order, c);
    s->c[l] = *c;
  }
}

/* The states of the first n rows. */
static States first_rows(const States *s, int n) {
  States part = {0};
  for (int l = 0; l < MAX_LAYERS; l++) {
    if (s->h[l].x != NULL) part.h[l] = tensor_rows(&s->h[l], 0, n);
    if (s->c[l].x != NULL) part.c[l] = tensor_rows(&s->c[l], 0, n);
  }
  if (s->feed.x != NULL) part.feed = tensor_rows(&s->feed, 0, n);
  part.carried = carry_rows(&s->carried, n);
  return part;
}

/* How long the rows have pondered: in each layer, of a cgru in its second GRU too. */
static PonderedSide find_pondered(const Run *run) {
  const DecoderConfig *c = &run->decoder->config->decoder;
  if (c->act.max_steps == 0) return (PonderedSide){0};
  Pondered *all = tape_alloc(run->tape, (size_t)c->layers + 1, sizeof *all);
  int n = 0;
  for (int l = 0; l < c->layers; l++) all[n++] = rnn_pondered(run->rnn[l]);
  if (run->second != NULL) all[n++] = rnn_pondered(run->second);
  return (PonderedSide){n, all};
}

static void give(const Run *run, const int *sentence, DecoderOut *out) {
  const RnnDecoder *d = run->decoder;
  const Tensor *alignment =
      attention_alignment(&d->attention.spec, run->tape, run->weights, d->config->attention.alignment.heads);
  const Tensor **looks = tape_alloc(run->tape, 1, sizeof(Tensor *));
  looks[0] = run->weights;
  *out = (DecoderOut){.readout = run->readout,
                      .weights = alignment,
                      .pondered = find_pondered(run),
                      .hard = run->attention->hard,
                      .mixture = mix(run, sentence),
                      .centre = run->centre,
                      .looks[HEADS_CROSS] = {1, run->decoder->attention.spec.heads, looks}};
}

static void teach(const void *decoder, Tape *tape, const Encoded *encoded, const Targets *targets,
                  const NoiseRun *noise, DecoderOut *out) {
  const RnnDecoder *d = decoder;
  const Packed *p = targets->side->packed;
  States state;
  start_states(d, tape, encoded, &state);
  sort_state(tape, p, d->config->decoder.layers, &state);
  state.carried = carry_start(&d->attention, tape, &encoded->places, p->order, p->n_sent);
  state.feed = (Tensor){0}; /* zeros: nothing to add */
  const AttentionKeys *keys = attention_keys(&d->attention, tape, encoded->states, encoded->keys);
  Run *run = open_run(d, tape, encoded, keys, targets->in, p->n_rows, noise);
  for (int step = 0; step < p->n_steps; step++) {
    int row = p->start[step], rows = p->active[step];
    States before = first_rows(&state, rows);
    run_step(run, row, rows, &before, p->sentence + row, p->step + row);
    states_after(run, row, rows, &state);
  }
  finish(run, p->sentence, p->step);
  give(run, p->sentence, out);
}

/* What a search keeps. */
typedef struct Kept {
  const AttentionKeys *keys;
  States now, after; /* a row a hypothesis; after stands on the arena of the step */
  CarryRoom room;    /* of what now has carried */
} Kept;

/* Room for the states of n rows, as many numbers each as in `like`; what is carried has its own. */
static States make_room(Tape *tape, const States *like, int n) {
  States room = {0};
  for (int l = 0; l < MAX_LAYERS; l++) {
    if (like->h[l].x != NULL) room.h[l] = *tape_tensor(tape, n, like->h[l].cols);
    if (like->c[l].x != NULL) room.c[l] = *tape_tensor(tape, n, like->c[l].cols);
  }
  if (like->feed.x != NULL) room.feed = *tape_tensor(tape, n, like->feed.cols);
  return room;
}

static void select_rows(Tensor *to, const Tensor *from, const int *rows, int n) {
  if (to->x == NULL) return;
  for (int r = 0; r < n; r++) memcpy(tensor_row(to, r), tensor_row(from, rows[r]), (size_t)to->cols * sizeof(real));
}

static void select_states(const void *decoder, void *state, const int *parents, int n) {
  (void)decoder;
  Kept *kept = state;
  for (int l = 0; l < MAX_LAYERS; l++) {
    select_rows(&kept->now.h[l], &kept->after.h[l], parents, n);
    select_rows(&kept->now.c[l], &kept->after.c[l], parents, n);
  }
  select_rows(&kept->now.feed, &kept->after.feed, parents, n);
  carry_select(&kept->room, &kept->after.carried, parents, n);
  kept->now.carried = kept->room.now;
}

static void start(const void *decoder, Tape *tape, Arena *arena, const Encoded *encoded, const SearchRoom *room,
                  void *state) {
  const RnnDecoder *d = decoder;
  Kept *kept = state;
  start_states(d, tape, encoded, &kept->after);
  kept->now = make_room(tape, &kept->after, room->rows);
  kept->room = (CarryRoom){.arena = arena, .rows = room->rows};
  kept->keys = attention_keys(&d->attention, tape, encoded->states, encoded->keys);
  int n = encoded->places.n_sent, *all = tape_alloc(tape, (size_t)n, sizeof *all);
  for (int b = 0; b < n; b++) all[b] = b;
  kept->after.carried = carry_start(&d->attention, tape, &encoded->places, all, n);
  select_states(d, kept, all, n);
}

static void step(const void *decoder, Tape *tape, const Encoded *encoded, void *state, const StepRows *rows,
                 DecoderOut *out) {
  Kept *kept = state;
  const Rows *at = &rows->rows;
  States now = first_rows(&kept->now, at->n);
  Run *run = open_run(decoder, tape, encoded, kept->keys, rows->tokens, at->n, NULL);
  run_step(run, 0, at->n, &now, at->sentence, at->step);
  finish(run, at->sentence, at->step);
  states_after(run, 0, at->n, &kept->after);
  give(run, at->sentence, out);
}

const DecoderDef decoder_rnn = {.name = "rnn",
                                .packed = true,
                                .size = sizeof(RnnDecoder),
                                .state_size = sizeof(Kept),
                                .declare = declare,
                                .teach = teach,
                                .start = start,
                                .step = step,
                                .select = select_states};
