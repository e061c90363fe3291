#include "nn/noise.h"

#include "base/rng.h"

const uint64_t *noise_rows(const Noise *noise, Tape *tape, const Packed *packed) {
  if (noise == NULL || noise->dropout <= 0) return NULL;
  uint64_t *rows = tape_alloc(tape, (size_t)packed->n_rows, sizeof *rows);
  for (int r = 0; r < packed->n_rows; r++)
    rows[r] = (uint64_t)noise->row[packed->sentence[r]] << 32 | (uint64_t)packed->step[r];
  return rows;
}

const Tensor *noise_apply(const Noise *noise, Tape *tape, NoisePlace place, int layer, const uint64_t *rows,
                          const Tensor *x, Tensor *dst) {
  if (rows == NULL) return x;
  uint64_t key = rng_key(noise->seed, RNG_DROPOUT, noise->update, (uint64_t)place << 8 | (uint64_t)layer);
  op_dropout(tape, x, noise->dropout, key, rows, dst);
  return dst;
}
