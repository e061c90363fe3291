#include "train/train_end.h"

#include "train/history.h"

static bool stops_early(const TrainConfig *config, const TrainState *state, const Json *history) {
  int n = config->early_stop, waiting = state->waiting;
  return n > 0 && waiting >= n && schedule_waited(config, n, waiting, history_updates(history, waiting));
}

/* Only right after a validation, so that an interrupt in between changes nothing. */
static bool is_spent(const TrainConfig *config, const TrainState *state, const Json *history) {
  int stalled = state->schedule.stalled;
  return schedule_dead(&state->schedule) && history_at(history, 0).step == state->step &&
         schedule_waited(config, config->schedule.patience, stalled, history_updates(history, stalled));
}

const char *train_end_reason(const TrainConfig *config, const TrainState *state, const Json *history) {
  if (stops_early(config, state, history)) return "train.early_stop validations without a better one";
  if (is_spent(config, state, history))
    return "learning rate a thousandth of train.optimizer.lr and no better validation";
  if (config->updates > 0 && state->step >= config->updates) return "train.updates reached";
  return state->epoch > config->epochs ? "train.epochs reached" : NULL;
}

Verdict train_end_verdict(const Translator *t, const TrainState *state, double start_loss, Str *text) {
  HistoryRow least = history_least(t->history);
  VerdictCase c = {.start = start_loss,
                   .least = least.loss,
                   .least_step = least.step,
                   .last = history_at(t->history, 0).loss,
                   .best_step = history_best(t->history, state->best).step,
                   .n_words = vocab_size(t->target_vocab),
                   .start_from = t->config.train.start_from};
  return least.step > 0 ? verdict_of(&c, text) : VERDICT_SOUND;
}
