#include "train/trial.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "train/checkpoint.h"
#include "train/resume.h"
#include "train/train_log.h"

Str trial_file(const Trial *t, const char *file) {
  Str path = {0};
  size_t n = strlen(t->folder);
  bool slash = n > 0 && t->folder[n - 1] == '/';
  str_addf(&path, "%s%s", t->folder, slash ? "" : "/");
  if (t->name != NULL) str_addf(&path, "%s/", t->name);
  str_adds(&path, file);
  return path;
}

static char *state_path(const Trial *t) {
  Str model = trial_file(t, "model.safetensors");
  char *path = checkpoint_state_path(str_text(&model));
  str_free(&model);
  return path;
}

/* ---- Before training. */

bool trial_load(Config *config, const Trial *trial, const TrialConfig *of, Warnings *warnings, Err *err) {
  int n = of->n_sets + of->n_own + 1, at = 0;
  const char **sets = mem_alloc((size_t)n, sizeof *sets, "variants");
  Str model = {0}, path = trial_file(trial, "model.safetensors");
  str_adds(&model, "train.model=");
  json_quote(&model, str_text(&path));
  for (int k = 0; k < of->n_sets; k++) sets[at++] = of->sets[k];
  for (int k = 0; k < of->n_own; k++) sets[at++] = of->own[k];
  sets[at] = str_text(&model);
  bool ok = config_load(config, of->path, sets, n, warnings, err);
  if (ok && !config_check_train(config, of->path, err)) {
    config_free(config);
    ok = false;
  }
  mem_free(sets);
  str_free(&model);
  str_free(&path);
  return ok;
}

static bool read_state(CheckpointInfo *info, const char *path, Err *err) {
  SafeTensors *file = safetensors_open(path, err);
  *info = (CheckpointInfo){0};
  bool ok = file != NULL && checkpoint_read_info(info, file, path, err);
  if (file != NULL) safetensors_close(file);
  return ok;
}

bool trial_check(const Trial *trial, const Config *config, Err *err) {
  const char *model = config->train.model;
  char *path = checkpoint_state_path(model);
  bool ok = true;
  if (!io_exists(path) && io_exists(model)) {
    ok = err_set(err, ERR_FILE,
                 "%s: a model without a training state stands there already; --overwrite replaces it, another --output "
                 "leaves it as it is",
                 model);
  } else if (io_exists(path)) {
    CheckpointInfo info;
    Str changes = {0};
    Config now = *config; /* borrows */
    ok = read_state(&info, path, err);
    if (ok && !now.translate.ratio_given) now.translate.max_length_ratio = info.config.translate.max_length_ratio;
    if (ok && resume_changes(&changes, &info.config, &now) > 0)
      ok = err_set(err, ERR_USAGE,
                   "was begun in %s with another config; put it back, give another --output, or train anew with "
                   "--overwrite\n%s",
                   trial->folder, str_text(&changes));
    str_free(&changes);
    checkpoint_free_info(&info);
  }
  mem_free(path);
  return ok;
}

/* ---- Training, and after it. */

TrainEnd trial_train(const Trial *trial, Config *config, const TrialTraining *training, Err *err) {
  Str log = trial_file(trial, "log.jsonl"), report = trial_file(trial, "report.html");
  char *state = checkpoint_state_path(config->train.model);
  TrainOptions options = {.resume = io_exists(state) && !training->anew,
                          .overwrite = true, /* trial_check has seen what is there */
                          .log = str_text(&log),
                          .report = training->report ? str_text(&report) : NULL,
                          .observer = training->observer,
                          .interrupted = training->interrupted};
  TrainEnd end = train_run(config, &options, err);
  *config = (Config){0};
  mem_free(state);
  str_free(&log);
  str_free(&report);
  return end;
}

static bool read_log(const Trial *trial, CompareRow *row, Err *err) {
  Str path = trial_file(trial, "log.jsonl");
  TrainLogSummary summary;
  bool ok = train_log_summary(str_text(&path), &summary, err);
  if (ok) {
    row->tokens_per_s = summary.tokens_per_s;
    row->seconds = summary.seconds;
  }
  str_free(&path);
  return ok;
}

bool trial_read(const Trial *trial, CompareRow *row, Err *err) {
  char *path = state_path(trial);
  CheckpointInfo info;
  bool ok = read_state(&info, path, err);
  if (ok) {
    json_free(row->history);
    row->updates = info.state.step;
    row->history = json_copy(info.history);
  }
  checkpoint_free_info(&info);
  mem_free(path);
  return ok && read_log(trial, row, err);
}

void trial_describe(CompareRow *row, const Translator *t) {
  Str vocabulary = {0};
  vocab_to_json(t->target_vocab, &vocabulary);
  sha256_hex(vocabulary.at, vocabulary.n, row->target);
  str_free(&vocabulary);
  row->lowercase = t->config.vocab.target.lowercase;
  row->characters = (t->config.vocab.source.tokenizer == TOKENIZER_char ? 1 : 0) +
                    (t->config.vocab.target.tokenizer == TOKENIZER_char ? 2 : 0);
  row->n_parameters = (double)param_count(&t->model->params);
}
