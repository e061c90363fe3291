/* train.h - training from start to end: corpora, vocabularies, updates, validations, checkpoints, resuming.
 *
 * Nothing here prints: what happens is told to an observer, and written to the log (train_log.h). */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include <stdatomic.h>

#include "train/train_data.h"

typedef enum TrainEventKind {
  TRAIN_START,      /* data is read: n_*, parameters */
  TRAIN_UPDATE,     /* after every update */
  TRAIN_LOG,        /* after every train.log_every updates: means since the last one */
  TRAIN_VALID,      /* value, best, samples */
  TRAIN_CHECKPOINT, /* files are written */
  TRAIN_NOTE,       /* text: something worth a line */
  TRAIN_END         /* text: why it ended; warning, metric, best, best_step */
} TrainEventKind;

typedef struct TrainSample {
  const char *source, *reference;
  Str output; /* translation */
} TrainSample;

enum { TRAIN_SAMPLES = 2 };

/* Fields that do not belong to a kind are zero. */
typedef struct TrainEvent {
  TrainEventKind kind;
  long step, n_steps; /* updates done, and in all as far as known */
  int epoch, n_epochs;
  double loss;         /* a target token, natural logarithm, without smoothing */
  Losses losses;       /* of updates, likewise, all of which `loss` is the likelihood */
  Losses weights;      /* of the losses in what training lowers; 0: not computed */
  double tokens_per_s; /* target tokens */
  double learning_rate, gradient_norm, seconds;
  const char *metric;
  double value, best;
  long best_step; /* update of the best value, 0: none */
  bool better;
  int n_translated, n_cut;    /* validation pairs, when the metric is of translations, and those cut at their limit */
  const TrainSample *samples; /* [n_samples] */
  int n_samples;
  const char *text;
  const char *warning; /* why the model cannot be trusted, or NULL */
  bool resumed;
  const TrainData *data;
  const Config *config;
  const char *start_from; /* the model that a fine-tuning begins with, else NULL */
  int source_vocab, target_vocab;
  size_t n_parameters;
} TrainEvent;

typedef struct TrainObserver {
  void (*event)(void *ctx, const TrainEvent *event);
  Warnings *warnings; /* of reading the corpora */
  void *ctx;
} TrainObserver;

typedef struct TrainOptions {
  bool resume;
  bool overwrite;               /* what stands where model, log and report go may be replaced */
  const char *config;           /* the config's file, which nothing may be written over; or NULL */
  const char *log;              /* path of the JSON Lines log, or NULL */
  const char *report;           /* path of the page (train_report.h), or NULL */
  const char *gold, *sentences; /* of the page: links of the validation pairs, pairs to show; or NULL */
  bool from_1;                  /* the links count from 1 */
  TrainObserver observer;
  const atomic_int *interrupted; /* becomes other than 0 when training shall save and stop */
} TrainOptions;

typedef enum TrainEnd { TRAIN_FAILED, TRAIN_FINISHED, TRAIN_INTERRUPTED } TrainEnd;

/* Takes over config. */
TrainEnd train_run(Config *config, const TrainOptions *options, Err *err);

#endif
