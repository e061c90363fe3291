#include "nn/noise.h"

#include "base/rng.h"

Noise noise_of(const ModelConfig *c, uint64_t seed, uint64_t update, const int *row) {
  return (Noise){.p = {[NOISE_SOURCE] = c->dropout_embedding,
                       [NOISE_ENCODER] = c->dropout,
                       [NOISE_TARGET] = c->dropout_embedding,
                       [NOISE_DECODER] = c->dropout,
                       [NOISE_READOUT] = c->dropout_output,
                       [NOISE_CONTEXT] = c->dropout_context,
                       [NOISE_ENCODER_STATE] = c->dropout_recurrent,
                       [NOISE_DECODER_STATE] = c->dropout_recurrent,
                       [NOISE_SOURCE_WORDS] = c->word_dropout.source,
                       [NOISE_TARGET_WORDS] = c->word_dropout.target,
                       [NOISE_SUBLAYER] = c->dropout,
                       [NOISE_WEIGHTS] = c->dropout_attention,
                       [NOISE_ACTIVATION] = c->dropout_feed_forward},
                 .seed = seed,
                 .update = update,
                 .row = row,
                 .draws = c->attention.focus == FOCUS_hard};
}

static bool is_off(const Noise *noise) {
  for (int place = 0; place < N_NOISE_PLACES; place++)
    if (noise->p[place] > 0) return false;
  return true;
}

const NoiseRun *noise_open(const Noise *noise, Tape *tape, const Rows *rows) {
  if (noise == NULL || (is_off(noise) && !noise->draws)) return NULL;
  uint64_t *steps = tape_alloc(tape, (size_t)rows->n, sizeof *steps);
  uint64_t *sentences = tape_alloc(tape, (size_t)rows->n, sizeof *sentences);
  for (int r = 0; r < rows->n; r++) {
    sentences[r] = (uint64_t)noise->row[rows->sentence[r]] << 32;
    steps[r] = sentences[r] | (uint64_t)rows->step[r];
  }
  NoiseRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (NoiseRun){tape, noise, steps, sentences, false};
  return run;
}

const NoiseRun *noise_pick(const NoiseRun *run, int first, const int *index, int n) {
  if (run == NULL) return NULL;
  uint64_t *steps = tape_alloc(run->tape, (size_t)n, sizeof *steps);
  uint64_t *sentences = tape_alloc(run->tape, (size_t)n, sizeof *sentences);
  for (int r = 0; r < n; r++) {
    steps[r] = run->steps[first + index[r]];
    sentences[r] = run->sentences[first + index[r]];
  }
  NoiseRun *picked = tape_alloc(run->tape, 1, sizeof *picked);
  *picked = (NoiseRun){run->tape, run->noise, steps, sentences, run->soft};
  return picked;
}

bool noise_strikes(const NoiseRun *run, NoisePlace place) { return run != NULL && run->noise->p[place] > 0; }

static uint64_t key(const Noise *noise, NoisePlace place, int layer) {
  uint64_t low = (uint64_t)layer & 255, high = (uint64_t)layer >> 8;
  return rng_key(noise->seed, RNG_DROPOUT, noise->update, high << 32 | (uint64_t)place << 8 | low);
}

const Tensor *noise_apply(const NoiseRun *run, NoisePlace place, int layer, int row, const Tensor *x, Tensor *dst) {
  if (!noise_strikes(run, place)) return x;
  bool recurrent = place == NOISE_ENCODER_STATE || place == NOISE_DECODER_STATE;
  const uint64_t *ids = (recurrent ? run->sentences : run->steps) + row;
  if (dst == NULL) dst = tape_tensor(run->tape, x->rows, x->cols);
  op_dropout(run->tape, x, run->noise->p[place], key(run->noise, place, layer), ids, dst);
  return dst;
}

void noise_words(const NoiseRun *run, NoisePlace place, Tensor *x) {
  if (!noise_strikes(run, place)) return;
  op_dropout_rows(run->tape, x, run->noise->p[place], key(run->noise, place, 0), run->steps);
}

bool noise_draws(const NoiseRun *run) { return run != NULL && run->noise->draws; }

double noise_chance(const NoiseRun *run, NoisePlace place, int row, int i) {
  const Noise *noise = run->noise;
  uint64_t id = place == NOISE_EXPECTATION ? run->sentences[row] : run->steps[row];
  uint64_t of_place = rng_key(noise->seed, RNG_ATTENTION, noise->update, (uint64_t)place);
  return rng_uniform(rng_subkey(of_place, id), (uint64_t)i) + 0x1p-54;
}
