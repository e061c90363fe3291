#include "train/tune_record.h"

#include <string.h>

#include "base/io.h"

enum { LARGEST = 64 << 20 };
static const char FORMAT[] = "attn-seq2seq tune 1";

static Json *plan_json(const TunePlan *plan) {
  Json *list = json_new_array();
  for (int k = 0; k < plan->n_rungs; k++) {
    Json *rung = json_new_object();
    json_set(rung, "draws", json_new_number(plan->rungs[k].n_draws));
    json_set(rung, "folds", json_new_number(plan->rungs[k].n_folds));
    json_set(rung, "updates", json_new_number((double)plan->rungs[k].updates));
    json_append(list, rung);
  }
  return list;
}

bool tune_record_write(const TuneRecord *r, const char *path, Err *err) {
  Json *json = json_new_object();
  Str text = {0};
  json_set(json, "format", json_new_string(FORMAT));
  json_set(json, "seed", json_new_number((double)r->seed));
  json_set(json, "budget_updates", json_new_number((double)r->updates));
  json_set(json, "draws", json_new_number(r->n_draws));
  json_set(json, "folds", json_new_number(r->n_folds));
  json_set(json, "rungs", plan_json(&r->plan));
  json_set(json, "rungs_begun", json_new_number(r->n_begun));
  json_set(json, "seconds", json_new_number(r->seconds));
  json_set(json, "config", json_copy(r->given));
  json_print(&text, json, true);
  str_addc(&text, '\n');
  bool ok = io_write_file(path, text.at, text.n, err);
  str_free(&text);
  json_free(json);
  return ok;
}

/* -1 when it is no number from 0 to most. */
static double number_in(const Json *object, const char *key, double most) {
  const Json *value = object != NULL && json_type(object) == JSON_OBJECT ? json_get(object, key) : NULL;
  double number = value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : -1;
  return number >= 0 && number <= most ? number : -1;
}

static bool read_plan(TuneRecord *r, const Json *json) {
  const Json *list = json_get(json, "rungs");
  enum { MOST = 1000000000 };
  double draws = number_in(json, "draws", MOST), begun = number_in(json, "rungs_begun", TUNE_PLAN_MOST);
  r->seconds = number_in(json, "seconds", 1e15);
  r->n_draws = (int)draws;
  r->n_begun = begun < 0 ? 0 : (int)begun;
  r->plan.n_rungs = 0;
  if (list == NULL || json_type(list) != JSON_ARRAY || draws < 1 || r->seconds < 0) return false;
  for (const Json *at = json_first(list); at != NULL; at = json_next(at)) {
    double n = number_in(at, "draws", draws), folds = number_in(at, "folds", MOST),
           updates = number_in(at, "updates", MOST);
    if (n < 1 || folds < 1 || updates < 1 || r->plan.n_rungs == TUNE_PLAN_MOST) return false;
    r->plan.rungs[r->plan.n_rungs++] = (TuneRung){(int)n, (int)folds, (long)updates};
  }
  return r->plan.n_rungs > 0;
}

/* All but the number of threads, which changes nothing. */
static void print_config(Str *out, const Json *config) {
  Json *copy = json_copy(config), *train = json_get(copy, "train");
  if (train != NULL && json_type(train) == JSON_OBJECT) json_remove(train, "threads");
  json_print(out, copy, false);
  json_free(copy);
}

static bool same_config(const Json *a, const Json *b) {
  Str x = {0}, y = {0};
  if (a == NULL || json_type(a) != JSON_OBJECT) return false;
  print_config(&x, a);
  print_config(&y, b);
  bool same = strcmp(str_text(&x), str_text(&y)) == 0;
  str_free(&x);
  str_free(&y);
  return same;
}

static bool check(const TuneRecord *r, const Json *json, const char *path, Err *err) {
  const char *other = NULL;
  if (!same_config(json_get(json, "config"), r->given)) other = "config";
  else if (number_in(json, "seed", 0x1p53) != (double)r->seed) other = "--seed";
  else if (number_in(json, "budget_updates", 0x1p53) != (double)r->updates) other = "--updates";
  else if (number_in(json, "folds", 0x1p31) != r->n_folds) other = "--folds, or number of training pairs";
  return other == NULL ||
         err_set(err, ERR_USAGE,
                 "%s: what stands there was begun with another %s; put it back, give another --output, or begin anew "
                 "with --overwrite",
                 path, other);
}

bool tune_record_read(TuneRecord *r, const char *path, Err *err) {
  Str text = {0};
  Json *json = NULL;
  if (io_read_all(&text, path, LARGEST, err)) json = json_parse(str_text(&text), text.n, path, ERR_FILE, err);
  bool ok = json != NULL;
  const Json *format = ok && json_type(json) == JSON_OBJECT ? json_get(json, "format") : NULL;
  bool ours = format != NULL && json_type(format) == JSON_STRING && strcmp(json_string(format), FORMAT) == 0;
  if (ok && !(ours && read_plan(r, json)))
    ok = err_set(err, ERR_FILE, "%s: no record of a tuning; --overwrite replaces it, another --output leaves it", path);
  ok = ok && check(r, json, path, err);
  str_free(&text);
  json_free(json);
  return ok;
}
