/* tune.h - finds settings for a corpus: draws them (tune_space.h), trains them as far as a budget goes (tune_plan.h),
 * each in a folder of its own and a process of its own, and writes DIR/best.json, table.tsv, table.json, index.html and
 * tune.json, the record to go on from.
 *
 * With a budget of updates all but times and speeds is the same for the same seed, however often it was interrupted and
 * on however many processors. Nothing here prints. The caller has no other threads. */
#ifndef TRAIN_TUNE_H
#define TRAIN_TUNE_H

#include "train/train.h"

typedef struct TuneOptions {
  const char *config;      /* path */
  const char *const *sets; /* KEY=VALUE, [n_sets], of all draws */
  int n_sets;
  const char *folder;
  double minutes; /* 0: the budget is updates */
  long updates;   /* of all trainings together, of the config's batch size */
  int64_t seed;   /* of the draws */
  int n_folds;    /* 1: none; 0: TUNE_FOLDS for little text without a validation text of its own */
  bool overwrite; /* what was begun there begins anew, or other pages are replaced */
  void (*say)(void *ctx, const char *line);
  void *ctx;
  const atomic_int *interrupted;
} TuneOptions;

enum { TUNE_FOLDS = 5, TUNE_LITTLE = 1000 /* pairs */ };

/* text receives the draws that stand at the last rung, the best first. TRAIN_INTERRUPTED: the best so far is written,
 * when there is one. */
TrainEnd tune_run(const TuneOptions *options, Str *text, Err *err);

#endif
