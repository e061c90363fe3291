#include "train/schedule.h"

#include <math.h>

/* A thousandth of the learning rate, and what its rounding adds. */
static const double DEAD = 1.000001e-3;

double schedule_lr(const TrainConfig *config, const ScheduleState *state, long u) {
  double warmup = config->schedule.warmup, at = (double)u;
  double factor = at < warmup ? at / warmup : 1;
  /* Vaswani et al. 2017, eq. 3, with the peak at warmup. */
  if (config->schedule.type == SCHEDULE_inverse_sqrt && at > warmup) factor = sqrt(warmup / at);
  return config->optimizer.lr * factor * state->scale;
}

/* A rate that lies below the least one stays there: the state of a version that knew none. */
static void lower(const TrainConfig *config, ScheduleState *state) {
  double least = fmin(config->schedule.min_lr / config->optimizer.lr, state->scale);
  state->scale = fmax(state->scale * config->schedule.factor, least);
}

bool schedule_waited(const TrainConfig *config, int validations, int stalled, long updates) {
  return stalled >= validations && updates >= (long)validations * config->patience_updates;
}

void schedule_validated(const TrainConfig *config, ScheduleState *state, bool better, long updates) {
  state->stalled = better ? 0 : state->stalled + 1;
  if (config->schedule.type != SCHEDULE_plateau || schedule_dead(state)) return;
  if (!schedule_waited(config, config->schedule.patience, state->stalled, updates)) return;
  lower(config, state);
  state->stalled = 0;
}

void schedule_epoch(const TrainConfig *config, ScheduleState *state, int epoch) {
  if (config->schedule.type == SCHEDULE_luong && epoch >= config->schedule.start_epoch) lower(config, state);
}

bool schedule_dead(const ScheduleState *state) { return state->scale <= DEAD; }
