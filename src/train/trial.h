/* trial.h - one training of several (compare, tune): a variant of a config in a folder of its own, DIR/NAME/, with its
 * model, state and log. */
#ifndef TRAIN_TRIAL_H
#define TRAIN_TRIAL_H

#include "train/compare_result.h"
#include "train/train.h"

/* Borrows its texts. */
typedef struct Trial {
  const char *folder, *name; /* name NULL: what is common to all */
} Trial;

/* DIR/NAME/file; str_free ends it. */
Str trial_file(const Trial *trial, const char *file);

/* A config file, KEY=VALUEs of all variants, and those of this one. */
typedef struct TrialConfig {
  const char *path;
  const char *const *sets;
  int n_sets;
  const char *const *own;
  int n_own;
} TrialConfig;

/* The config to train with, whose model is the trial's. */
bool trial_load(Config *config, const Trial *trial, const TrialConfig *of, Warnings *warnings, Err *err);
/* What was begun in the folder must have been begun with this config. */
bool trial_check(const Trial *trial, const Config *config, Err *err);

typedef struct TrialTraining {
  bool anew; /* what stands there is replaced, else gone on with */
  bool report;
  TrainObserver observer;
  const atomic_int *interrupted;
} TrialTraining;

/* Takes over config. */
TrainEnd trial_train(const Trial *trial, Config *config, const TrialTraining *training, Err *err);
/* What state and log tell of it: updates, history, seconds and speed. */
bool trial_read(const Trial *trial, CompareRow *row, Err *err);
/* What the model tells: its size, and what its targets are made of. */
void trial_describe(CompareRow *row, const Translator *translator);

#endif
