#include "train/average.h"

#include "base/io.h"
#include "base/mem.h"
#include "train/checkpoint.h"
#include "train/history.h"

typedef struct Average {
  Translator *last;
  const char *last_path;
  AverageSum sum;
} Average;

AverageSum average_open(size_t size) { return (AverageSum){mem_zero(size, sizeof(double), "average"), size, 0}; }

void average_add(AverageSum *sum, const real *block) {
  for (size_t i = 0; i < sum->size; i++) sum->sum[i] += (double)block[i];
  sum->n++;
}

void average_close(AverageSum *sum, real *mean) {
  for (size_t i = 0; i < sum->size && mean != NULL; i++) mean[i] = (real)(sum->sum[i] / sum->n);
  mem_free(sum->sum);
  *sum = (AverageSum){0};
}

static bool check_vocab(const Average *a, const char *path, const char *which, const Vocab *vocab,
                        const Vocab *expected, Err *err) {
  if (vocab_equal(vocab, expected)) return true;
  return err_add(
      err, ERR_FILE,
      "%s: its %s vocabulary (%d entries) is not that of %s (%d entries); only models of one training can be "
      "averaged",
      path, which, vocab_size(vocab), a->last_path, vocab_size(expected));
}

/* The config of the last model with the other one's `model` in it differs from it in keys of `model` alone. */
static bool check_config(const Average *a, const char *path, const Translator *t, Err *err) {
  Config mixed = a->last->config;
  Str differences = {0};
  mixed.model = t->config.model;
  bool same = config_diff(&differences, &a->last->config, &mixed, NULL, 0) == 0;
  if (!same)
    (void)err_add(err, ERR_FILE, "%s: its config.model is not that of %s:\n%s", path, a->last_path,
                  str_text(&differences));
  str_free(&differences);
  return same;
}

static bool check_same(const Average *a, const char *path, const Translator *t, Err *err) {
  bool ok = check_config(a, path, t, err);
  ok = check_vocab(a, path, "source", t->source_vocab, a->last->source_vocab, err) && ok;
  return check_vocab(a, path, "target", t->target_vocab, a->last->target_vocab, err) && ok;
}

static const char averaged[] = "be averaged";

static bool add_file(Average *a, const char *path, Err *err) {
  Translator *t = translator_load(path, err);
  bool ok = t != NULL && translator_exact(t, path, averaged, err) && check_same(a, path, t, err);
  if (ok) {
    param_own(&t->model->params);
    average_add(&a->sum, t->model->params.values);
    ok = translator_unchanged(t, err);
  }
  translator_free(t);
  return ok;
}

bool average_steps(const Translator *t, const real *newest, int n, real *mean, Err *err) {
  const ParamSet *set = &t->model->params;
  AverageSum sum = average_open(set->size);
  bool ok = true;
  for (int k = n - 1; k > 0 && ok; k--) {
    char *path = checkpoint_step_path(t->config.train.model, history_at(t->history, k).step);
    SafeTensors *file = safetensors_open(path, err);
    ok = file != NULL && translator_get_block(set, file, path, "", mean, err);
    if (ok) average_add(&sum, mean);
    if (file != NULL) safetensors_close(file);
    mem_free(path);
  }
  average_add(&sum, newest);
  average_close(&sum, mean);
  return ok;
}

static bool save(const Translator *t, const char *out, bool overwrite, Err *err) {
  SafeTensorsWriter *w = safetensors_create(out, err);
  if (w == NULL) return false;
  translator_put(t, w, t->model->params.values);
  return translator_publish(w, out, overwrite, err);
}

bool average_models(const char *const *paths, int n, const char *out, bool overwrite, Err *err) {
  if (!io_check_target(out, err)) return false;
  Average a = {.last = translator_load(paths[n - 1], err), .last_path = paths[n - 1]};
  if (a.last == NULL) return false;
  ParamSet *set = &a.last->model->params;
  bool ok = translator_exact(a.last, a.last_path, averaged, err);
  a.sum = average_open(set->size);
  for (int k = 0; k < n - 1 && ok; k++) ok = add_file(&a, paths[k], err);
  param_own(set);
  average_add(&a.sum, set->values);
  average_close(&a.sum, set->values);
  param_changed(set);
  ok = ok && save(a.last, out, overwrite, err);
  translator_free(a.last);
  return ok;
}
