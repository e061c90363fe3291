/* noise.h - where and how dropout strikes while training. The mask of a place is a function of seed, update, place, row
 * of the sentence in the whole batch, step (recurrent states: all steps have one mask) and unit, so it does not depend
 * on shards or threads. */
#ifndef NN_NOISE_H
#define NN_NOISE_H

#include "ad/op.h"
#include "nn/model_config.h"
#include "num/rows.h"

/* Their numbers are part of the keys. */
typedef enum NoisePlace {
  NOISE_SOURCE,        /* units of the source embedding */
  NOISE_ENCODER,       /* between layers of the encoder */
  NOISE_TARGET,        /* units of the target embedding */
  NOISE_DECODER,       /* between layers of the decoder */
  NOISE_READOUT,       /* h~ before W_o */
  NOISE_CONTEXT,       /* the h_i that attention reads */
  NOISE_ENCODER_STATE, /* h_{t-1} where it enters W_hh */
  NOISE_DECODER_STATE,
  NOISE_SOURCE_WORDS, /* whole embeddings */
  NOISE_TARGET_WORDS,
  NOISE_SUBLAYER,   /* what a part of a Transformer layer gives, before the residual sum */
  NOISE_WEIGHTS,    /* attention weights of a Transformer layer, a head at a time */
  NOISE_ACTIVATION, /* between the two products of its feed-forward network */
  /* Chances of hard attention (noise_chance), which drop nothing. */
  NOISE_POSITION,    /* which source position a row looks at */
  NOISE_EXPECTATION, /* whether a sentence draws */
  NOISE_GUMBEL,      /* noise of each score */
  N_NOISE_PLACES
} NoisePlace;

/* The noise of one batch. */
typedef struct Noise {
  double p[N_NOISE_PLACES]; /* probability that a number, or a word, is dropped; 0 = off */
  uint64_t seed, update;
  const int *row; /* [B] row in the whole batch of each sentence of this shard */
  bool draws;     /* hard attention draws */
} Noise;

/* Noise as the keys of a config want it; row is borrowed. */
Noise noise_of(const ModelConfig *config, uint64_t seed, uint64_t update, const int *row);

/* Noise at work on the rows of one side, on the tape's arena. NULL stands for none, below too. */
typedef struct NoiseRun {
  Tape *tape;
  const Noise *noise;
  const uint64_t *steps, *sentences; /* [N] ids of rows, and those of their sentences */
  bool soft;                         /* no sentence draws */
} NoiseRun;
/* NULL when noise is NULL or off everywhere and nothing is drawn; noise is borrowed for the time of the forward pass.
 */
const NoiseRun *noise_open(const Noise *noise, Tape *tape, const Rows *rows);
/* The noise of some rows: index [n], from row `first` on. */
const NoiseRun *noise_pick(const NoiseRun *run, int first, const int *index, int n);
bool noise_strikes(const NoiseRun *run, NoisePlace place);
/* x, rows row .. of the side, with dropout, written to dst (NULL: a new tensor; x itself as in op_dropout); x itself
 * where no noise strikes. layer, below 2^24, tells masks of one place apart. */
const Tensor *noise_apply(const NoiseRun *run, NoisePlace place, int layer, int row, const Tensor *x, Tensor *dst);
/* Drops words: rows of x, all rows of the side, become zero in place. */
void noise_words(const NoiseRun *run, NoisePlace place, Tensor *x);

/* Whether hard attention draws. */
bool noise_draws(const NoiseRun *run);
/* Uniform in (0, 1): what chance is at a place for row `row` of the side, of all steps of its sentence alike for
 * NOISE_EXPECTATION; i tells several of a row apart. */
double noise_chance(const NoiseRun *run, NoisePlace place, int row, int i);

#endif
