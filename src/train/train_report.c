#include "train/train_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "eval/metric.h"
#include "eval/page.h"
#include "train/exhibit.h"
#include "train/exhibit_list.h"

/* The files of the page, made by the Makefile. */
static const unsigned char page_html[] = {
#include "src/train/report_page.html.inc"
};
static const unsigned char page_css[] = {
#include "src/train/report_page.css.inc"
};
static const unsigned char page_js[] = {
#include "src/train/report_page.js.inc"
};

enum {
  LARGEST_PAGE = 1 << 28,
  MOST_POINTS = 2000, /* of a curve, */
  MOST_WATCHED = 128  /* and validations with samples; when there are more every other one is left out */
};

static const char FORMAT[] = "attn-seq2seq training 1";

struct TrainReport {
  char *path;
  const Translator *translator;
  const Corpus *valid;
  Exhibit *exhibit;
  ExhibitList shown;
  Gold *gold;                 /* or NULL */
  Json *data;                 /* the page's, but for theme and scales */
  Json *points, *validations; /* in data */
  Json *seen;                 /* samples of the validation that is told next, or NULL */
  double seconds_0;           /* that the training took before this run */
};

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

/* Six digits are enough for a page. */
static Json *number(double value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%.6g", value);
  return json_new_number(strtod(text, NULL));
}

static void put(TrainReport *r, const char *key, double value) { json_set(r->data, key, json_new_number(value)); }

static double number_of(const Json *object, const char *key) {
  const Json *value = json_type(object) == JSON_OBJECT ? json_get(object, key) : NULL;
  return value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : 0;
}

/* ---- Going on with a page. */

static Json *array_of(Json *data, const char *key) {
  Json *array = json_get(data, key);
  if (array == NULL || json_type(array) != JSON_ARRAY) json_set(data, key, array = json_new_array());
  return array;
}

static bool is_report(const Json *data) {
  if (data == NULL || json_type(data) != JSON_OBJECT) return false;
  const Json *format = json_get(data, "format");
  return format != NULL && json_type(format) == JSON_STRING && strcmp(json_string(format), FORMAT) == 0;
}

/* The data of the page at path; NULL when there is no such page. */
static Json *read_page(const char *path, Err *err) {
  Str text = {0};
  const char *at;
  size_t n;
  Err ignored = {0};
  if (!io_read_all(&text, path, LARGEST_PAGE, err)) return NULL;
  Json *data = page_data(str_text(&text), text.n, &at, &n) ? json_parse(at, n, path, ERR_FILE, &ignored) : NULL;
  str_free(&text);
  if (is_report(data)) return data;
  json_free(data);
  (void)err_set(err, ERR_FILE,
                "%s: stands there already and is no report of a training; move it away, or give --report another name",
                path);
  return NULL;
}

bool train_report_check(const char *path, bool replace, Err *err) {
  if (!ends_in(path, ".html"))
    return err_set(
        err, ERR_USAGE,
        "--report %s: the report is a page for browsers, written anew and anew: give a name that ends in .html", path);
  if (!io_check_target(path, err)) return false;
  Json *old = io_exists(path) ? read_page(path, err) : NULL;
  bool stands = old != NULL;
  json_free(old);
  if (err->kind != ERR_NONE) return false;
  return !stands || replace ||
         err_set(err, ERR_FILE,
                 "%s: the report of an earlier training stands there already; --overwrite replaces it, --resume goes "
                 "on with it where there is a training state",
                 path);
}

/* Appends to `to` what of `from` belongs to the first `step` updates; rows are objects, or arrays that begin with the
 * update. */
static void keep_until(Json *to, const Json *from, long step) {
  for (const Json *row = json_first(from); row != NULL; row = json_next(row)) {
    const Json *first = json_type(row) == JSON_ARRAY ? json_first(row) : NULL;
    double at = first != NULL && json_type(first) == JSON_NUMBER ? json_number(first) : number_of(row, "step");
    if (at >= 1 && at <= (double)step) json_append(to, json_copy(row));
  }
}

static const Json *row_of(const Json *validations, double step) {
  for (const Json *row = json_first(validations); row != NULL; row = json_next(row))
    if (number_of(row, "step") == step) return row;
  return NULL;
}

static Json *history_row(const Json *h) {
  Json *row = json_new_object();
  json_set(row, "step", number(number_of(h, "step")));
  json_set(row, "epoch", number(number_of(h, "epoch")));
  json_set(row, "loss", number(number_of(h, "loss")));
  json_set(row, "value", number(number_of(h, "metric")));
  return row;
}

/* The history's validations, as the old page tells of them where it does. */
static void take_history(TrainReport *r, const Json *old) {
  for (const Json *h = json_first(r->translator->history); h != NULL; h = json_next(h)) {
    const Json *row = row_of(old, number_of(h, "step"));
    json_append(r->validations, row != NULL ? json_copy(row) : history_row(h));
    if (row != NULL) r->seconds_0 = number_of(row, "seconds");
  }
}

static const char *shown_of(const Json *data) {
  const Json *shown = json_get(data, "shown");
  return shown != NULL && json_type(shown) == JSON_STRING ? json_string(shown) : "";
}

/* Samples of other sentences than those that are shown now. */
static void drop_samples(Json *old) {
  for (Json *row = json_first(array_of(old, "valid")); row != NULL; row = json_next(row))
    if (json_type(row) == JSON_OBJECT) json_remove(row, "samples");
}

static bool go_on(TrainReport *r, const TrainReportPlan *plan, Err *err) {
  Json *old = io_exists(plan->path) ? read_page(plan->path, err) : json_new_object();
  if (old == NULL) return false;
  if (strcmp(shown_of(old), shown_of(r->data)) != 0) drop_samples(old);
  keep_until(r->points, array_of(old, "points"), plan->step);
  take_history(r, array_of(old, "valid"));
  Json *status = json_get(old, "status");
  if (status != NULL && json_type(status) == JSON_STRING) json_set(r->data, "status", json_copy(status));
  json_free(old);
  return true;
}

/* ---- What happened. */

static const char *const metric_names[] = {
#define TRAIN_METRIC(name) #name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
};

static void describe(TrainReport *r) {
  const char *name = metric_names[r->translator->config.train.metric];
  const MetricDef *metric = metric_find(name);
  json_set(r->data, "format", json_new_string(FORMAT));
  json_set(r->data, "model", json_new_string(r->translator->config.train.model));
  json_set(r->data, "metric", json_new_string(name));
  json_set(r->data, "less", json_new_bool(metric == NULL || metric->errors));
  json_set(r->data, "config", config_to_json(&r->translator->config, true));
  r->points = array_of(r->data, "points");
  r->validations = array_of(r->data, "valid");
}

/* Leaves every other child out when there are more than most. */
static Json *thinned(const Json *array) {
  Json *thin = json_new_array();
  int i = 0;
  for (const Json *row = json_first(array); row != NULL; row = json_next(row))
    if (i++ % 2 == 1) json_append(thin, json_copy(row));
  return thin;
}

static void add_point(TrainReport *r, const TrainEvent *e) {
  const double values[] = {(double)e->step, e->loss, e->learning_rate, e->gradient_norm, e->tokens_per_s};
  Json *point = json_new_array();
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    json_append(point, i == 0 ? json_new_number(values[i]) : number(values[i]));
  json_append(r->points, point);
  if (json_count(r->points) <= MOST_POINTS) return;
  Json *thin = thinned(r->points);
  json_set(r->data, "points", thin);
  r->points = thin;
}

static int count_watched(const TrainReport *r) {
  int n = 0;
  for (const Json *row = json_first(r->validations); row != NULL; row = json_next(row))
    n += json_get(row, "samples") != NULL;
  return n;
}

static void thin_samples(TrainReport *r) {
  int i = 0, n = count_watched(r);
  if (n <= MOST_WATCHED) return;
  for (Json *row = json_first(r->validations); row != NULL; row = json_next(row))
    if (json_get(row, "samples") != NULL && i++ % 2 == 1 && i < n) json_remove(row, "samples");
}

void train_report_look(TrainReport *r) {
  if (r == NULL) return;
  Str text = {0};
  Err err = {0};
  for (int i = 0; i < exhibit_list_count(&r->shown); i++) {
    Pair pair = exhibit_list_pair(&r->shown, i);
    str_addc(&text, i == 0 ? '[' : ',');
    exhibit_add(r->exhibit, &text, r->shown.id[i], &pair, exhibit_list_gold(&r->shown, i, r->gold));
  }
  str_addc(&text, ']');
  json_free(r->seen);
  r->seen = json_parse(str_text(&text), text.n, "samples", ERR_FILE, &err);
  CHECK(r->seen != NULL, "%s", err.text);
  str_free(&text);
}

static void add_validation(TrainReport *r, const TrainEvent *e) {
  Json *row = json_new_object();
  json_set(row, "step", json_new_number((double)e->step));
  json_set(row, "epoch", json_new_number(e->epoch));
  json_set(row, "loss", number(e->loss));
  json_set(row, "value", number(e->value));
  json_set(row, "seconds", number(r->seconds_0 + e->seconds));
  if (e->n_cut > 0) json_set(row, "cut", json_new_number(e->n_cut));
  if (r->seen != NULL) json_set(row, "samples", r->seen);
  r->seen = NULL;
  json_append(r->validations, row);
  thin_samples(r);
}

static void start(TrainReport *r, const TrainEvent *e) {
  put(r, "parameters", (double)e->n_parameters);
  put(r, "source_vocab", e->source_vocab);
  put(r, "target_vocab", e->target_vocab);
  put(r, "train_pairs", corpus_size(e->data->train));
  put(r, "valid_pairs", corpus_size(r->valid));
}

static bool write_page(const TrainReport *r, Err *err) {
  static const Page page = {PAGE_TEXT(page_html), PAGE_TEXT(page_css), PAGE_TEXT(page_js), "watch", "samples"};
  Str object = {0}, members = {0}, title = {0}, out = {0};
  json_print(&object, r->data, false);
  str_add(&members, object.at + 1, object.n - 2);
  str_addf(&title, "Training of %s", r->translator->config.train.model);
  page_fill(&out, &page, str_text(&title), "auto", &members);
  bool ok = io_write_file(r->path, out.at, out.n, err);
  str_free(&object);
  str_free(&members);
  str_free(&title);
  str_free(&out);
  return ok;
}

static void end(TrainReport *r, const TrainEvent *e) {
  const Json *was = json_get(r->data, "status");
  bool again = strcmp(e->text, "already finished") == 0 && was != NULL;
  Json *status = again ? json_copy(was) : json_new_string(e->text);
  json_remove(r->data, "status"); /* it stands last */
  json_set(r->data, "status", status);
}

bool train_report_event(TrainReport *r, const TrainEvent *e, Err *err) {
  if (r == NULL || e->kind == TRAIN_UPDATE || e->kind == TRAIN_NOTE) return true;
  put(r, "step", (double)e->step);
  put(r, "steps", (double)e->n_steps);
  if (e->kind == TRAIN_START) start(r, e);
  if (e->kind == TRAIN_LOG) add_point(r, e);
  if (e->kind == TRAIN_VALID) add_validation(r, e);
  if (e->kind == TRAIN_END) end(r, e);
  else if (e->kind != TRAIN_START) json_remove(r->data, "status");
  return (e->kind != TRAIN_CHECKPOINT && e->kind != TRAIN_END) || write_page(r, err);
}

/* ---- What is shown. */

static void add_chosen(TrainReport *r, const PairLength *lengths, int n, const Heldout *pairs) {
  int index[EXHIBITS], n_chosen = exhibit_choose(lengths, n, index);
  for (int k = 0; k < n_chosen; k++) {
    Pair pair = pairs != NULL ? heldout_pair(pairs, index[k]) : corpus_text(r->valid, index[k]);
    (void)exhibit_list_add(&r->shown, &pair, index[k], pairs != NULL);
  }
}

/* What is named is of the lines of the validation files, of which the corpus has left out the empty ones. */
static bool read_named(TrainReport *r, const TrainReportPlan *plan, Err *err) {
  Heldout pairs;
  if (!heldout_read(&pairs, &r->translator->config.data, err)) return false;
  bool ok =
      plan->gold.path == NULL || (r->gold = heldout_gold(&pairs, &plan->gold, &r->translator->config, err)) != NULL;
  if (ok && plan->sentences != NULL) {
    ok = exhibit_list_read(&r->shown, plan->sentences, &pairs, err);
  } else if (ok) {
    PairLength *lengths = heldout_lengths(&pairs, r->translator, err);
    ok = lengths != NULL;
    if (ok) add_chosen(r, lengths, heldout_count(&pairs), &pairs);
    mem_free(lengths);
  }
  heldout_free(&pairs);
  return ok;
}

static bool choose_shown(TrainReport *r, const TrainReportPlan *plan, Err *err) {
  char hex[65];
  if (plan->gold.path != NULL || plan->sentences != NULL) {
    if (!read_named(r, plan, err)) return false;
  } else {
    add_chosen(r, corpus_lengths(r->valid), corpus_size(r->valid), NULL);
  }
  exhibit_list_digest(&r->shown, hex);
  json_set(r->data, "shown", json_new_string(hex));
  return true;
}

TrainReport *train_report_open(const TrainReportPlan *plan, Err *err) {
  TrainReport *r = mem_zero(1, sizeof *r, "training report");
  r->path = mem_text(plan->path, strlen(plan->path));
  r->translator = plan->translator;
  r->valid = plan->valid;
  r->data = json_new_object();
  describe(r);
  if (choose_shown(r, plan, err) && (!plan->resumed || go_on(r, plan, err))) {
    r->exhibit = exhibit_new(plan->translator, plan->pool);
    return r;
  }
  train_report_close(r);
  return NULL;
}

void train_report_close(TrainReport *r) {
  if (r == NULL) return;
  exhibit_free(r->exhibit);
  exhibit_list_free(&r->shown);
  gold_free(r->gold);
  json_free(r->seen);
  json_free(r->data);
  mem_free(r->path);
  mem_free(r);
}
