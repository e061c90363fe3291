/* schedule.h - the learning rate over time. Pure functions of the config and a small state that travels in checkpoints.
 */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include "run/config.h"

typedef struct ScheduleState {
  double scale; /* product of all factors so far; 1 at the start */
  int stalled;  /* validations without a better metric since the last better one or factor */
} ScheduleState;

/* Learning rate of update u, from 1. */
double schedule_lr(const TrainConfig *config, const ScheduleState *state, long u);
/* After a validation. */
void schedule_validated(const TrainConfig *config, ScheduleState *state, bool better);
/* After the end of epoch, from 1. */
void schedule_epoch(const TrainConfig *config, ScheduleState *state, int epoch);

#endif
