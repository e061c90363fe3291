#include "train/train_files.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "conf/config_keys.h"
#include "train/checkpoint.h"
#include "train/train_log.h"
#include "train/train_report.h"

/* ---- No file that is read, and none that is written, is written over. */

enum { MODEL, STATE, LOG, REPORT, N_WRITTEN };
static const char *const written_as[N_WRITTEN] = {"train.model", "the training state of train.model", "--log",
                                                  "--report"};

/* read_as: the option or key of the file that is read; its path may be NULL. */
static bool spares(char *const *written, const char *read_as, const char *path, Err *err) {
  for (int k = 0; k < N_WRITTEN && path != NULL; k++)
    if (written[k] != NULL && io_is_file(written[k]) && io_same(written[k], path))
      return err_set(err, ERR_USAGE, "%s %s: is what %s reads, and would be written over; name another file",
                     written_as[k], written[k], read_as);
  return true;
}

/* fine_tune.h tells of a model that is to start from itself. */
static bool spares_key(char *const *written, const Config *config, const ConfigKey *key, Err *err) {
  if (key->type != KEY_TEXT || strcmp(key->path, "train.model") == 0 || strcmp(key->path, "train.start_from") == 0)
    return true;
  Json *path = config_keys_get(config, key);
  bool ok = path == NULL || spares(written, key->path, json_string(path), err);
  json_free(path);
  return ok;
}

static bool are_apart(char *const *written, Err *err) {
  for (int k = 1; k < N_WRITTEN; k++)
    for (int m = 0; m < k; m++) {
      const char *a = written[m], *b = written[k];
      if (a == NULL || b == NULL || !(strcmp(a, b) == 0 || (io_is_file(a) && io_same(a, b)))) continue;
      return err_set(err, ERR_USAGE, "%s %s: is the file of %s too; give each its own", written_as[k], b,
                     written_as[m]);
    }
  return true;
}

static bool check_written(const Config *config, const TrainOptions *o, Err *err) {
  const char *model = config->train.model;
  char *written[N_WRITTEN] = {[MODEL] = config->train.model, [STATE] = checkpoint_state_path(model)};
  if (o->log != NULL) written[LOG] = mem_text(o->log, strlen(o->log));
  if (o->report != NULL) written[REPORT] = mem_text(o->report, strlen(o->report));
  bool ok = are_apart(written, err) && spares(written, "the command", o->config, err) &&
            spares(written, "--gold", o->gold, err) && spares(written, "--sentences", o->sentences, err);
  for (int i = 0; i < N_CONFIG_KEYS && ok; i++) ok = spares_key(written, config, config_keys_at(i), err);
  for (int k = STATE; k < N_WRITTEN; k++) mem_free(written[k]);
  return ok;
}

/* ---- What stands there. */

/* Says of a training how many updates it has, as far as its state can be read. */
static bool refuse_training(const char *model, const char *state, Err *err) {
  Err ignored = {0};
  CheckpointInfo info = {0};
  SafeTensors *file = safetensors_open(state, &ignored);
  bool known = file != NULL && checkpoint_read_info(&info, file, state, &ignored);
  Str what = {0};
  if (known) str_addf(&what, "a training of %ld updates", info.state.step);
  else str_adds(&what, "a training");
  (void)err_set(err, ERR_FILE,
                "%s: %s stands there already; --resume goes on with it, --overwrite replaces it, and another "
                "train.model leaves it as it is",
                model, str_text(&what));
  str_free(&what);
  checkpoint_free_info(&info);
  if (file != NULL) safetensors_close(file);
  return false;
}

/* With a state the training is resumed or refused; a model alone can only be replaced. */
static bool check_model(const char *model, const TrainOptions *options, Err *err) {
  char *state = checkpoint_state_path(model);
  bool ok = true;
  if (options->overwrite) ok = true;
  else if (io_exists(state)) ok = options->resume || refuse_training(model, state, err);
  else if (io_exists(model))
    ok = err_set(err, ERR_FILE,
                 "%s: a model without a training state stands there already; --overwrite replaces it, and another "
                 "train.model leaves it as it is",
                 model);
  mem_free(state);
  return ok;
}

/* A page is gone on with only where its training is. */
static bool may_go_on(const char *model, const TrainOptions *options) {
  char *state = checkpoint_state_path(model);
  bool resumes = options->resume && io_exists(state);
  mem_free(state);
  return resumes || options->overwrite;
}

static bool take(Lock **lock, const char *path, Err *err) {
  *lock = lock_take(path, err);
  return *lock != NULL;
}

bool train_files_open(TrainFiles *files, const Config *config, const TrainOptions *options, Err *err) {
  *files = (TrainFiles){0};
  if (ranks_me() > 0) return true;
  const char *model = config->train.model, *log = options->log, *report = options->report;
  bool ok = check_written(config, options, err) && io_check_target(model, err) &&
            (log == NULL || train_log_check(log, options, err)) &&
            (report == NULL || train_report_check(report, may_go_on(model, options), err));
  ok = ok && take(&files->model, model, err) && check_model(model, options, err) && checkpoint_clean(model, err);
  ok = ok && (report == NULL || take(&files->report, report, err));
  if (!ok) train_files_close(files);
  return ok;
}

void train_files_close(TrainFiles *files) {
  lock_release(files->model);
  lock_release(files->report);
  *files = (TrainFiles){0};
}
