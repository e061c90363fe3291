#include "train/resume.h"

#include <string.h>

#include "num/blas.h"
#include "num/kernels.h"

/* What may change between the parts of one training. */
static const char *const MAY_CHANGE[] = {"train.epochs", "train.updates", "train.early_stop", "train.threads"};
enum { N_MAY_CHANGE = sizeof MAY_CHANGE / sizeof *MAY_CHANGE };
_Static_assert((int)N_MAY_CHANGE + (int)N_CONFIG_KEYS <= (int)RESUME_MOST_KEYS, "room for every key");

/* The value of a key that names a file, all texts do; the caller's, NULL when there is none. */
static Json *path_of(const Config *config, int key) {
  return config_keys_at(key)->type == KEY_TEXT ? config_keys_get(config, config_keys_at(key)) : NULL;
}

/* The keys that may differ: those that may always, and files' that both configs name; returns how many. */
int resume_may_differ(const char **keys, const Config *old, const Config *now) {
  int n = 0;
  for (; n < N_MAY_CHANGE; n++) keys[n] = MAY_CHANGE[n];
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    Json *a = path_of(old, i), *b = path_of(now, i);
    if (a != NULL && b != NULL) keys[n++] = config_keys_at(i)->path;
    json_free(a);
    json_free(b);
  }
  return n;
}

int resume_changes(Str *out, const Config *old, const Config *now) {
  const char *keys[RESUME_MOST_KEYS];
  int n = resume_may_differ(keys, old, now);
  return config_diff(out, old, now, keys, n);
}

static bool check_config(const Resume *r, Err *err) {
  bool ok = true;
  Str changes = {0};
  if (resume_changes(&changes, r->old, r->now) > 0)
    ok = err_set(err, ERR_USAGE,
                 "the config is not that of the training to resume; put it back, or train anew with --overwrite "
                 "instead of --resume\n%s",
                 str_text(&changes));
  str_free(&changes);
  return ok;
}

/* What a file's SHA-256 is, "" when it is not known. */
static const char *sum_of(const Json *corpora, const char *name) {
  const Json *sum = json_get(corpora, name);
  return sum != NULL && json_type(sum) == JSON_STRING ? json_string(sum) : "";
}

static bool has_changed(const char *name, Err *err) {
  return err_add(err, ERR_FILE,
                 "%s: has changed since the training to resume read it; put it back, or train anew with --overwrite",
                 name);
}

/* The files may stand elsewhere now, but hold the same. Those that are not read have no sum. */
static bool check_files(const Resume *r, Err *err) {
  bool ok = true;
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    Json *a = path_of(r->old, i), *b = path_of(r->now, i);
    const char *sum = b == NULL ? "" : sum_of(r->new_files, json_string(b));
    if (a != NULL && sum[0] != '\0' && strcmp(sum_of(r->old_files, json_string(a)), sum) != 0)
      ok = has_changed(json_string(b), err);
    json_free(a);
    json_free(b);
  }
  return ok;
}

/* Subword models are learned anew, and files that source lines name are read anew. */
static bool check_models(const Resume *r, Err *err) {
  static const char *const names[] = {"vocab.source", "vocab.target", "what the lines of data.train name",
                                      "what the lines of data.valid name"};
  bool ok = true;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (strcmp(sum_of(r->new_files, names[k]), sum_of(r->old_files, names[k])) != 0) ok = has_changed(names[k], err);
  return ok;
}

void resume_kernels(Str *out) { str_addf(out, "%s kernels and OpenBLAS's of %s", kernels_floats(), blas_describe()); }

static void tell_kernels(const Resume *r, Str *moved) {
  Str here = {0};
  resume_kernels(&here);
  if (r->old_kernels != NULL && strcmp(r->old_kernels, here.at) != 0) {
    str_addf(moved, "%sthe training so far was computed by ", moved->n > 0 ? "\n" : "");
    json_quote(moved, r->old_kernels);
    str_addf(moved, ", now it is by \"%s\": it goes on, but not to the very numbers of one that never stopped",
             here.at);
  }
  str_free(&here);
}

bool resume_check(const Resume *r, Str *moved, Err *err) {
  if (!check_config(r, err) || !check_files(r, err) || !check_models(r, err)) return false;
  Str lines = {0};
  if (config_diff(&lines, r->old, r->now, MAY_CHANGE, N_MAY_CHANGE) > 0)
    str_addf(moved, "the config names files otherwise than the training so far; they are the same:\n%s", lines.at);
  str_free(&lines);
  tell_kernels(r, moved);
  return true;
}
