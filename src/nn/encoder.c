#include "nn/encoder.h"

void encoder_declare(Encoder *e, ParamSet *set, const ModelConfig *config, int embedding) {
  const EncoderConfig *c = &config->encoder;
  e->config = config;
  e->embedding = embedding;
  if (embedding < 0)
    e->embedding =
        param_matrix(set, "encoder.embedding.weight", config->source_vocab, config->embedding, START_EMBEDDING, 1);
  for (int l = 0; l < c->layers; l++) {
    int in = l == 0 ? config->embedding : model_config_state(config);
    for (int d = 0; d <= (int)c->bidirectional; d++)
      e->layers[l][d] =
          rnn_declare(set, "encoder.rnn", l, d == 1 ? "_reverse" : "", c->cell, in, 0, c->hidden, config->layer_norm);
  }
}

/* The ids of all rows, </s> closing each sentence. */
static const int32_t *pack_ids(Tape *tape, const Packed *p, const Ids *sources) {
  int32_t *ids = tape_alloc(tape, (size_t)p->n_rows, sizeof *ids);
  for (int r = 0; r < p->n_rows; r++) {
    const Ids *s = &sources[p->sentence[r]];
    ids[r] = p->step[r] < s->n ? s->at[p->step[r]] : ID_EOS;
  }
  return ids;
}

static const Tensor *embed(const Encoder *e, Tape *tape, const Packed *p, const Ids *sources, const NoiseRun *noise) {
  Tensor *x = tape_tensor(tape, p->n_rows, e->config->embedding);
  op_embed(tape, tape_param(tape, e->embedding), pack_ids(tape, p, sources), x);
  noise_words(noise, NOISE_SOURCE_WORDS, x);
  return noise_apply(noise, NOISE_SOURCE, 0, 0, x, NULL);
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

/* One layer over x; returns its output o. */
static const Tensor *run_layer(const Encoder *e, Tape *tape, const Packed *p, int l, const NoiseRun *noise,
                               const Tensor *x, const Tensor *below, Encoded *out) {
  const EncoderConfig *config = &e->config->encoder;
  int state = model_config_state(e->config);
  Tensor *h = tape_tensor(tape, p->n_rows, state), *c = NULL;
  if (e->layers[l][0].cell->has_cell) c = tape_tensor(tape, p->n_rows, state);
  for (int d = 0; d <= (int)config->bidirectional; d++) {
    Tensor hd = tensor_cols(h, d * config->hidden, config->hidden), cd = {0};
    if (c != NULL) cd = tensor_cols(c, d * config->hidden, config->hidden);
    rnn_run(&e->layers[l][d], tape, p, d == 1, noise, x, &hd, c != NULL ? &cd : NULL);
  }
  out->last_h[l] = final_states(config, tape, p, h);
  if (c != NULL) out->last_c[l] = final_states(config, tape, p, c);
  if (!config->residual || l == 0) return h;
  Tensor *sum = tape_tensor(tape, p->n_rows, state);
  op_add(tape, h, below, sum);
  return sum;
}

/* The states in sentence order, so that those of one sentence adjoin. */
static Memory remember(Tape *tape, const Packed *p, const Tensor *h) {
  int *start = tape_alloc(tape, (size_t)p->n_sent, sizeof *start);
  int *index = tape_alloc(tape, (size_t)p->n_rows, sizeof *index);
  int row = 0;
  for (int b = 0; b < p->n_sent; b++) {
    start[b] = row;
    for (int i = 0; i < p->length[b]; i++) index[row++] = packed_row(p, b, i);
  }
  Memory m = {tape_tensor(tape, p->n_rows, h->cols), p->n_sent, p->n_steps, start, p->length};
  op_rows(tape, h, index, m.h);
  return m;
}

Encoded *encoder_run(const Encoder *e, Tape *tape, const Ids *sources, int n, const Noise *noise) {
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) length[b] = sources[b].n + 1;
  Packed *p = packed_new(tape->arena, length, n);
  const NoiseRun *run = noise_open(noise, tape, p);
  Encoded *out = arena_zero(tape->arena, 1, sizeof *out);
  const Tensor *x = embed(e, tape, p, sources, run), *o = NULL;
  for (int l = 0; l < e->config->encoder.layers; l++) {
    if (l > 0) x = noise_apply(run, NOISE_ENCODER, l, 0, o, NULL);
    o = run_layer(e, tape, p, l, run, x, o, out);
  }
  out->memory = remember(tape, p, noise_apply(run, NOISE_CONTEXT, 0, 0, o, NULL));
  return out;
}
