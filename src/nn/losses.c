#include "nn/losses.h"

static const char *const sum_keys[] = {
#define LOSS(name, sum, mean, weight) sum,
#include "nn/losses.def"
#undef LOSS
};

static const char *const mean_keys[] = {
#define LOSS(name, sum, mean, weight) mean,
#include "nn/losses.def"
#undef LOSS
};

const char *losses_sum_key(LossKind kind) { return sum_keys[kind]; }

const char *losses_mean_key(LossKind kind) { return mean_keys[kind]; }

void losses_add(Losses *to, const Losses *from) {
  for (int k = 0; k < N_LOSSES; k++) to->of[k] += from->of[k];
}

Losses losses_mean(const Losses *sums, int64_t n) {
  Losses mean;
  for (int k = 0; k < N_LOSSES; k++) mean.of[k] = sums->of[k] / (double)n;
  return mean;
}
