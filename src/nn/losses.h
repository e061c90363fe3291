/* losses.h - the losses of losses.def: a number for each, and what they are called in files. */
#ifndef NN_LOSSES_H
#define NN_LOSSES_H

#include <stdint.h>

typedef enum LossKind {
#define LOSS(name, sum, mean, weight) LOSS_##name,
#include "nn/losses.def"
#undef LOSS
  N_LOSSES
} LossKind;

typedef struct Losses {
  double of[N_LOSSES];
} Losses;

/* Keys of a loss: of its sum in a state file, of its mean a target token in a log. */
const char *losses_sum_key(LossKind kind);
const char *losses_mean_key(LossKind kind);

void losses_add(Losses *to, const Losses *from);
/* Each divided by n. */
Losses losses_mean(const Losses *sums, int64_t n);

#endif
