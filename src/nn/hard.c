#include "nn/hard.h"

#include "base/err.h"
#include "base/rng.h"

const int *hard_chosen(const HardRun *run) { return run != NULL && run->chosen ? run->at : NULL; }

void hard_means(const Rows *rows, int n_sent, const float *logprob, double *mean) {
  for (int b = 0; b < n_sent; b++) mean[b] = 0;
  for (int r = 0; r < rows->n; r++) {
    /* Rows of a sentence come by rising step, whatever stands between them. */
    double n = rows->step[r] + 1, *m = &mean[rows->sentence[r]];
    *m += ((double)logprob[r] - *m) / n;
  }
}

void hard_reward(const HardRun *run, const Rows *rows, const double *mean, const double *baseline, double weight) {
  CHECK(run->rewarded, "a reward where nothing was drawn: %d rows", rows->n);
  for (int r = 0; r < rows->n; r++) {
    int b = rows->sentence[r];
    run->pull[r] = (real)(weight * (mean[b] - baseline[b]));
  }
}

uint64_t hard_source(const Ids *source) {
  uint64_t key = rng_key(0, RNG_ATTENTION, (uint64_t)source->n, 0);
  for (int i = 0; i < source->n; i++) key = rng_subkey(key, (uint64_t)(uint32_t)source->at[i]);
  const Regions *regions = source->regions;
  for (int i = 0; regions != NULL && i < source->n * regions->size; i++) {
    union {
      float number;
      uint32_t bits;
    } value = {regions->at[i]};
    key = rng_subkey(key, value.bits);
  }
  return key;
}
