#include "train/train.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "num/blas.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/history.h"
#include "train/learner.h"
#include "train/train_data.h"
#include "train/train_end.h"
#include "train/train_files.h"
#include "train/train_log.h"
#include "train/train_metric.h"
#include "train/train_ranks.h"
#include "train/train_report.h"
#include "train/train_samples.h"

/* Sentences times longest side of a validation batch: bounds its memory, whatever the lengths. */
enum { VALID_TOKENS = 4096 };

typedef struct Trainer {
  const TrainOptions *options;
  Translator *translator;
  const TrainConfig *config; /* translator's */
  TrainData data;
  Pool *pool;       /* of all threads */
  Pool *shard_pool; /* the same, or one of as many threads as there are shards */
  Learner *learner;
  TrainLog *log;
  TrainReport *report;
  BatchPlan plan, valid_plan;
  TrainState state;
  double started, logged; /* seconds on the clock */
  long validated;         /* update of the last validation, -1: none in this run */
  double start_loss;      /* of the validation text, before the first update */
  bool saved;             /* in this run, or by the one that is resumed */
} Trainer;

static long updates_an_epoch(const Trainer *t) {
  return (t->plan.n_batches + t->config->accumulate - 1) / t->config->accumulate;
}

/* Updates of the whole training as far as the limits tell. */
static long all_updates(const Trainer *t) {
  long n = updates_an_epoch(t) * t->config->epochs;
  return t->config->updates > 0 && t->config->updates < n ? t->config->updates : n;
}

static TrainEvent new_event(const Trainer *t, TrainEventKind kind) {
  return (TrainEvent){.kind = kind,
                      .step = t->state.step,
                      .n_steps = all_updates(t),
                      .epoch = t->state.epoch,
                      .n_epochs = t->config->epochs,
                      .seconds = clock_now() - t->started};
}

/* The weights that are validated and kept: the newest, or their average. */
static const real *kept_weights(const Trainer *t) {
  const real *average = learner_optim(t->learner)->average;
  return average != NULL ? average : t->translator->model->params.values;
}

/* Exchanges the weights in use for their average, when there is one. */
static void swap_average(Trainer *t) {
  Optim *optim = learner_optim(t->learner);
  if (optim->average != NULL) param_swap(&t->translator->model->params, &optim->average);
}

/* By rank 0. */
static bool tell(Trainer *t, const TrainEvent *event, Err *err) {
  if (ranks_me() > 0) return true;
  t->options->observer.event(t->options->observer.ctx, event);
  return train_log_write(t->log, event, err) && train_report_event(t->report, event, err);
}

static bool note(Trainer *t, const char *text, Err *err) {
  TrainEvent event = new_event(t, TRAIN_NOTE);
  event.text = text;
  return tell(t, &event, err);
}

static BatchOptions batch_options(const Trainer *t) {
  return (BatchOptions){.batch_size = t->config->batch_size,
                        .batch_tokens = t->config->batch_tokens,
                        .seed = (uint64_t)t->config->seed,
                        .epoch = (uint64_t)t->state.epoch};
}

static void plan_epoch(Trainer *t) {
  BatchOptions options = batch_options(t);
  corpus_draw(t->data.train, t->pool, (uint64_t)t->state.epoch);
  batch_plan(&t->plan, corpus_lengths(t->data.train), corpus_size(t->data.train), &options);
}

/* ---- Validation. */

static double measure_loss(Trainer *t) {
  int64_t tokens;
  double loss = learner_validate(t->learner, t->pool, t->data.valid, &t->valid_plan, &tokens);
  return loss / (double)tokens;
}

/* Loss a token, the value of the metric, and how many translations were cut at their greatest length. */
static double measure(Trainer *t, double *value, int *n_cut) {
  double loss = measure_loss(t);
  const MetricDef *metric = train_metric_def(t->config);
  *n_cut = 0;
  *value = metric == NULL ? loss : train_samples_score(t->translator, t->pool, t->data.valid, metric, n_cut);
  return loss;
}

static bool diverged(const Trainer *t, const char *what, const char *name, Err *err) {
  return err_set(err, ERR_FILE,
                 "after update %ld: the %s%s is not finite: training has diverged; lower train.optimizer.lr or "
                 "train.optimizer.clip_norm",
                 t->state.step, what, name);
}

/* Weights that an update has made too large: nothing of them may be saved. */
static bool check_weights(const Trainer *t, Err *err) {
  Optim *optim = learner_optim(t->learner);
  const char *name = optim_not_finite(optim, t->pool, t->translator->model->params.values);
  if (name == NULL) name = optim_not_finite(optim, t->pool, kept_weights(t));
  return name == NULL || diverged(t, "weight ", name, err);
}

static bool validate(Trainer *t, bool *better, Err *err) {
  TrainSample samples[TRAIN_SAMPLES] = {0};
  optim_spread_average(learner_optim(t->learner));
  swap_average(t);
  int n_cut;
  double value, loss = measure(t, &value, &n_cut);
  bool finite = isfinite(loss) && isfinite(value);
  int n_samples = finite ? train_samples(t->translator, t->pool, t->data.valid, samples) : 0;
  if (finite) train_report_look(t->report);
  swap_average(t);
  if (!finite) return check_weights(t, err) && diverged(t, "validation loss", "", err);
  *better = train_metric_better(t->config, &t->state, t->translator->history, value, loss);
  if (*better) t->state.best = value;
  t->state.has_best = true;
  t->state.waiting = *better ? 0 : t->state.waiting + 1;
  history_add(t->translator->history, &(HistoryRow){t->state.step, t->state.epoch, loss, value});
  long updates = history_updates(t->translator->history, t->state.schedule.stalled + 1);
  schedule_validated(t->config, &t->state.schedule, *better, updates);
  t->validated = t->state.step;
  TrainEvent event = new_event(t, TRAIN_VALID);
  event.loss = loss;
  event.metric = train_metric_name(t->config);
  event.value = value;
  event.best = t->state.best;
  event.better = *better;
  event.n_translated = metric_find(event.metric) == NULL ? 0 : corpus_size(t->data.valid);
  event.n_cut = n_cut;
  event.samples = samples;
  event.n_samples = n_samples;
  bool ok = tell(t, &event, err);
  for (int i = 0; i < n_samples; i++) str_free(&samples[i].output);
  return ok;
}

/* ---- Checkpoints. */

static int kept(const Trainer *t) {
  int keep = t->config->keep > 1 ? t->config->keep : 0;
  return keep > t->config->average ? keep : t->config->average;
}

/* model: the weights to write as the model, or NULL. */
static bool save(Trainer *t, const real *model, bool write_step, Err *err) {
  Checkpoint checkpoint = {t->translator, learner_optim(t->learner), &t->state, t->data.files, !t->saved};
  long drop = write_step ? history_at(t->translator->history, kept(t)).step : 0;
  if (!check_weights(t, err) || !train_ranks_save(&checkpoint, model, write_step ? kept_weights(t) : NULL, drop, err))
    return false;
  t->saved = true;
  TrainEvent event = new_event(t, TRAIN_CHECKPOINT);
  return tell(t, &event, err);
}

/* At the end, before the last checkpoint: *mean receives the mean of the newest checkpoints when it validates better
 * than the best one, else NULL. It does not count as the best: a training that goes on is that of one never ended. */
static bool try_average(Trainer *t, real **mean, Err *err) {
  int n_validations = json_count(t->translator->history);
  int n = t->config->average < n_validations ? t->config->average : n_validations;
  *mean = NULL;
  if (n < 2) return true;
  real *weights = param_block(&t->translator->model->params, "checkpoint average");
  bool ok = train_ranks_mean(t->translator, kept_weights(t), n, weights, err);
  if (ok) {
    double value;
    int n_cut;
    param_swap(&t->translator->model->params, &weights);
    double loss = measure(t, &value, &n_cut);
    param_swap(&t->translator->model->params, &weights);
    bool better = train_metric_better(t->config, &t->state, t->translator->history, value, loss);
    Str text = {0};
    str_addf(&text, "mean of the last %d checkpoints: %.6g against %.6g: %s", n, value, t->state.best,
             better ? "written as the model" : "not better, left");
    ok = note(t, str_text(&text), err);
    str_free(&text);
    if (ok && better) *mean = weights;
  }
  if (*mean == NULL) mem_free(weights);
  return ok;
}

/* ---- The loop. */

static bool log_update(Trainer *t, const LearnerResult *r, double lr, int64_t *tokens, Err *err) {
  losses_add(&t->state.losses, &r->losses);
  t->state.tokens += r->tokens;
  *tokens += r->tokens;
  bool full = t->state.step % t->config->log_every == 0;
  TrainEvent event = new_event(t, full ? TRAIN_LOG : TRAIN_UPDATE);
  event.losses = full ? losses_mean(&t->state.losses, t->state.tokens) : losses_mean(&r->losses, r->tokens);
  event.loss = event.losses.of[LOSS_likelihood];
  event.weights = learner_weights(t->learner);
  event.tokens_per_s = (double)*tokens / (clock_now() - t->logged);
  event.learning_rate = lr;
  event.gradient_norm = r->norm;
  if (full) {
    t->state.losses = (Losses){{0}};
    t->state.tokens = 0;
    *tokens = 0;
    t->logged = clock_now();
  }
  return tell(t, &event, err);
}

/* Why it does not go on, or NULL. */
static const char *end_reason(const Trainer *t) {
  return train_end_reason(t->config, &t->state, t->translator->history);
}

/* After the last update of an epoch; the epoch just ended counts in the history and in schedules. */
static void next_epoch(Trainer *t) {
  schedule_epoch(t->config, &t->state.schedule, t->state.epoch);
  t->state.epoch++;
  t->state.batch = 0;
  plan_epoch(t);
}

static void warn_dead(const Trainer *t) {
  warnings_tell(
      t->options->observer.warnings,
      "%s: after update %ld the learning rate is %.3g, a thousandth of train.optimizer.lr: updates change next "
      "to nothing from here on",
      t->config->model, t->state.step, t->config->optimizer.lr * t->state.schedule.scale);
}

/* What is due after an update: validation, the next epoch, a checkpoint. */
static bool after_update(Trainer *t, Err *err) {
  const TrainConfig *c = t->config;
  bool ended = t->state.batch == t->plan.n_batches, better = false, dead = schedule_dead(&t->state.schedule);
  bool last = (ended && t->state.epoch >= c->epochs) || (c->updates > 0 && t->state.step >= c->updates);
  bool due = last || (c->validate_every > 0 ? t->state.step % c->validate_every == 0 : ended);
  if (due && !validate(t, &better, err)) return false;
  if (ended) next_epoch(t);
  if (!dead && !last && schedule_dead(&t->state.schedule)) warn_dead(t);
  if (!due) return true;
  bool finished = end_reason(t) != NULL;
  real *mean = NULL;
  if (finished && !try_average(t, &mean, err)) return false;
  const real *best = mean != NULL ? mean : kept_weights(t);
  bool ok = save(t, mean != NULL || better ? best : NULL, kept(t) > 0, err);
  mem_free(mean);
  return ok;
}

static bool update(Trainer *t, int64_t *tokens, Err *err) {
  int left = t->plan.n_batches - t->state.batch;
  int n = t->config->accumulate < left ? t->config->accumulate : left;
  long step = t->state.step + 1;
  double lr = schedule_lr(t->config, &t->state.schedule, step);
  LearnerResult result;
  if (!learner_update(t->learner, &t->plan, t->state.batch, n, step, lr, &result, err)) return false;
  t->state.step = step;
  t->state.batch += n;
  if (learner_baseline(t->learner) != NULL) t->state.baseline = *learner_baseline(t->learner);
  return log_update(t, &result, lr, tokens, err) && after_update(t, err);
}

static TrainEnd finish(Trainer *t, const char *reason, const char *warning, TrainEnd end, Err *err) {
  TrainEvent event = new_event(t, TRAIN_END);
  event.text = reason;
  event.warning = warning;
  event.metric = train_metric_name(t->config);
  event.best = t->state.best;
  if (t->state.has_best) event.best_step = history_best(t->translator->history, t->state.best).step;
  return tell(t, &event, err) ? end : TRAIN_FAILED;
}

/* What to do about how it ended, if anything. */
static bool advise(Trainer *t, Err *err) {
  Str text = {0};
  train_end_advice(t->config, &t->state, &text);
  bool ok = text.n == 0 || note(t, text.at, err);
  str_free(&text);
  return ok;
}

static TrainEnd end(Trainer *t, const char *reason, Err *err) {
  Str text = {0};
  Verdict verdict = train_end_verdict(t->translator, &t->state, t->start_loss, &text);
  bool ok = (verdict != VERDICT_SOUND && !train_end_in_warmup(t->config, &t->state)) || advise(t, err);
  TrainEnd told = TRAIN_FAILED;
  if (ok) told = finish(t, reason, verdict == VERDICT_SOUND ? NULL : text.at, TRAIN_FINISHED, err);
  if (told == TRAIN_FINISHED && verdict == VERDICT_DIVERGED) {
    (void)err_set(err, ERR_FILE, "%s: %s", t->config->model, text.at);
    told = TRAIN_FAILED;
  } else if (told == TRAIN_FINISHED && verdict == VERDICT_DOUBTFUL) {
    warnings_tell(t->options->observer.warnings, "%s: %s", t->config->model, text.at);
  }
  str_free(&text);
  return told;
}

/* Saves what an interrupt leaves; the weights as the model too when there is none. A model of an earlier training stays
 * until a validation has written one of this, and its state until an update is worth another. */
static TrainEnd interrupt(Trainer *t, Err *err) {
  bool stands = train_ranks_exists(t->config->model);
  const real *model = stands ? NULL : kept_weights(t);
  bool worth = t->state.step > 0 || !stands;
  if (worth && t->validated != t->state.step && !save(t, model, false, err)) return TRAIN_FAILED;
  return finish(t, "interrupted", NULL, TRAIN_INTERRUPTED, err);
}

static TrainEnd loop(Trainer *t, Err *err) {
  int64_t tokens = 0;
  t->logged = clock_now();
  while (end_reason(t) == NULL) {
    if (ranks_max(atomic_load(t->options->interrupted)) != 0) return interrupt(t, err);
    if (!update(t, &tokens, err)) return TRAIN_FAILED;
  }
  return end(t, end_reason(t), err);
}

/* ---- Beginning. */

/* What stands where the model goes: resumed, or replaced. By rank 0. */
static bool take_up(Trainer *t, bool *resumed, Err *err) {
  char *state = checkpoint_state_path(t->config->model);
  bool ok = true;
  if (t->options->resume && io_exists(state)) {
    Checkpoint checkpoint = {t->translator, learner_optim(t->learner), &t->state, t->data.files, false};
    Str moved = {0};
    ok = checkpoint_load(t->translator, learner_optim(t->learner), &t->state, t->data.files, &moved, err) &&
         checkpoint_complete(&checkpoint, kept_weights(t), kept(t) > 0, err) &&
         (moved.n == 0 || note(t, moved.at, err));
    str_free(&moved);
    *resumed = ok;
  } else if (t->options->resume) {
    ok = note(t, "no training state beside the model: starting anew", err);
  } else if (io_exists(state)) {
    ok = note(t, "replacing the model and training state that stand there", err);
  } else if (io_exists(t->config->model)) {
    ok = note(t, "replacing the model that stands there", err);
  }
  mem_free(state);
  return ok;
}

static bool begin(Trainer *t, bool *resumed, Err *err) {
  *resumed = false;
  if (ranks_me() == 0 && !take_up(t, resumed, err)) return false;
  if (!train_ranks_share(t->translator, learner_optim(t->learner), &t->state, resumed, err)) return false;
  if (*resumed && learner_baseline(t->learner) != NULL) *learner_baseline(t->learner) = t->state.baseline;
  t->saved = *resumed;
  return true;
}

static bool tell_start(Trainer *t, bool resumed, Err *err) {
  TrainEvent event = new_event(t, TRAIN_START);
  event.resumed = resumed;
  event.data = &t->data;
  event.config = &t->translator->config;
  event.start_from = resumed ? NULL : t->config->start_from;
  event.source_vocab = vocab_size(t->translator->source_vocab);
  event.target_vocab = vocab_size(t->translator->target_vocab);
  event.n_parameters = param_count(&t->translator->model->params);
  return tell(t, &event, err);
}

static bool open_log(Trainer *t, bool resumed, Err *err) {
  const char *path = t->options->log;
  if (path == NULL || ranks_me() > 0) return true;
  if (resumed && !train_log_is_of(path, t->translator->history, t->state.step, err)) return false;
  t->log = train_log_open(path, t->options->resume, err);
  return t->log != NULL;
}

static bool open_report(Trainer *t, bool resumed, Err *err) {
  const TrainOptions *o = t->options;
  TrainReportPlan plan = {.path = o->report,
                          .gold = {o->gold, o->from_1, o->observer.warnings},
                          .sentences = o->sentences,
                          .translator = t->translator,
                          .pool = t->pool,
                          .valid = t->data.valid,
                          .resumed = resumed,
                          .step = t->state.step};
  if (plan.path == NULL || ranks_me() > 0) return true;
  t->report = train_report_open(&plan, err);
  return t->report != NULL;
}

static TrainEnd train(Trainer *t, Err *err) {
  bool resumed;
  BatchOptions options = {.batch_tokens = VALID_TOKENS};
  if (!train_ranks_agree_on_data(t->data.files, err)) return TRAIN_FAILED;
  batch_plan_sequential(&t->valid_plan, corpus_lengths(t->data.valid), corpus_size(t->data.valid), &options);
  t->start_loss = measure_loss(t);
  if (!begin(t, &resumed, err)) return TRAIN_FAILED;
  if (!open_log(t, resumed, err)) return TRAIN_FAILED;
  if (!open_report(t, resumed, err)) return TRAIN_FAILED;
  plan_epoch(t);
  if (t->state.batch >= t->plan.n_batches) {
    (void)err_set(err, ERR_FILE, "the training state is at batch %d of %d: damaged", t->state.batch, t->plan.n_batches);
    return TRAIN_FAILED;
  }
  if (!tell_start(t, resumed, err)) return TRAIN_FAILED;
  if (end_reason(t) != NULL) return end(t, "already finished", err);
  if (blas_advice() != NULL && !note(t, blas_advice(), err)) return TRAIN_FAILED;
  if (resumed && ranks_me() == 0 && !checkpoint_renew(t->translator, err)) return TRAIN_FAILED;
  learner_warm_up(t->learner, &t->plan);
  return loop(t, err);
}

TrainEnd train_run(Config *config, const TrainOptions *options, Err *err) {
  Trainer t = {.options = options, .started = clock_now(), .validated = -1};
  t.state = (TrainState){.epoch = 1, .schedule = {.scale = 1}};
  TrainFiles files;
  if (!train_ranks_agree(config, err) || !train_files_open(&files, config, options, err)) {
    config_free(config);
    return TRAIN_FAILED;
  }
  blas_init();
  if (!blas_reserve(config->train.threads, err)) {
    config_free(config);
    return TRAIN_FAILED;
  }
  t.translator = train_data_read(config, &t.data, options->observer.warnings, err);
  warnings_end(options->observer.warnings);
  if (t.translator == NULL) {
    train_files_close(&files);
    return TRAIN_FAILED;
  }
  t.config = &t.translator->config.train;
  t.pool = pool_new(t.config->threads);
  t.shard_pool = t.config->threads <= t.config->shards ? t.pool : pool_new(t.config->shards);
  t.learner = learner_new(t.translator, t.data.train, t.shard_pool);
  learner_guide(t.learner, t.data.guide);
  TrainEnd end = train(&t, err);
  Err late = {0};
  if (!train_log_close(t.log, &late) && end != TRAIN_FAILED) {
    *err = late;
    end = TRAIN_FAILED;
  }
  train_report_close(t.report);
  learner_free(t.learner);
  if (t.shard_pool != t.pool) pool_free(t.shard_pool);
  pool_free(t.pool);
  batch_free(&t.plan);
  batch_free(&t.valid_plan);
  train_data_free(&t.data);
  translator_free(t.translator);
  train_files_close(&files);
  return end;
}
