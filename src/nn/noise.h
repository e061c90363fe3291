/* noise.h - where and how dropout strikes while training. The mask of a place is a function of seed, update, place, row
 * of the sentence in the whole batch, step and unit, so it does not depend on shards or threads. */
#ifndef NN_NOISE_H
#define NN_NOISE_H

#include "ad/op.h"

typedef struct Noise {
  double dropout; /* probability, 0 = off */
  uint64_t seed, update;
  const int *row; /* [B] row in the whole batch of each sentence of this shard */
} Noise;

typedef enum NoisePlace { NOISE_SOURCE, NOISE_ENCODER, NOISE_TARGET, NOISE_DECODER, NOISE_READOUT } NoisePlace;

/* Row ids of all rows of a packed batch, on the tape's arena; NULL when noise is NULL or off. */
const uint64_t *noise_rows(const Noise *noise, Tape *tape, const Packed *packed);
/* x with dropout, written to dst; x itself when rows is NULL. rows: ids of x's rows. */
const Tensor *noise_apply(const Noise *noise, Tape *tape, NoisePlace place, int layer, const uint64_t *rows,
                          const Tensor *x, Tensor *dst);

#endif
