#include "train/checkpoint.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/temporary.h"
#include "train/resume.h"

static const char FORMAT[] = "attn-seq2seq state 1";
static const char KERNELS[] = "kernels";
static const char SUFFIX[] = ".safetensors", HALF[] = ".tmp";
/* Before the names of the averaged weights' tensors. */
static const char AVERAGE[] = "ema.";

/* MODEL without its suffix. */
static Str stem(const char *model) {
  Str s = {0};
  size_t n = strlen(model), k = sizeof SUFFIX - 1;
  str_add(&s, model, n > k && strcmp(model + n - k, SUFFIX) == 0 ? n - k : n);
  return s;
}

char *checkpoint_state_path(const char *model) {
  Str s = stem(model);
  str_addf(&s, ".state%s", SUFFIX);
  return s.at;
}

char *checkpoint_step_path(const char *model, long step) {
  Str s = stem(model);
  str_addf(&s, ".step-%08ld%s", step, SUFFIX);
  return s.at;
}

/* The names in the folder of `model` that step files of it have, with `halves` also those half written; the folder's
 * path, with its slash, goes to folder. */
static void find_steps(const char *model, bool halves, Str *folder, Tokens *names) {
  const char *slash = strrchr(model, '/');
  str_add(folder, model, slash == NULL ? 0 : (size_t)(slash + 1 - model));
  Str start = stem(model + folder->n);
  str_adds(&start, ".step-");
  DIR *dir = opendir(folder->n == 0 ? "." : folder->at);
  for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
    const char *name = entry->d_name;
    if (strncmp(name, start.at, start.n) != 0) continue;
    size_t digits = strspn(name + start.n, "0123456789");
    const char *end = name + start.n + digits;
    if (digits < 8 || strncmp(end, SUFFIX, sizeof SUFFIX - 1) != 0) continue;
    end += sizeof SUFFIX - 1;
    if (end[0] == '\0' || (halves && strcmp(end, HALF) == 0)) tokens_add(names, name, strlen(name));
  }
  if (dir != NULL) (void)closedir(dir);
  str_free(&start);
}

/* Calls visit with the path of every step file until it fails. */
typedef bool Visit(const char *path, const void *ctx, Err *err);
static bool each(const char *model, bool halves, Visit *visit, const void *ctx, Err *err) {
  Str path = {0};
  Tokens names = {0};
  find_steps(model, halves, &path, &names);
  size_t n = path.n;
  bool ok = true;
  for (int i = 0; i < names.n && ok; i++) {
    str_adds(&path, tokens_get(&names, i, NULL));
    ok = visit(path.at, ctx, err);
    path.at[path.n = n] = '\0';
  }
  str_free(&path);
  tokens_free(&names);
  return ok;
}

static bool each_step(const char *model, Visit *visit, const void *ctx, Err *err) {
  return each(model, false, visit, ctx, err);
}

/* Removes it unless it is the file `but` or being written now. */
static bool remove_step(const char *path, const void *but, Err *err) {
  return strcmp(path, but) == 0 || temporary_is_noted(path) || io_remove(path, err);
}

/* Removes all step files but one, and what killed processes have left of them. */
static bool remove_steps(const char *model, const char *but, Err *err) {
  return each(model, true, remove_step, but, err);
}

static bool remove_half(const char *path, const void *ctx, Err *err) {
  (void)ctx;
  size_t n = strlen(path), k = sizeof HALF - 1;
  return strcmp(path + n - k, HALF) != 0 || io_remove(path, err);
}

static bool remove_half_of(const char *path, Err *err) {
  Str name = {0};
  str_addf(&name, "%s%s", path, HALF);
  bool ok = io_remove(name.at, err);
  str_free(&name);
  return ok;
}

bool checkpoint_clean(const char *model, Err *err) {
  char *state = checkpoint_state_path(model);
  bool ok = remove_half_of(model, err) && remove_half_of(state, err) && each(model, true, remove_half, NULL, err);
  mem_free(state);
  return ok;
}

static Json *state_to_json(const TrainState *s) {
  Json *json = json_new_object();
  json_set(json, "step", json_new_number((double)s->step));
  json_set(json, "epoch", json_new_number(s->epoch));
  json_set(json, "batch", json_new_number(s->batch));
  json_set(json, "waiting", json_new_number(s->waiting));
  if (s->has_best) json_set(json, "best", json_new_number(s->best));
  json_set(json, "scale", json_new_number(s->schedule.scale));
  json_set(json, "stalled", json_new_number(s->schedule.stalled));
  for (LossKind k = 0; k < N_LOSSES; k++)
    if (k == LOSS_likelihood || s->losses.of[k] != 0)
      json_set(json, losses_sum_key(k), json_new_number(s->losses.of[k]));
  json_set(json, "tokens", json_new_number((double)s->tokens));
  if (s->baseline != 0) json_set(json, "baseline", json_new_number(s->baseline));
  return json;
}

static bool get_number(const Json *json, const char *key, double *value) {
  const Json *at = json_get(json, key);
  if (at == NULL || json_type(at) != JSON_NUMBER) return false;
  *value = json_number(at);
  return true;
}

static bool state_from_json(TrainState *s, const Json *json) {
  double step, epoch, batch, waiting, stalled, tokens;
  bool ok = json_type(json) == JSON_OBJECT && get_number(json, "step", &step) && get_number(json, "epoch", &epoch) &&
            get_number(json, "batch", &batch) && get_number(json, "waiting", &waiting) &&
            get_number(json, "scale", &s->schedule.scale) && get_number(json, "stalled", &stalled) &&
            get_number(json, losses_sum_key(LOSS_likelihood), &s->losses.of[LOSS_likelihood]) &&
            get_number(json, "tokens", &tokens);
  /* Counts that training adds one to. */
  ok = ok && step >= 0 && step < 0x1p53 && epoch >= 1 && epoch < INT_MAX && batch >= 0 && batch < INT_MAX &&
       waiting >= 0 && waiting < INT_MAX && stalled >= 0 && stalled < INT_MAX && tokens >= 0 && tokens < 0x1p53 &&
       s->schedule.scale >= 0 && s->schedule.scale <= 1;
  if (!ok) return false;
  s->step = (long)step;
  s->epoch = (int)epoch;
  s->batch = (int)batch;
  s->waiting = (int)waiting;
  s->schedule.stalled = (int)stalled;
  s->tokens = (int64_t)tokens;
  for (LossKind k = LOSS_likelihood + 1; k < N_LOSSES; k++)
    if (!get_number(json, losses_sum_key(k), &s->losses.of[k])) s->losses.of[k] = 0;
  if (!get_number(json, "baseline", &s->baseline)) s->baseline = 0;
  s->has_best = get_number(json, "best", &s->best);
  return true;
}

static void put_json(SafeTensorsWriter *w, const char *key, const Json *json) {
  Str text = {0};
  json_print(&text, json, false);
  safetensors_put_metadata(w, key, str_text(&text));
  str_free(&text);
}

static void put_kernels(SafeTensorsWriter *w) {
  Str text = {0};
  resume_kernels(&text);
  safetensors_put_metadata(w, KERNELS, str_text(&text));
  str_free(&text);
}

static void put_state(const Checkpoint *c, SafeTensorsWriter *w) {
  const Translator *t = c->translator;
  safetensors_put_metadata(w, "format", FORMAT);
  Json *config = config_to_json(&t->config, true), *state = state_to_json(c->state);
  put_json(w, "config", config);
  put_json(w, "state", state);
  put_kernels(w);
  put_json(w, "corpora", c->corpora);
  put_json(w, "history", t->history);
  json_free(config);
  json_free(state);
  translator_put_block(&t->model->params, w, "weight.", t->model->params.values);
  for (int m = 0; m < c->optim->def->n_moments; m++)
    translator_put_block(&t->model->params, w, c->optim->def->moments[m], c->optim->moments[m]);
  if (c->optim->average != NULL) translator_put_block(&t->model->params, w, AVERAGE, c->optim->average);
}

/* A finished model file, not yet renamed; NULL on failure. */
static SafeTensorsWriter *finish_model(const Translator *t, const char *path, const real *values, Err *err) {
  SafeTensorsWriter *w = safetensors_create(path, err);
  if (w == NULL) return NULL;
  translator_put(t, w, values);
  return safetensors_finish(w, err) ? w : NULL;
}

static SafeTensorsWriter *finish_state(const Checkpoint *c, const char *path, Err *err) {
  SafeTensorsWriter *w = safetensors_create(path, err);
  if (w == NULL) return NULL;
  put_state(c, w);
  return safetensors_finish(w, err) ? w : NULL;
}

enum { MODEL, STEP, STATE, N_FILES };

/* Complete files on disk, not yet renamed. values: the weights of the model and of the step file, NULL for the one that
 * is not wanted. */
static bool finish_files(const Checkpoint *c, char *const *paths, const real *const *values, SafeTensorsWriter **w,
                         Err *err) {
  for (int k = MODEL; k <= STEP; k++)
    if (values[k] != NULL && (w[k] = finish_model(c->translator, paths[k], values[k], err)) == NULL) return false;
  w[STATE] = finish_state(c, paths[STATE], err);
  return w[STATE] != NULL;
}

/* What goes while the new files are renamed: the step files of an earlier training, or the file `old`. */
static bool remove_old(const Checkpoint *c, char *const *paths, const char *old, Err *err) {
  if (c->first) return remove_steps(paths[MODEL], "", err);
  return old == NULL || io_remove(old, err);
}

/* Within a training the state comes last: cut short before it, training goes on from the old one and writes the same
 * model again. The first checkpoint puts a training in the place of another. There the state comes first, at one
 * stroke: before it all is of the old training, after it checkpoint_complete makes the rest from the state. The old
 * goes before the last file, so that a crash cannot leave it for good. */
static bool publish_files(const Checkpoint *c, char *const *paths, const char *old, SafeTensorsWriter **w, Err *err) {
  static const int orders[2][N_FILES] = {{MODEL, STEP, STATE}, {STATE, MODEL, STEP}};
  bool ok = true;
  for (int i = 0; i < N_FILES && ok; i++) {
    int k = orders[c->first][i];
    ok = i < N_FILES - 1 || remove_old(c, paths, old, err);
    if (!ok || w[k] == NULL) continue;
    ok = safetensors_publish(w[k], err);
    w[k] = NULL;
  }
  return ok;
}

static bool save_files(const Checkpoint *c, char *const *paths, const real *const *values, const char *old, Err *err) {
  SafeTensorsWriter *w[N_FILES] = {0};
  bool ok = finish_files(c, paths, values, w, err) && publish_files(c, paths, old, w, err);
  for (int k = 0; k < N_FILES; k++) safetensors_abandon(w[k]);
  return ok;
}

bool checkpoint_save(const Checkpoint *c, const real *model, const real *step, long drop, Err *err) {
  const char *path = c->translator->config.train.model;
  char *paths[N_FILES] = {mem_text(path, strlen(path)), checkpoint_step_path(path, c->state->step),
                          checkpoint_state_path(path)};
  const real *const values[] = {[MODEL] = model, [STEP] = step};
  char *old = drop > 0 ? checkpoint_step_path(path, drop) : NULL;
  bool ok = save_files(c, paths, values, old, err);
  for (int k = 0; k < N_FILES; k++) mem_free(paths[k]);
  mem_free(old);
  return ok;
}

static Json *get_json(const SafeTensors *file, const char *path, const char *key, Err *err) {
  const char *text = safetensors_metadata(file, key);
  if (text == NULL) {
    (void)err_set(err, ERR_FILE, "%s: no `%s` in its metadata: not a training state", path, key);
    return NULL;
  }
  Str name = {0};
  str_addf(&name, "%s: %s", path, key);
  Json *json = json_parse(text, strlen(text), str_text(&name), ERR_FILE, err);
  str_free(&name);
  return json;
}

static Json *get_history(const SafeTensors *file, const char *path, Err *err) {
  Json *history = get_json(file, path, "history", err);
  if (history == NULL || json_type(history) == JSON_ARRAY) return history;
  json_free(history);
  (void)err_set(err, ERR_FILE, "%s: `history` is not an array: damaged", path);
  return NULL;
}

static bool get_config(Config *config, const SafeTensors *file, const char *path, Err *err) {
  Json *json = get_json(file, path, "config", err);
  Str name = {0};
  str_addf(&name, "%s: config", path);
  bool ok = json != NULL && config_from_json(config, json, str_text(&name), ERR_FILE, err);
  str_free(&name);
  json_free(json);
  return ok;
}

static bool get_state(TrainState *state, const SafeTensors *file, const char *path, Err *err) {
  Json *json = get_json(file, path, "state", err);
  if (json == NULL) return false;
  bool ok = state_from_json(state, json) || err_set(err, ERR_FILE, "%s: `state` is damaged", path);
  json_free(json);
  return ok;
}

static bool check(const Translator *t, const Json *files, const SafeTensors *file, const char *path, Str *moved,
                  Err *err) {
  Config old = {0};
  if (!get_config(&old, file, path, err)) return false;
  Json *old_files = get_json(file, path, "corpora", err);
  const Resume resume = {&old, &t->config, old_files, files, safetensors_metadata(file, KERNELS)};
  bool ok = old_files != NULL && (json_type(old_files) == JSON_OBJECT ||
                                  err_set(err, ERR_FILE, "%s: `corpora` is not an object: damaged", path));
  ok = ok && resume_check(&resume, moved, err);
  json_free(old_files);
  config_free(&old);
  return ok;
}

static bool load(Translator *t, Optim *optim, TrainState *state, const SafeTensors *file, const char *path, Err *err) {
  Json *history = get_state(state, file, path, err) ? get_history(file, path, err) : NULL;
  if (history == NULL) return false;
  if (model_config_moves(&t->config.model) && state->baseline == 0) {
    json_free(history);
    return err_set(err, ERR_FILE, "%s: `state` has no `baseline`: damaged", path);
  }
  json_free(t->history);
  t->history = history;
  ParamSet *set = &t->model->params;
  bool ok = translator_get_block(set, file, path, "weight.", set->values, err);
  param_changed(set);
  for (int m = 0; m < optim->def->n_moments && ok; m++)
    ok = translator_get_block(set, file, path, optim->def->moments[m], optim->moments[m], err);
  if (ok && optim->average != NULL) ok = translator_get_block(set, file, path, AVERAGE, optim->average, err);
  return ok;
}

bool checkpoint_load(Translator *t, Optim *optim, TrainState *state, const Json *corpora, Str *moved, Err *err) {
  char *path = checkpoint_state_path(t->config.train.model);
  SafeTensors *file = safetensors_open(path, err);
  bool ok = file != NULL &&
            (checkpoint_is_state(file) || err_set(err, ERR_FILE, "%s: not a training state of this version", path));
  ok = ok && check(t, corpora, file, path, moved, err) && load(t, optim, state, file, path, err);
  if (file != NULL) safetensors_close(file);
  mem_free(path);
  return ok;
}

/* True for two rows of histories that tell the same. */
static bool same_row(const Json *a, const Json *b) {
  Str x = {0}, y = {0};
  json_print(&x, a, false);
  json_print(&y, b, false);
  bool same = strcmp(str_text(&x), str_text(&y)) == 0;
  str_free(&x);
  str_free(&y);
  return same;
}

/* True when the model could be of this training: its config, and the validations that both know of. */
static bool is_ours(const Translator *t, const Translator *model) {
  Str changes = {0};
  bool ours = !model->quantised && resume_changes(&changes, &model->config, &t->config) == 0;
  str_free(&changes);
  const Json *a = json_first(t->history), *b = json_first(model->history);
  for (; ours && a != NULL && b != NULL; a = json_next(a), b = json_next(b)) ours = same_row(a, b);
  return ours;
}

/* Writes the model file at path anew with the config of t, if it is of this training and has another. */
static bool renew(const char *path, const void *translator, Err *err) {
  const Translator *t = translator;
  Translator *old = translator_load(path, err);
  if (old == NULL) return false;
  Str changes = {0};
  bool changed = config_diff(&changes, &old->config, &t->config, (const char *const[]){"train.threads"}, 1) > 0,
       ok = true;
  if (changed && is_ours(t, old)) {
    param_own(&old->model->params);
    const char *keys[RESUME_MOST_KEYS];
    int n = resume_may_differ(keys, &old->config, &t->config);
    for (int k = 0; k < n; k++) config_copy_key(&old->config, &t->config, keys[k]);
    ok = translator_save(old, path, err);
  }
  str_free(&changes);
  translator_free(old);
  return ok;
}

bool checkpoint_renew(const Translator *t, Err *err) {
  const char *model = t->config.train.model;
  return (!io_exists(model) || renew(model, t, err)) && each_step(model, renew, t, err);
}

/* True when a model of this training, or before its first validation any, is at path. */
static bool stands(const Translator *t, const char *path) {
  Err ignored = {0};
  bool validated = json_count(t->history) > 0;
  if (!validated) return io_exists(path);
  Translator *model = translator_load(path, &ignored);
  bool ok = model != NULL && json_count(model->history) > 0 && is_ours(t, model);
  translator_free(model);
  return ok;
}

static bool write_missing(const Translator *t, const char *path, const real *values, Err *err) {
  if (stands(t, path)) return true;
  SafeTensorsWriter *w = finish_model(t, path, values, err);
  return w != NULL && safetensors_publish(w, err);
}

/* True when no checkpoint can have followed that of the state. */
static bool is_first(const Checkpoint *c) {
  const Json *row = json_first(c->translator->history);
  if (row == NULL) return true;
  const Json *step = json_type(row) == JSON_OBJECT ? json_get(row, "step") : NULL;
  return json_next(row) == NULL && step != NULL && json_type(step) == JSON_NUMBER &&
         json_number(step) == (double)c->state->step;
}

bool checkpoint_complete(const Checkpoint *c, const real *values, bool step, Err *err) {
  const Translator *t = c->translator;
  const char *model = t->config.train.model;
  if (!is_first(c)) return true;
  step = step && json_count(t->history) > 0;
  char *own = checkpoint_step_path(model, c->state->step);
  bool ok = write_missing(t, model, values, err) && remove_steps(model, step ? own : "", err) &&
            (!step || write_missing(t, own, values, err));
  mem_free(own);
  return ok;
}

static bool is_other(const char *step, const void *path, Err *err) {
  (void)err;
  return !io_same(step, path);
}

bool checkpoint_replaces(const char *model, const char *path) {
  Err ignored = {0};
  return io_same(model, path) || !each_step(model, is_other, path, &ignored);
}

bool checkpoint_is_state(const SafeTensors *file) {
  const char *format = safetensors_metadata(file, "format");
  return format != NULL && strcmp(format, FORMAT) == 0;
}

bool checkpoint_read_info(CheckpointInfo *info, const SafeTensors *file, const char *path, Err *err) {
  *info = (CheckpointInfo){0};
  if (!get_config(&info->config, file, path, err)) return false;
  bool ok = get_state(&info->state, file, path, err) &&
            (info->corpora = get_json(file, path, "corpora", err)) != NULL &&
            (info->history = get_history(file, path, err)) != NULL;
  if (!ok) checkpoint_free_info(info);
  return ok;
}

void checkpoint_free_info(CheckpointInfo *info) {
  config_free(&info->config);
  json_free(info->corpora);
  json_free(info->history);
  *info = (CheckpointInfo){0};
}
