#include "run/train_files.h"

#include "base/io.h"
#include "base/mem.h"
#include "run/checkpoint.h"
#include "run/train_log.h"
#include "run/train_report.h"

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
  const char *model = config->train.model, *log = options->log, *report = options->report;
  bool ok = io_check_target(model, err) && (log == NULL || train_log_check(log, options, err)) &&
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
