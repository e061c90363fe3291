#include "train/train_ranks.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "conf/config_keys.h"
#include "num/blas.h"
#include "num/kernels.h"
#include "search/spread.h"
#include "train/average.h"

/* The value of a key as JSON; may differ: a number of threads. Freed by the caller. */
static char *print_key(const Config *config, const ConfigKey *key) {
  if (strcmp(key->path, "train.threads") == 0) return mem_text("", 0);
  Json *value = config_keys_get(config, key);
  Str text = {0};
  if (value != NULL) json_print(&text, value, false);
  json_free(value);
  char *copy = mem_text(str_text(&text), text.n);
  str_free(&text);
  return copy;
}

static bool agree_on_config(const Config *config, Err *err) {
  RanksClaim claims[N_CONFIG_KEYS];
  char *values[N_CONFIG_KEYS];
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    values[i] = print_key(config, config_keys_at(i));
    claims[i] = (RanksClaim){config_keys_at(i)->path, values[i]};
  }
  bool same = ranks_agree(claims, N_CONFIG_KEYS, err);
  for (int i = 0; i < N_CONFIG_KEYS; i++) mem_free(values[i]);
  return same;
}

bool train_ranks_agree(const Config *config, Err *err) {
  if (ranks_count() == 1) return true;
  return ranks_agree_on_program(kernels_name(), blas_describe(), err) && agree_on_config(config, err);
}

bool train_ranks_agree_on_data(const Json *files, Err *err) {
  int n = 0, n_files = json_count(files);
  if (ranks_count() == 1) return true;
  RanksClaim *claims = mem_zero((size_t)n_files, sizeof *claims, "ranks");
  for (const Json *file = json_first(files); file != NULL; file = json_next(file))
    claims[n++] = (RanksClaim){json_key(file), json_string(file)};
  bool same = ranks_agree(claims, n, err);
  mem_free(claims);
  return same;
}

static bool share_history(Translator *t, Err *err) {
  Str text = {0};
  json_print(&text, t->history, false);
  int unused = 0;
  spread_text(&text, &unused);
  Json *history = json_parse(str_text(&text), text.n, "the history of rank 0", ERR_FILE, err);
  str_free(&text);
  if (history == NULL) return false;
  json_free(t->history);
  t->history = history;
  return true;
}

bool train_ranks_share(Translator *t, Optim *optim, TrainState *state, bool *resumed, Err *err) {
  if (ranks_count() == 1) return true;
  ranks_broadcast(resumed, sizeof *resumed);
  if (*resumed) {
    ranks_broadcast(state, sizeof *state);
    optim_scatter(optim);
  }
  optim_forget(optim);
  return !*resumed || share_history(t, err);
}

bool train_ranks_save(const Checkpoint *c, const real *model, const real *step, long drop, Err *err) {
  Optim *optim = c->optim;
  optim_gather(optim);
  bool ok = ranks_me() > 0 || checkpoint_save(c, model, step, drop, err);
  optim_forget(optim);
  return ok;
}

bool train_ranks_mean(const Translator *t, const real *newest, int n, real *mean, Err *err) {
  if (ranks_me() == 0 && !average_steps(t, newest, n, mean, err)) return false;
  ranks_broadcast(mean, t->model->params.size * sizeof *mean);
  return true;
}

bool train_ranks_exists(const char *path) {
  bool exists = ranks_me() == 0 && io_exists(path);
  ranks_broadcast(&exists, sizeof exists);
  return exists;
}
