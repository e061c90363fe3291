#include "run/average.h"

#include "base/io.h"
#include "base/mem.h"
#include "run/translator.h"

typedef struct Average {
  Translator *last;
  const char *last_path;
  double *sum; /* [params.size] */
} Average;

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

static void add(Average *a, const Translator *t) {
  const ParamSet *set = &t->model->params;
  for (size_t i = 0; i < set->size; i++) a->sum[i] += (double)set->values[i];
}

static bool add_file(Average *a, const char *path, Err *err) {
  Translator *t = translator_load(path, err);
  bool ok = t != NULL && check_same(a, path, t, err);
  if (ok) add(a, t);
  translator_free(t);
  return ok;
}

bool average_models(const char *const *paths, int n, const char *out, Err *err) {
  if (!io_check_target(out, err)) return false;
  Average a = {translator_load(paths[n - 1], err), paths[n - 1], NULL};
  if (a.last == NULL) return false;
  ParamSet *set = &a.last->model->params;
  bool ok = true;
  a.sum = mem_zero(set->size, sizeof *a.sum, "average");
  for (int k = 0; k < n - 1 && ok; k++) ok = add_file(&a, paths[k], err);
  add(&a, a.last);
  for (size_t i = 0; i < set->size; i++) set->values[i] = (real)(a.sum[i] / n);
  ok = ok && translator_save(a.last, out, err);
  mem_free(a.sum);
  translator_free(a.last);
  return ok;
}
