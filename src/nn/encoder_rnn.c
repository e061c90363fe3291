/* encoder_rnn.c - recurrent layers, each over the whole sentence, in one direction or both (model.md's "Encoder"). */
#include "nn/encoder.h"
#include "nn/rnn.h"

typedef struct RnnEncoder {
  const ModelConfig *config;
  RnnLayer layers[MAX_LAYERS][2];
} RnnEncoder;

static void declare(void *encoder, ParamSet *set, const ModelConfig *config) {
  RnnEncoder *e = encoder;
  const EncoderConfig *c = &config->encoder;
  e->config = config;
  RnnSpec spec = {
      .name = "encoder.rnn", .cell = c->cell, .hidden = c->hidden, .normed = config->layer_norm, .act = &c->act};
  for (; spec.layer < c->layers; spec.layer++) {
    spec.in = spec.layer == 0 ? config->embedding : model_config_state(config);
    for (int d = 0; d <= (int)c->bidirectional; d++) {
      spec.suffix = d == 1 ? "_reverse" : "";
      e->layers[spec.layer][d] = rnn_declare(set, &spec);
    }
  }
}

/* Final states of one layer out of all its states [N,D]: of a sentence's last step forward, of its first backward. */
static Tensor *final_states(const EncoderConfig *c, Tape *tape, const Packed *p, const Tensor *states) {
  Tensor *last = tape_tensor(tape, p->n_sent, states->cols);
  for (int d = 0; d <= (int)c->bidirectional; d++) {
    int *index = tape_alloc(tape, (size_t)p->n_sent, sizeof *index);
    for (int b = 0; b < p->n_sent; b++) index[b] = packed_row(p, b, d == 1 ? 0 : p->length[b] - 1);
    Tensor from = tensor_cols(states, d * c->hidden, c->hidden), to = tensor_cols(last, d * c->hidden, c->hidden);
    op_rows(tape, &from, index, &to);
  }
  return last;
}

/* One layer over x; returns its output o. pondered: of its directions. */
static const Tensor *run_layer(const RnnEncoder *e, Tape *tape, const Packed *p, int l, const NoiseRun *noise,
                               const Tensor *x, const Tensor *below, Pondered *pondered, Encoded *out) {
  const EncoderConfig *config = &e->config->encoder;
  int state = model_config_state(e->config);
  Tensor *h = tape_tensor(tape, p->n_rows, state), *c = NULL;
  if (e->layers[l][0].cell->has_cell) c = tape_tensor(tape, p->n_rows, state);
  for (int d = 0; d <= (int)config->bidirectional; d++) {
    Tensor hd = tensor_cols(h, d * config->hidden, config->hidden), cd = {0};
    if (c != NULL) cd = tensor_cols(c, d * config->hidden, config->hidden);
    pondered[d] = rnn_run(&e->layers[l][d], tape, p, d == 1, noise, x, &hd, c != NULL ? &cd : NULL);
  }
  out->last_h[l] = final_states(config, tape, p, h);
  if (c != NULL) out->last_c[l] = final_states(config, tape, p, c);
  if (!config->residual || l == 0) return h;
  Tensor *sum = tape_tensor(tape, p->n_rows, state);
  op_add(tape, h, below, sum);
  return sum;
}

/* The states in sentence order, so that those of one sentence adjoin. */
static const Tensor *sort(Tape *tape, const Side *side, const Tensor *h) {
  int *index = tape_alloc(tape, (size_t)side->rows.n, sizeof *index);
  for (int b = 0, row = 0; b < side->places.n_sent; b++)
    for (int i = 0; i < side->places.length[b]; i++) index[row++] = packed_row(side->packed, b, i);
  Tensor *sorted = tape_tensor(tape, h->rows, h->cols);
  op_rows(tape, h, index, sorted);
  return sorted;
}

static const Tensor *run(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out) {
  const RnnEncoder *e = encoder;
  const EncoderConfig *c = &e->config->encoder;
  const Tensor *x = in->x, *o = NULL;
  int directions = c->bidirectional ? 2 : 1, n = c->layers * directions;
  Pondered *pondered = tape_alloc(tape, (size_t)n, sizeof *pondered);
  for (int l = 0; l < c->layers; l++) {
    if (l > 0) x = noise_apply(in->noise, NOISE_ENCODER, l, 0, o, NULL);
    o = run_layer(e, tape, in->side->packed, l, in->noise, x, o, pondered + l * directions, out);
  }
  if (c->act.max_steps > 0) out->pondered = (PonderedSide){n, pondered};
  return sort(tape, in->side, o);
}

const EncoderDef encoder_rnn = {"rnn", true, false, false, sizeof(RnnEncoder), declare, run};
