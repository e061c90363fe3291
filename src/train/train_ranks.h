/* train_ranks.h - what a training by several ranks (ranks.h) does together besides its updates: rank 0 alone reads and
 * writes the training's files, and the others get from it what they need. All functions are of all ranks; of one rank
 * they are what is said of it alone. */
#ifndef TRAIN_TRAIN_RANKS_H
#define TRAIN_TRAIN_RANKS_H

#include "train/checkpoint.h"

/* False when program, processor's kernels or config differ between ranks: their results would not be those of one. */
bool train_ranks_agree(const Config *config, Err *err);
/* Likewise the files that are read, path -> SHA-256. */
bool train_ranks_agree_on_data(const Json *files, Err *err);
/* All ranks come to stand where rank 0 does: whether it has resumed, weights, moments, state and history. */
bool train_ranks_share(Translator *translator, Optim *optim, TrainState *state, bool *resumed, Err *err);
/* checkpoint_save. Of others than rank 0 true. */
bool train_ranks_save(const Checkpoint *checkpoint, const real *model, const real *step, long drop, Err *err);
/* average_steps; the mean goes to all. */
bool train_ranks_mean(const Translator *translator, const real *newest, int n, real *mean, Err *err);
/* io_exists, as rank 0 finds it. */
bool train_ranks_exists(const char *path);

#endif
