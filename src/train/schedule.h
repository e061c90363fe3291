/* schedule.h - the learning rate over time. Pure functions of the config and a small state that travels in checkpoints.
 *
 * Who waits for a better metric waits for validations and, as an epoch of a small corpus is a few updates, for as many
 * times train.patience_updates. The updates that have passed are the caller's to know.
 */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "conf/config.h"

typedef struct ScheduleState {
  double scale; /* product of all factors so far; 1 at the start */
  int stalled;  /* validations without a better metric since the last better one or factor of plateau */
} ScheduleState;

/* Learning rate of update u, from 1. */
double schedule_lr(const TrainConfig *config, const ScheduleState *state, long u);
/* True when a better metric has been waited for in vain: for `stalled` validations and `updates` updates, where as many
 * as `validations` are given. */
bool schedule_waited(const TrainConfig *config, int validations, int stalled, long updates);
/* After a validation, `updates` updates after the last better one or factor of plateau (no matter when better). */
void schedule_validated(const TrainConfig *config, ScheduleState *state, bool better, long updates);
/* After the end of epoch, from 1. */
void schedule_epoch(const TrainConfig *config, ScheduleState *state, int epoch);
/* True when factors have made the rate a thousandth of train.optimizer.lr: updates change next to nothing. */
bool schedule_dead(const ScheduleState *state);

#endif
