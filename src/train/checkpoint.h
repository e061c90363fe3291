/* checkpoint.h - the files of a training: X.safetensors, the best model so far; X.state.safetensors, all that is needed
 * to go on (newest weights, moments, counters, history, the corpora's SHA-256); with train.keep or train.average the
 * newest models as X.step-00001234.safetensors.
 *
 * All files of a checkpoint are complete on disk before the first is renamed into place, the state last: a crash at any
 * moment leaves a state from which training replays to the same bytes. The first checkpoint, which may replace another
 * training, renames the state first: a crash leaves the old training whole or the new one, which checkpoint_complete
 * finishes. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "search/translator.h"
#include "train/optim.h"
#include "train/schedule.h"

/* Where a training stands. */
typedef struct TrainState {
  long step;   /* updates done */
  int epoch;   /* going on, from 1; beyond the last when all are done */
  int batch;   /* next batch of the epoch's plan */
  int waiting; /* validations since the best one */
  bool has_best;
  double best; /* best value of the metric */
  ScheduleState schedule;
  Losses losses;   /* summed since the last line of the log */
  int64_t tokens;  /* likewise */
  double baseline; /* learner_baseline; 0: there is none */
} TrainState;

/* What a checkpoint is made of. The newest weights are translator->model->params.values. */
typedef struct Checkpoint {
  const Translator *translator;
  Optim *optim;
  TrainState *state;
  const Json *corpora; /* object: path -> SHA-256 */
  bool first;          /* of a training: state and step files of an earlier one go when the new ones are complete */
} Checkpoint;

/* Path of the state beside a model. Freed with mem_free. */
char *checkpoint_state_path(const char *model);
/* Path of the model kept for an update. */
char *checkpoint_step_path(const char *model, long step);

/* Writes the state, the model of the weights in the block `model` (NULL: the model stays as it is) and a step file of
 * those in the block `step` (NULL: none); removes the step file of update drop (0: none). */
bool checkpoint_save(const Checkpoint *checkpoint, const real *model, const real *step, long drop, Err *err);
/* After checkpoint_load: makes of the state what a first checkpoint that was cut short has not written, the model of
 * the weights in the block `values` and, with `step`, a step file; removes those of an earlier training. */
bool checkpoint_complete(const Checkpoint *checkpoint, const real *values, bool step, Err *err);
/* Restores weights, moments, state and history from the state file. Keys of the config that differ, but for those that
 * may change, and corpora that differ are errors that name them. Files that are the same under other names are none:
 * moved receives what to say of them. */
bool checkpoint_load(Translator *translator, Optim *optim, TrainState *state, const Json *corpora, Str *moved,
                     Err *err);
/* Gives the model and the step files of a training that goes on the config as it is now, where keys that may change
 * have changed: they are then as if it had been that from the start. */
bool checkpoint_renew(const Translator *translator, Err *err);

/* Removes what a killed process has left half written of a training's files. For whoever has its lock. */
bool checkpoint_clean(const char *model, Err *err);

/* True when the file at path is the model or a step file of it, which a new training of that model removes. */
bool checkpoint_replaces(const char *model, const char *path);

/* What stands in a state file besides numbers; checkpoint_free_info ends it. */
typedef struct CheckpointInfo {
  Config config;
  TrainState state;
  Json *corpora, *history;
} CheckpointInfo;
bool checkpoint_is_state(const SafeTensors *file);
bool checkpoint_read_info(CheckpointInfo *info, const SafeTensors *file, const char *path, Err *err);
void checkpoint_free_info(CheckpointInfo *info);

#endif
