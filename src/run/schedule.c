#include "run/schedule.h"

#include <math.h>

double schedule_lr(const TrainConfig *config, const ScheduleState *state, long u) {
  double warmup = config->schedule.warmup, at = (double)u;
  double factor = at < warmup ? at / warmup : 1;
  /* Vaswani et al. 2017, eq. 3, with the peak at warmup. */
  if (config->schedule.type == SCHEDULE_inverse_sqrt && at > warmup) factor = sqrt(warmup / at);
  return config->optimizer.lr * factor * state->scale;
}

void schedule_validated(const TrainConfig *config, ScheduleState *state, bool better) {
  state->stalled = better ? 0 : state->stalled + 1;
  if (config->schedule.type != SCHEDULE_plateau || state->stalled < config->schedule.patience) return;
  state->scale *= config->schedule.factor;
  state->stalled = 0;
}

void schedule_epoch(const TrainConfig *config, ScheduleState *state, int epoch) {
  if (config->schedule.type == SCHEDULE_luong && epoch >= config->schedule.start_epoch)
    state->scale *= config->schedule.factor;
}
