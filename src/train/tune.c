#include "train/tune.h"

#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/process.h"
#include "conf/config_file.h"
#include "search/translator.h"
#include "train/compare_page.h"
#include "train/history.h"
#include "train/trial.h"
#include "train/tune_record.h"
#include "train/tune_result.h"

enum { SPEED_UPDATES = 20, INTERRUPTED = 3 };

typedef struct Job {
  int draw, fold;
} Job;

typedef struct Tune {
  const TuneOptions *options;
  char **sets; /* [n_sets] of all draws: the user's, and what is settled here */
  int n_sets;
  Json *given;
  TuneSpace space;
  TuneDraw *draws; /* [standing.n] */
  TuneRecord record;
  TuneStanding standing;
  CompareRow *rows; /* [n * n_folds] */
  Variants variants;
  bool *alive; /* [n] goes on to the rung at hand */
  Lock *lock;
  double began;
  int n_cores;
  int rung, n_threads; /* of the jobs at hand */
  Job *jobs;
  int n_done, n_jobs;
  bool stopped; /* by a signal or the deadline */
} Tune;

static Str file_of(const Tune *t, const char *file) {
  Trial trial = {t->options->folder, NULL};
  return trial_file(&trial, file);
}

static Trial trial_of(const Tune *t, Job job) {
  return (Trial){t->options->folder, t->variants.at[job.draw * t->standing.n_folds + job.fold].name};
}

static CompareRow *row_of(const Tune *t, Job job) { return &t->rows[job.draw * t->standing.n_folds + job.fold]; }

static void say(const Tune *t, const Str *line) { t->options->say(t->options->ctx, str_text(line)); }

/* ---- What is asked. */

static void add_set(char ***list, int *n, const char *set) {
  *list = mem_grow(*list, (size_t)*n + 1, sizeof **list, "draws");
  (*list)[(*n)++] = mem_text(set, strlen(set));
}

static void free_sets(char **list, int n) {
  for (int i = 0; i < n; i++) mem_free(list[i]);
  mem_free(list);
}

static bool has_own_text(const Config *c) { return c->data.valid.tsv != NULL || c->data.valid.source != NULL; }

static int folds_for(const Tune *t, const Config *c) {
  int asked = t->options->n_folds;
  if (asked > 0) return asked;
  return has_own_text(c) || t->space.text.n_pairs >= TUNE_LITTLE ? 1 : TUNE_FOLDS;
}

/* What all draws share: a metric of translations, and a validation text. */
static bool settle(Tune *t, Err *err) {
  const TuneOptions *o = t->options;
  Config config;
  for (int i = 0; i < o->n_sets; i++) add_set(&t->sets, &t->n_sets, o->sets[i]);
  if (!config_load(&config, o->config, o->sets, o->n_sets, NULL, err)) return false;
  bool ok = (t->given = config_file_read(o->config, NULL, 0, err)) != NULL;
  for (int i = 0; ok && i < o->n_sets; i++) /* threads are of this run alone */
    if (strncmp(o->sets[i], "train.threads=", strlen("train.threads=")) != 0) config_file_put(t->given, o->sets[i]);
  if (ok && !config_file_settles(t->given, "train.metric")) add_set(&t->sets, &t->n_sets, "train.metric=chrf");
  else if (ok && config.train.metric == TRAIN_METRIC_loss)
    ok = err_set(err, ERR_USAGE,
                 "%s: train.metric is \"loss\", which is of tokens, and draws split the text into different ones: name "
                 "a metric of translations, or leave it out (chrf)",
                 o->config);
  if (ok && !has_own_text(&config) && config.data.valid.split == 0)
    add_set(&t->sets, &t->n_sets, "data.valid.split=10");
  if (ok && config.data.train.tsv == NULL && config.data.train.source == NULL)
    ok = config_check_train(&config, o->config, err);
  ok = ok && tune_space_look(&t->space.text, &config.data, err);
  t->standing.n_folds = ok ? folds_for(t, &config) : 1;
  t->standing.unit = config.train.batch_size;
  t->n_cores = config.train.threads;
  for (int i = o->n_sets; ok && i < t->n_sets; i++) config_file_put(t->given, t->sets[i]);
  config_free(&config);
  return ok;
}

/* ---- Jobs. */

static bool is_before(const Tune *t, Job job) {
  const CompareRow *row = row_of(t, job);
  return row->state != COMPARE_DONE || row->updates < tune_result_updates(&t->standing, job.draw, t->rung);
}

static void no_event(void *ctx, const TrainEvent *event) { (void)ctx, (void)event; }

static void add_number(char ***list, int *n, const char *key, int value) {
  Str set = {0};
  str_addf(&set, "%s=%d", key, value);
  add_set(list, n, str_text(&set));
  str_free(&set);
}

static void own_sets(const Tune *t, Job job, char ***own, int *n) {
  const TuneDraw *draw = &t->draws[job.draw];
  for (int i = 0; i < draw->n_sets; i++) add_set(own, n, draw->sets[i]);
  tune_result_lengths(&t->standing, job.draw, t->rung, own, n);
  add_number(own, n, "train.threads", t->n_threads);
  if (t->standing.n_folds == 1) return;
  add_number(own, n, "data.valid.split", t->standing.n_folds);
  add_number(own, n, "data.valid.fold", job.fold + 1);
}

/* In a process of its own. */
static int run_job(void *ctx, int task, Str *said) {
  const Tune *t = ctx;
  Job job = t->jobs[task];
  Trial trial = trial_of(t, job);
  Config config;
  Err err = {0};
  char **own = NULL;
  int n = 0;
  own_sets(t, job, &own, &n);
  TrialConfig of = {t->options->config, (const char *const *)t->sets, t->n_sets, (const char *const *)own, n};
  TrialTraining training = {.observer = {no_event, NULL, NULL}, .interrupted = t->options->interrupted};
  TrainEnd end = TRAIN_FAILED;
  if (trial_load(&config, &trial, &of, NULL, &err)) {
    if (trial_check(&trial, &config, &err)) end = trial_train(&trial, &config, &training, &err);
    else config_free(&config);
  }
  free_sets(own, n);
  str_adds(said, err.text);
  return end == TRAIN_FINISHED ? 0 : end == TRAIN_INTERRUPTED ? INTERRUPTED : 1;
}

/* What a training has come to; a state of no validation yet counts for nothing. */
static void read_row(Tune *t, Job job) {
  CompareRow *row = row_of(t, job);
  Trial trial = trial_of(t, job);
  Err ignored = {0};
  if (!trial_read(&trial, row, &ignored) || json_count(row->history) == 0) return;
  Str model = trial_file(&trial, "model.safetensors");
  Translator *translator = translator_load(str_text(&model), &ignored);
  if (translator != NULL) trial_describe(row, translator);
  translator_free(translator);
  str_free(&model);
  row->state = COMPARE_DONE;
}

/* The metric and loss of the page's table: the best so far. */
static void measure_row(Tune *t, Job job) {
  CompareRow *row = row_of(t, job);
  if (row->state != COMPARE_DONE) return;
  HistoryRow top = history_top(row->history, row->updates, t->standing.metric->errors);
  row->result.metric = top.metric;
  row->result.loss = top.loss;
}

static void ended(void *ctx, int task, int status, const char *said) {
  Tune *t = ctx;
  Job job = t->jobs[task];
  CompareRow *row = row_of(t, job);
  Str line = {0};
  read_row(t, job);
  measure_row(t, job);
  t->n_done++;
  str_addf(&line, "%d of %d: %s: ", t->n_done, t->n_jobs, trial_of(t, job).name);
  if (status == INTERRUPTED) {
    t->stopped = true;
    str_adds(&line, "stopped, to be gone on with");
  } else if (status != 0) {
    row->state = COMPARE_FAILED;
    str_clear(&row->reason);
    str_adds(&row->reason, said[0] != '\0' ? said : status == 1 ? "out of memory" : "its process was killed");
    str_addf(&line, "failed: %s", str_text(&row->reason));
  } else {
    str_addf(&line, "%s %.2f after update %ld", t->standing.metric->name, row->result.metric, row->updates);
  }
  say(t, &line);
  str_free(&line);
}

/* ---- Rungs. */

static double spent(const Tune *t) { return t->record.seconds + clock_now() - t->began; }

static bool write_record(const Tune *t, Err *err) {
  Str path = file_of(t, "tune.json");
  TuneRecord record = t->record;
  record.seconds = spent(t);
  bool ok = tune_record_write(&record, str_text(&path), err);
  str_free(&path);
  return ok;
}

static void run_jobs(Tune *t, Job *jobs, int n) {
  int at_once = n < t->n_cores ? n : t->n_cores;
  t->jobs = jobs;
  t->n_jobs = n;
  t->n_done = 0;
  if (n == 0) return;
  t->n_threads = t->n_cores / at_once;
  double left = t->options->minutes * 60 - spent(t);
  ProcessPlan plan = {n,
                      at_once,
                      run_job,
                      ended,
                      t,
                      t->options->interrupted,
                      t->options->minutes > 0 ? clock_now() + (left > 0.001 ? left : 0.001) : 0};
  if (!process_each(&plan) || atomic_load(t->options->interrupted) != 0) t->stopped = true;
}

static void run_rung(Tune *t) {
  const TuneRung *rung = &t->record.plan.rungs[t->rung];
  Job *jobs = mem_zero((size_t)(t->standing.n * t->standing.n_folds), sizeof *jobs, "draws");
  int n = 0;
  for (int f = 0; f < rung->n_folds; f++)
    for (int i = 0; i < t->standing.n; i++) {
      Job job = {i, f};
      if (t->alive[i] && row_of(t, job)->state == COMPARE_WAITING) read_row(t, job), measure_row(t, job);
      if (t->alive[i] && is_before(t, job) && row_of(t, job)->state != COMPARE_FAILED) jobs[n++] = job;
    }
  Str line = {0};
  int alive = 0;
  for (int i = 0; i < t->standing.n; i++) alive += t->alive[i];
  str_addf(&line, "rung %d of %d: %d draws, up to %ld updates each", t->rung + 1, t->record.plan.n_rungs, alive,
           rung->updates);
  if (t->standing.n_folds > 1) str_addf(&line, ", on %d of %d folds", rung->n_folds, t->standing.n_folds);
  str_addf(&line, "; %d trainings to do", n);
  say(t, &line);
  str_free(&line);
  run_jobs(t, jobs, n);
  mem_free(jobs);
}

/* The best draw after a rung among those that go on, of which `taken` are left out; -1: none. */
static int best_of(const Tune *t, int rung, const bool *taken, bool kept) {
  int best = -1;
  for (int i = 0; i < t->standing.n; i++) {
    if (!t->alive[i] || (taken != NULL && taken[i]) || (kept && !t->draws[i].kept)) continue;
    TuneScore score = tune_result_score(&t->standing, i, rung);
    if (score.known &&
        (best < 0 || tune_result_is_better(&t->standing, score, tune_result_score(&t->standing, best, rung))))
      best = i;
  }
  return best;
}

/* Who goes on: the best, and with them the config as it is and the best recipe, so that the end is no worse than these.
 */
static void promote(Tune *t, int rung) {
  bool *on = mem_zero((size_t)t->standing.n, sizeof *on, "draws");
  int n = t->record.plan.rungs[rung + 1].n_draws - TUNE_PLAN_KEPT;
  if (n < 1) n = 1;
  if (t->alive[0] && tune_result_score(&t->standing, 0, rung).known) on[0] = true;
  int recipe = best_of(t, rung, on, true);
  if (recipe >= 0) on[recipe] = true;
  for (int best; n > 0 && (best = best_of(t, rung, on, false)) >= 0; n--) on[best] = true;
  memcpy(t->alive, on, (size_t)t->standing.n * sizeof *on);
  mem_free(on);
}

/* Seconds that an update took in all trainings that go on. */
static double seconds_an_update(const Tune *t, int rung) {
  double sum = 0;
  for (int i = 0; i < t->standing.n; i++) {
    double seconds = 0, updates = 0;
    for (int f = 0; t->alive[i] && f < t->record.plan.rungs[rung].n_folds; f++) {
      const CompareRow *row = row_of(t, (Job){i, f});
      seconds += row->seconds;
      updates += (double)row->updates * (double)t->record.plan.rungs[rung].updates /
                 (double)tune_result_updates(&t->standing, i, rung);
    }
    if (updates > 0) sum += seconds / updates;
  }
  return sum;
}

/* Seconds of one training that are left; a part of it is for the ends, where processors wait. */
static double seconds_left(const Tune *t) {
  static const double PART = 0.85;
  return PART * (t->options->minutes * 60 - spent(t)) * t->n_cores;
}

/* Keeps to the time, as far as trainings so far tell. */
static void fit_time(Tune *t) {
  (void)tune_plan_fit(&t->record.plan, t->rung, seconds_an_update(t, t->rung - 1), seconds_left(t));
}

/* ---- What is written. */

static bool write_text(const Tune *t, const char *file, const Str *text, Err *err) {
  Str path = file_of(t, file);
  bool ok = io_write_file(str_text(&path), text->at, text->n, err);
  str_free(&path);
  return ok;
}

/* rung: the last that the best draw has come to the end of. */
static bool write_results(const Tune *t, int best, int rung, Err *err) {
  static const struct {
    const char *file;
    void (*add)(Str *out, const CompareResult *result);
  } results[] = {
      {"table.tsv", compare_result_tsv}, {"index.html", compare_page_html}, {"table.json", compare_page_json}};
  CompareResult result = {.variants = &t->variants,
                          .rows = t->rows,
                          .metric = t->standing.metric,
                          .same_text = true,
                          .config = t->given,
                          .title = t->options->config,
                          .runs = "folds",
                          .note =
                              "Each draw stands as it was when it was left: those of fewer updates or runs were "
                              "worse than others at that point, and might have become better."};
  Str text = {0};
  tune_result_config(&text, &t->standing, best, rung);
  bool ok = write_text(t, "best.json", &text, err);
  for (size_t i = 0; ok && i < sizeof results / sizeof *results; i++) {
    str_clear(&text);
    results[i].add(&text, &result);
    ok = write_text(t, results[i].file, &text, err);
  }
  str_free(&text);
  return ok;
}

/* ---- From start to end. */

/* Takes the record that stands there, or makes one; *old: it stood there. */
static bool open_record(Tune *t, bool *old, Err *err) {
  const TuneOptions *o = t->options;
  Str path = file_of(t, "tune.json"), page = file_of(t, "index.html");
  t->record = (TuneRecord){.given = t->given, .seed = o->seed, .updates = o->updates, .n_folds = t->standing.n_folds};
  bool ok = io_make_folder(o->folder, err) && io_check_target(str_text(&page), err);
  *old = ok && !o->overwrite && io_exists(str_text(&path));
  if (ok && *old) ok = tune_record_read(&t->record, str_text(&path), err);
  else if (ok && !o->overwrite && io_exists(str_text(&page)))
    ok = err_set(err, ERR_FILE,
                 "%s: stands there already and is not of a tuning; --overwrite replaces it, another --output leaves it "
                 "as it is",
                 str_text(&page));
  ok = ok && (t->lock = lock_take(str_text(&page), err)) != NULL;
  str_free(&path);
  str_free(&page);
  return ok;
}

/* What an earlier tuning left in the folders of this one's draws. */
static bool clear(const Tune *t, Err *err) {
  static const char *const files[] = {"model.state.safetensors", "model.safetensors", "log.jsonl"};
  bool ok = true;
  for (int i = 0; ok && i < t->variants.n; i++)
    for (size_t k = 0; ok && k < sizeof files / sizeof *files; k++) {
      Trial trial = {t->options->folder, t->variants.at[i].name};
      Str path = trial_file(&trial, files[k]);
      ok = io_remove(str_text(&path), err);
      str_free(&path);
    }
  return ok;
}

static bool make_draws(Tune *t, int most, Err *err) {
  t->draws = tune_space_draws(&t->space, most, &t->standing.n, err);
  if (t->draws == NULL) return false;
  static const char *const names[] = {
#define TRAIN_METRIC(name) #name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
  };
  t->standing.draws = t->draws;
  t->standing.given = t->given;
  t->standing.n_pairs = t->space.text.n_pairs;
  t->standing.plan = &t->record.plan;
  t->standing.metric = metric_find(names[t->draws[0].config.train.metric]);
  t->standing.rows = t->rows = mem_zero((size_t)(t->standing.n * t->standing.n_folds), sizeof *t->rows, "draws");
  t->alive = mem_zero((size_t)t->standing.n, sizeof *t->alive, "draws");
  for (int i = 0; i < t->standing.n; i++) t->alive[i] = true;
  t->standing.alive = t->alive;
  tune_result_variants(&t->variants, &t->standing);
  return true;
}

static void forget_draws(Tune *t) {
  for (int i = 0; i < t->variants.n; i++) compare_result_free_row(&t->rows[i]);
  mem_free(t->rows);
  mem_free(t->alive);
  if (t->variants.n > 0) variants_free(&t->variants);
  tune_space_free(t->draws, t->standing.n);
  t->draws = NULL;
  t->rows = NULL;
  t->alive = NULL;
}

/* How many updates the time is worth, as far as a few of the config as it is tell. */
static bool measure_speed(Tune *t, Err *err) {
  Job job = {0, 0};
  t->record.plan = (TunePlan){{{1, 1, SPEED_UPDATES}}, 1};
  if (!make_draws(t, 1, err) || !clear(t, err)) return false;
  run_jobs(t, &job, 1);
  const CompareRow *row = &t->rows[0];
  bool ok = row->state == COMPARE_DONE && row->updates > 0;
  double each = ok ? row->seconds / (double)row->updates : 1;
  double n = t->options->minutes * 60 * t->n_cores / (each > 1e-6 ? each : 1e-6);
  t->record.plan = tune_plan_make(n < 1 ? 1 : (long)n, t->standing.n_folds);
  if (!ok && row->state == COMPARE_FAILED) (void)err_set(err, ERR_FILE, "%s", str_text(&row->reason));
  else if (!ok && atomic_load(t->options->interrupted) == 0)
    (void)err_set(err, ERR_USAGE, "--minutes %g: less than the first %d updates take", t->options->minutes,
                  SPEED_UPDATES);
  ok = ok && clear(t, err);
  forget_draws(t);
  return ok;
}

static bool make_plan(Tune *t, Err *err) {
  if (t->options->minutes > 0) {
    if (!measure_speed(t, err)) return false;
  } else {
    t->record.plan = tune_plan_make(t->options->updates, t->standing.n_folds);
  }
  t->record.n_draws = t->record.plan.rungs[0].n_draws;
  return true;
}

static bool prepare(Tune *t, Err *err) {
  const TuneOptions *o = t->options;
  bool old;
  if (strcmp(o->config, "-") == 0)
    return err_set(err, ERR_USAGE, "tune: the config is read once a training; give a file instead of -");
  if (!settle(t, err)) return false;
  t->space =
      (TuneSpace){o->config, (const char *const *)t->sets, t->n_sets, t->given, t->space.text, (uint64_t)o->seed};
  if (!open_record(t, &old, err) || (!old && !make_plan(t, err))) return false;
  return make_draws(t, t->record.n_draws, err) && (old || clear(t, err)) && write_record(t, err);
}

static bool none_left(const Tune *t, Err *err) {
  for (int i = 0; i < t->variants.n; i++)
    if (t->rows[i].state == COMPARE_FAILED)
      return err_set(err, ERR_FILE, "no draw could be trained; %s: %s", t->variants.at[i].name,
                     str_text(&t->rows[i].reason));
  return err_set(err, ERR_FILE, "no draw has come to its first validation; give more time");
}

/* *done: the rung that the result is of; *best < 0: there is none. */
static bool climb(Tune *t, int *best, int *done, Err *err) {
  *best = -1;
  for (t->rung = 0; t->rung < t->record.plan.n_rungs && !t->stopped; t->rung++) {
    if (t->rung > 0 && t->rung >= t->record.n_begun && t->options->minutes > 0) fit_time(t);
    if (t->rung >= t->record.n_begun) t->record.n_begun = t->rung + 1;
    if (!write_record(t, err)) return false;
    run_rung(t);
    int now = best_of(t, t->rung, NULL, false);
    if (now >= 0 && (!t->stopped || *best < 0 || t->rung == t->record.plan.n_rungs - 1)) *best = now, *done = t->rung;
    if (*best >= 0 && !write_results(t, *best, *done, err)) return false;
    if (!t->stopped && t->options->minutes > 0 && t->rung + 1 == t->record.plan.n_rungs)
      (void)tune_plan_more(&t->record.plan, seconds_an_update(t, t->rung), seconds_left(t));
    if (!t->stopped && t->rung + 1 < t->record.plan.n_rungs) promote(t, t->rung);
  }
  return write_record(t, err);
}

static TrainEnd run(Tune *t, Str *text, Err *err) {
  int best, done = 0;
  if (!prepare(t, err) || !climb(t, &best, &done, err))
    return t->stopped && err->kind == ERR_NONE ? TRAIN_INTERRUPTED : TRAIN_FAILED;
  bool signalled = atomic_load(t->options->interrupted) != 0;
  if (best < 0) return signalled ? TRAIN_INTERRUPTED : (none_left(t, err), TRAIN_FAILED);
  tune_result_text(text, &t->standing, best, done);
  return signalled ? TRAIN_INTERRUPTED : TRAIN_FINISHED;
}

TrainEnd tune_run(const TuneOptions *options, Str *text, Err *err) {
  Tune t = {.options = options, .began = clock_now()};
  TrainEnd end = run(&t, text, err);
  forget_draws(&t);
  lock_release(t.lock);
  free_sets(t.sets, t.n_sets);
  json_free(t.given);
  return end;
}
