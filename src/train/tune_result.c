#include "train/tune_result.h"

#include <string.h>

#include "base/mem.h"
#include "conf/config_file.h"
#include "conf/config_keys.h"
#include "train/history.h"

/* ---- How draws stand. */

long tune_result_updates(const TuneStanding *s, int draw, int rung) {
  const TrainConfig *c = &s->draws[draw].config.train;
  long n = s->plan->rungs[rung].updates;
  if (s->unit > 0 && c->batch_size > 0) n = (n * s->unit + c->batch_size - 1) / c->batch_size;
  return draw == 0 && c->updates > 0 && c->updates < n ? c->updates : n;
}

TuneScore tune_result_score(const TuneStanding *s, int draw, int rung) {
  TuneScore sum = {true, 0, 0};
  int n = s->plan->rungs[rung].n_folds;
  for (int f = 0; f < n; f++) {
    const CompareRow *row = &s->rows[draw * s->n_folds + f];
    HistoryRow top = {0};
    if (row->state == COMPARE_DONE)
      top = history_top(row->history, tune_result_updates(s, draw, rung), s->metric->errors);
    if (top.step == 0) return (TuneScore){0};
    sum.metric += top.metric / n;
    sum.loss += top.loss / n;
  }
  return sum;
}

bool tune_result_is_better(const TuneStanding *s, TuneScore a, TuneScore b) {
  if (!a.known || !b.known) return a.known && !b.known;
  if (a.metric != b.metric) return s->metric->errors ? a.metric < b.metric : a.metric > b.metric;
  return a.loss < b.loss;
}

static void add_set(char ***list, int *n, const char *path, long value) {
  Str set = {0};
  str_addf(&set, "%s=%ld", path, value);
  *list = mem_grow(*list, (size_t)*n + 1, sizeof **list, "draws");
  (*list)[(*n)++] = set.at;
}

/* Validations fall on the ends of rungs, so that a training in one piece is that in rungs. The budget says how long,
 * not the config; which, as it is, stays as it is. */
void tune_result_lengths(const TuneStanding *s, int draw, int rung, char ***list, int *n) {
  const TrainConfig *c = &s->draws[draw].config.train;
  long updates = tune_result_updates(s, draw, rung), batch = c->batch_size > 0 ? c->batch_size : 1;
  add_set(list, n, "train.updates", updates);
  if (draw == 0) return;
  if (!config_file_settles(s->given, "train.validate_every"))
    add_set(list, n, "train.validate_every", tune_result_updates(s, draw, 0));
  add_set(list, n, "train.epochs", c->batch_size > 0 ? updates * batch / s->n_pairs + 2 : updates);
}

/* ---- Columns of the table. */

static bool differs(const TuneStanding *s, const char *path) {
  Str first = {0}, other = {0};
  bool same = true;
  tune_space_value(&first, &s->draws[0], path);
  for (int i = 1; i < s->n && same; i++) {
    str_clear(&other);
    tune_space_value(&other, &s->draws[i], path);
    same = strcmp(str_text(&first), str_text(&other)) == 0;
  }
  str_free(&first);
  str_free(&other);
  return !same;
}

static VariantKey new_key(const char *path) {
  VariantKey key = {.text = mem_text(path, strlen(path)), .n_paths = 1};
  key.paths = mem_alloc(1, sizeof *key.paths, "variants");
  key.paths[0] = mem_text(path, strlen(path));
  key.label = key.text;
  return key;
}

/* Index of a value, which is added when it is new. */
static int value_in(VariantKey *key, const char *value) {
  for (int i = 0; i < key->n; i++)
    if (strcmp(key->values[i], value) == 0) return i;
  key->values = mem_grow(key->values, (size_t)key->n + 1, sizeof *key->values, "variants");
  key->values[key->n] = mem_text(value, strlen(value));
  return key->n++;
}

static void add_key(Variants *v, const char *path) {
  v->keys = mem_grow(v->keys, (size_t)v->n_keys + 1, sizeof *v->keys, "variants");
  v->keys[v->n_keys++] = new_key(path);
}

static void fill(Variants *v, const TuneStanding *s, int i) {
  const TuneDraw *draw = &s->draws[i / s->n_folds];
  Str name = {0}, value = {0};
  v->at[i].value = mem_zero((size_t)v->n_keys, sizeof(int), "variants");
  str_adds(&name, draw->name);
  if (s->n_folds > 1) str_addf(&name, "-fold-%d", i % s->n_folds + 1);
  v->at[i].name = name.at;
  for (int k = 0; k < v->n_keys; k++) {
    str_clear(&value);
    if (k == 0) str_adds(&value, draw->name);
    else if (k == v->n_told) str_addf(&value, "%d", i % s->n_folds + 1);
    else tune_space_value(&value, draw, v->keys[k].text);
    v->at[i].value[k] = value_in(&v->keys[k], str_text(&value));
  }
  str_free(&value);
}

void tune_result_variants(Variants *v, const TuneStanding *s) {
  *v = (Variants){.n_seeds = s->n_folds};
  add_key(v, "draw");
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    if (differs(s, config_keys_at(i)->path)) add_key(v, config_keys_at(i)->path);
  v->n_told = v->n_keys;
  if (s->n_folds > 1) add_key(v, "data.valid.fold");
  v->n = s->n * s->n_folds;
  v->at = mem_zero((size_t)v->n, sizeof *v->at, "variants");
  for (int i = 0; i < v->n; i++) fill(v, s, i);
}

/* ---- The best config, and why. */

typedef struct Mean {
  int n;
  double sum;
} Mean;

static void add_mean(Str *out, const Mean *mean, const char *which) {
  if (mean->n == 0) return;
  str_addf(out, "%s%.2f (%d draw%s%s)", out->n > 0 ? ", " : "", mean->sum / mean->n, mean->n, mean->n == 1 ? "" : "s",
           which);
}

/* How draws with this value and with others did on average after the first rung, where all had the same. */
static Json *reason(const TuneStanding *s, int best, const char *path) {
  Mean with = {0}, without = {0};
  Str text = {0}, mine = {0}, other = {0};
  tune_space_value(&mine, &s->draws[best], path);
  for (int i = 0; i < s->n; i++) {
    TuneScore score = tune_result_score(s, i, 0);
    str_clear(&other);
    tune_space_value(&other, &s->draws[i], path);
    Mean *mean = strcmp(str_text(&mine), str_text(&other)) == 0 ? &with : &without;
    if (!score.known) continue;
    mean->n++;
    mean->sum += score.metric;
  }
  add_mean(&text, &with, " with it");
  add_mean(&text, &without, " without");
  Str whole = {0};
  str_addf(&whole, "%s: the best draw has it; mean %s after the first rung: %s", str_text(&mine), s->metric->name,
           str_text(&text));
  Json *json = json_new_string(str_text(&whole));
  str_free(&whole);
  str_free(&text);
  str_free(&mine);
  str_free(&other);
  return json;
}

static Json *comment_of(const TuneStanding *s, int best, int rung) {
  Json *json = json_new_object();
  TuneScore score = tune_result_score(s, best, rung), before = tune_result_score(s, 0, rung);
  Str text = {0};
  str_addf(&text, "attn-seq2seq tune: %s, the best of %d draws: %s %.2f%s after at most %ld updates",
           s->draws[best].name, s->n, s->metric->name, score.metric, s->n_folds > 1 ? ", mean over folds," : "",
           tune_result_updates(s, best, rung));
  if (before.known) str_addf(&text, "; the config as it was: %.2f", before.metric);
  json_set(json, "best", json_new_string(str_text(&text)));
  for (int i = 0; i < s->draws[best].n_sets; i++) {
    char *path = mem_text(s->draws[best].sets[i], strcspn(s->draws[best].sets[i], "="));
    json_set(json, path, reason(s, best, path));
    mem_free(path);
  }
  str_free(&text);
  return json;
}

void tune_result_config(Str *out, const TuneStanding *s, int best, int rung) {
  Json *json = json_new_object(), *given = json_copy(s->given);
  char **lengths = NULL;
  int n = 0;
  tune_result_lengths(s, best, rung, &lengths, &n);
  for (int i = 0; i < s->draws[best].n_sets; i++) config_file_put(given, s->draws[best].sets[i]);
  for (int i = 0; best > 0 && i < n; i++) config_file_put(given, lengths[i]);
  for (int i = 0; i < n; i++) mem_free(lengths[i]);
  mem_free(lengths);
  json_remove(given, "$comment");
  json_set(json, "$comment", comment_of(s, best, rung));
  for (const Json *at = json_first(given); at != NULL; at = json_next(at)) json_set(json, json_key(at), json_copy(at));
  json_print(out, json, true);
  str_addc(out, '\n');
  json_free(given);
  json_free(json);
}

/* ---- A few lines. */

static bool is_as_before(const TuneStanding *s, int draw, const char *set) {
  char *path = mem_text(set, strcspn(set, "="));
  Str old = {0}, now = {0};
  tune_space_value(&old, &s->draws[0], path);
  tune_space_value(&now, &s->draws[draw], path);
  bool same = strcmp(str_text(&old), str_text(&now)) == 0;
  str_free(&old);
  str_free(&now);
  mem_free(path);
  return same;
}

static void add_line(Str *out, const TuneStanding *s, int draw, int rung) {
  TuneScore score = tune_result_score(s, draw, rung);
  str_addf(out, "%-26s %8.2f  %7.4f  %7ld ", s->draws[draw].name, score.metric, score.loss,
           s->rows[draw * s->n_folds].updates);
  for (int i = 0; i < s->draws[draw].n_sets; i++)
    if (!is_as_before(s, draw, s->draws[draw].sets[i])) str_addf(out, " %s", s->draws[draw].sets[i]);
  str_addc(out, '\n');
}

void tune_result_text(Str *out, const TuneStanding *s, int best, int rung) {
  bool *shown = mem_zero((size_t)s->n, sizeof *shown, "draws");
  str_addf(out, "%-26s %8s  %7s  %7s  settings\n", "draw", s->metric->name, "loss", "updates");
  for (int at = best; at >= 0;) {
    add_line(out, s, at, rung);
    shown[at] = true;
    at = -1;
    for (int i = 0; i < s->n; i++) {
      TuneScore score = tune_result_score(s, i, rung);
      if (shown[i] || !s->alive[i] || !score.known) continue;
      if (at < 0 || tune_result_is_better(s, score, tune_result_score(s, at, rung))) at = i;
    }
  }
  mem_free(shown);
}
