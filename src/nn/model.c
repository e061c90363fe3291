#include "nn/model.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "num/vec.h"

bool model_fits(int n_source, int n_target, Err *err) {
  const char *long_side = n_source >= n_target ? "source" : "target";
  int longest = n_source >= n_target ? n_source : n_target;
  if (longest > MODEL_MOST_TOKENS)
    return err_set(err, ERR_FILE, "%d %s tokens, over the most that a line may have, %d; shorten it or leave it out",
                   longest, long_side, MODEL_MOST_TOKENS);
  if (((int64_t)n_source + 1) * ((int64_t)n_target + 1) <= MODEL_MOST_WEIGHTS) return true;
  return err_set(
      err, ERR_FILE,
      "%d source and %d target tokens: the alignment of so long a pair is over the most, %d weights; shorten "
      "the pair or leave it out",
      n_source, n_target, MODEL_MOST_WEIGHTS);
}

Model *model_declare(const ModelConfig *config) {
  Model *m = mem_zero(1, sizeof *m, "model");
  m->config = *config;
  bool shared = config->tie_embeddings == TIE_all;
  if (!shared) encoder_declare(&m->encoder, &m->params, &m->config, -1);
  decoder_declare(&m->decoder, &m->params, &m->config);
  if (shared) encoder_declare(&m->encoder, &m->params, &m->config, m->decoder.embedding);
  return m;
}

Model *model_new(const ModelConfig *config) {
  Model *m = model_declare(config);
  param_seal(&m->params);
  return m;
}

void model_free(Model *m) {
  if (m == NULL) return;
  param_free(&m->params);
  mem_free(m);
}

/* Target sentences packed with their closing </s>: what goes in (<s> y_1 .. y_m) and what is wanted (y_1 .. y_m </s>).
 */
typedef struct Targets {
  Packed *packed;
  int32_t *in, *want;
} Targets;

static Targets pack_targets(Tape *tape, const IdPair *pairs, int n) {
  int *length = tape_alloc(tape, (size_t)n, sizeof *length);
  for (int b = 0; b < n; b++) length[b] = pairs[b].target.n + 1;
  Packed *p = packed_new(tape->arena, length, n);
  Targets t = {p, tape_alloc(tape, (size_t)p->n_rows, sizeof(int32_t)),
               tape_alloc(tape, (size_t)p->n_rows, sizeof(int32_t))};
  for (int r = 0; r < p->n_rows; r++) {
    const Ids *y = &pairs[p->sentence[r]].target;
    t.in[r] = p->step[r] == 0 ? ID_BOS : y->at[p->step[r] - 1];
    t.want[r] = p->step[r] < y->n ? y->at[p->step[r]] : ID_EOS;
  }
  return t;
}

/* s_0 in the order of the packed targets. What is covered and fed is zeros in any order. */
static void sort_state(Tape *tape, const Packed *p, int layers, DecoderState *s) {
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
static DecoderState first_rows(const DecoderState *s, int n) {
  DecoderState part = {0};
  for (int l = 0; l < MAX_LAYERS; l++) {
    if (s->h[l].x != NULL) part.h[l] = tensor_rows(&s->h[l], 0, n);
    if (s->c[l].x != NULL) part.c[l] = tensor_rows(&s->c[l], 0, n);
  }
  if (s->feed.x != NULL) part.feed = tensor_rows(&s->feed, 0, n);
  if (s->covered.x != NULL) part.covered = tensor_rows(&s->covered, 0, n);
  return part;
}

/* The decoder over whole targets; gives the run, with readout and weights of all rows. */
static DecoderRun *teach(const Model *m, Tape *tape, const IdPair *pairs, int n, const Targets *t, const Noise *noise) {
  Ids *sources = tape_alloc(tape, (size_t)n, sizeof *sources);
  for (int b = 0; b < n; b++) sources[b] = pairs[b].source;
  Encoded *encoded = encoder_run(&m->encoder, tape, sources, n, noise);
  const Packed *p = t->packed;
  DecoderState state;
  decoder_start(&m->decoder, tape, encoded, &state);
  sort_state(tape, p, m->config.decoder.layers, &state);
  state.feed = (Tensor){0}; /* zeros: nothing to add */
  AttentionKeys *keys = attention_keys(&m->decoder.attention, tape, &encoded->memory);
  DecoderRun *run = decoder_open(&m->decoder, tape, encoded, keys, t->in, p->n_rows, noise_open(noise, tape, p));
  for (int step = 0; step < p->n_steps; step++) {
    int row = p->start[step], rows = p->active[step];
    DecoderState before = first_rows(&state, rows);
    decoder_step(run, row, rows, &before, p->sentence + row, p->step + row);
    decoder_state(run, row, rows, &state);
  }
  decoder_finish(run, p->sentence, p->step);
  return run;
}

static XentLoss project(const Model *m, Tape *tape, const DecoderRun *run, const int32_t *want, XentOptions options,
                        float *logprob) {
  const Tensor *x = noise_apply(run->noise, NOISE_READOUT, 0, 0, run->readout, NULL);
  return op_xent(tape, x, tape_part(tape, m->decoder.output_w), tape_param(tape, m->decoder.output_b), want, options,
                 logprob);
}

/* The loss of the weights of all rows. */
static double follow(Tape *tape, const DecoderRun *run, const Packed *p, const ModelGuide *guide) {
  Linked *links = tape_alloc(tape, (size_t)p->n_rows, sizeof *links);
  for (int r = 0; r < p->n_rows; r++) {
    int b = p->sentence[r];
    links[r] = guide->links[b][model_config_aligned(run->decoder->config, p->step[r], p->length[b])];
  }
  return op_guide(tape, run->weights, links, guide->options);
}

XentLoss model_guided_loss(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise,
                           XentOptions options, const ModelGuide *guide, double *guided) {
  Targets t = pack_targets(tape, pairs, n);
  const DecoderRun *run = teach(m, tape, pairs, n, &t, noise);
  *guided = guide == NULL ? 0 : follow(tape, run, t.packed, guide);
  return project(m, tape, run, t.want, options, NULL);
}

XentLoss model_loss(const Model *m, Tape *tape, const IdPair *pairs, int n, const Noise *noise, XentOptions options) {
  double guided;
  return model_guided_loss(m, tape, pairs, n, noise, options, NULL, &guided);
}

void model_score(const Model *m, Tape *tape, const IdPair *pairs, int n, ModelScore *scores) {
  CHECK(!tape->recording, "model_score on a recording tape");
  Targets t = pack_targets(tape, pairs, n);
  const DecoderRun *run = teach(m, tape, pairs, n, &t, NULL);
  float *all = tape_alloc(tape, (size_t)t.packed->n_rows, sizeof *all);
  (void)project(m, tape, run, t.want, (XentOptions){0, 1}, all);
  for (int b = 0; b < n; b++) {
    int n_target = pairs[b].target.n + 1, n_source = pairs[b].source.n + 1;
    float *logprob = tape_alloc(tape, (size_t)n_target, sizeof *logprob);
    float *weights = tape_alloc(tape, (size_t)n_target * (size_t)n_source, sizeof *weights);
    double *centre = run->centre == NULL ? NULL : tape_alloc(tape, (size_t)n_target, sizeof *centre);
    for (int k = 0; k < n_target; k++) {
      int row = packed_row(t.packed, b, k), aligned = model_config_aligned(&m->config, k, n_target);
      logprob[k] = all[row];
      float *to = weights + (size_t)aligned * (size_t)n_source;
      for (int i = 0; i < n_source; i++) to[i] = (float)tensor_row(run->weights, row)[i];
      if (centre != NULL) centre[aligned] = (double)tensor_row(run->centre, row)[0];
    }
    scores[b] = (ModelScore){n_target, n_source, logprob, weights, centre};
  }
}

ModelSearch *model_search(const Model *m, Tape *tape, const Ids *sources, int n, DecoderState *state) {
  CHECK(!tape->recording, "model_search on a recording tape");
  ModelSearch *search = tape_alloc(tape, 1, sizeof *search);
  Encoded *encoded = encoder_run(&m->encoder, tape, sources, n, NULL);
  *search = (ModelSearch){m, tape, encoded, attention_keys(&m->decoder.attention, tape, &encoded->memory), NULL};
  decoder_start(&m->decoder, tape, encoded, state);
  return search;
}

void model_narrow(ModelSearch *search, const NarrowTokens *tokens, int rows) {
  const Decoder *d = &search->model->decoder;
  Tape *tape = search->tape;
  search->narrow = narrow_open(tape, tape_part(tape, d->output_w), tape_param(tape, d->output_b), tokens,
                               search->encoded->memory.n_sent, rows);
}

Tensor model_logprob(const ModelSearch *search, const ModelStep *step, int first, int n, const int *sentence) {
  Tensor readout = tensor_rows(&step->readout, first, n);
  const Decoder *d = &search->model->decoder;
  Tape *tape = search->tape;
  const Narrow *narrow = search->narrow;
  Tensor *logits = narrow != NULL
                       ? narrow_logits(narrow, tape, &readout, sentence)
                       : op_linear(tape, &readout, tape_part(tape, d->output_w), tape_param(tape, d->output_b));
  real *p = tape_alloc(tape, (size_t)logits->cols, sizeof *p);
  for (int r = 0; r < logits->rows; r++) {
    size_t v = (size_t)(narrow != NULL ? narrow_width(&narrow->tokens, sentence[r]) : logits->cols);
    real *row = tensor_row(logits, r), log_z = vec_softmax(p, row, v);
    for (size_t k = 0; k < v; k++) row[k] -= log_z;
  }
  return *logits;
}

void model_step(const ModelSearch *search, const DecoderState *before, const int32_t *tokens, const int *sentence,
                int t, int n, ModelStep *out) {
  const Model *m = search->model;
  Tape *tape = search->tape;
  int *step = tape_alloc(tape, (size_t)n, sizeof *step);
  for (int r = 0; r < n; r++) step[r] = t;
  DecoderState now = first_rows(before, n);
  DecoderRun *run = decoder_open(&m->decoder, tape, search->encoded, search->keys, tokens, n, NULL);
  decoder_step(run, 0, n, &now, sentence, step);
  decoder_finish(run, sentence, step);
  out->readout = *run->readout;
  out->weights = *run->weights;
  out->centre = (Tensor){0};
  if (run->centre != NULL) out->centre = *run->centre;
  decoder_state(run, 0, n, &out->after);
}

void model_state_new(const ModelSearch *search, int n, DecoderState *state) {
  const Model *m = search->model;
  Tape *tape = search->tape;
  int q = m->config.decoder.hidden;
  *state = (DecoderState){0};
  for (int l = 0; l < m->config.decoder.layers; l++) {
    state->h[l] = *tape_tensor(tape, n, q);
    if (m->decoder.layers[l].cell->has_cell) state->c[l] = *tape_tensor(tape, n, q);
  }
  if (model_config_feeds(&m->config)) state->feed = *tape_tensor(tape, n, q);
  if (m->config.attention.coverage != COVERAGE_none)
    state->covered = *tape_tensor(tape, n, search->encoded->memory.longest);
}

static void select_rows(Tensor *to, const Tensor *from, const int *rows, int n) {
  if (to->x == NULL) return;
  for (int r = 0; r < n; r++) memcpy(tensor_row(to, r), tensor_row(from, rows[r]), (size_t)to->cols * sizeof(real));
}

void model_state_select(const Model *m, DecoderState *to, const DecoderState *from, const int *rows, int n) {
  for (int l = 0; l < m->config.decoder.layers; l++) {
    select_rows(&to->h[l], &from->h[l], rows, n);
    select_rows(&to->c[l], &from->c[l], rows, n);
  }
  select_rows(&to->feed, &from->feed, rows, n);
  select_rows(&to->covered, &from->covered, rows, n);
}
