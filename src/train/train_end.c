#include "train/train_end.h"

#include "train/history.h"
#include "train/train_metric.h"

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

bool train_end_in_warmup(const TrainConfig *config, const TrainState *state) {
  return state->step < config->schedule.warmup && !train_metric_perfect(config, state);
}

void train_end_advice(const TrainConfig *config, const TrainState *state, Str *text) {
  if (train_end_in_warmup(config, state)) {
    str_addf(text,
             "train.schedule.warmup is %d, but training ended after update %ld, at %.2g of train.optimizer.lr: go on "
             "(--resume with a greater train.epochs or train.updates), or begin anew with a smaller warmup",
             config->schedule.warmup, state->step, (double)state->step / config->schedule.warmup);
    return;
  }
  /* By its limits before plateau had any reason to lower the rate. */
  if (config->schedule.type != SCHEDULE_plateau || state->schedule.scale < 1 || state->waiting > 0) return;
  if (train_metric_perfect(config, state)) return;
  str_adds(text,
           "the last validation was the best and the learning rate never fell: more epochs are likely to do better "
           "(--resume with a greater train.epochs or train.updates)");
}
