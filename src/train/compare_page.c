#include "train/compare_page.h"

#include <math.h>
#include <string.h>

#include "eval/page.h"

/* The files of the page, made by the Makefile. */
static const unsigned char page_html[] = {
#include "src/train/compare_page.html.inc"
};
static const unsigned char page_css[] = {
#include "src/train/compare_page.css.inc"
};
static const unsigned char page_js[] = {
#include "src/train/compare_page.js.inc"
};

static Json *number(double value) { return json_new_number(value); } /* not finite: null */

static const char *const states[] = {
    [COMPARE_WAITING] = "waiting", [COMPARE_DONE] = "done", [COMPARE_FAILED] = "failed"};

static Json *notes_of(const CompareResult *r) {
  Str notes = {0}, line = {0};
  Json *list = json_new_array();
  compare_result_notes(&notes, r);
  for (const char *at = str_text(&notes); *at != '\0'; at += strcspn(at, "\n") + 1) {
    str_clear(&line);
    str_add(&line, at, strcspn(at, "\n"));
    json_append(list, json_new_string(str_text(&line)));
  }
  str_free(&notes);
  str_free(&line);
  return list;
}

/* Names of columns, by `name`. */
static Json *not_comparable(const CompareResult *r, const char *(*name)(const CompareResult *r, CompareColumn column)) {
  Json *list = json_new_array();
  for (int c = 0; c < COMPARE_COLUMNS; c++)
    if (!compare_result_comparable(r, (CompareColumn)c)) json_append(list, json_new_string(name(r, (CompareColumn)c)));
  return list;
}

/* ---- The page. */

static const char *page_key(const CompareResult *r, CompareColumn column) {
  static const char *const keys[] = {
      [COMPARE_PARAMETERS] = "parameters", [COMPARE_UPDATES] = "updates", [COMPARE_LOSS] = "loss",
      [COMPARE_PERPLEXITY] = "perplexity", [COMPARE_METRIC] = "metric",   [COMPARE_AER] = "aer",
      [COMPARE_SPEED] = "speed",           [COMPARE_SECONDS] = "seconds"};
  (void)r;
  return keys[column];
}

/* [update, loss, metric] of each validation. */
static Json *history_of(const Json *history) {
  static const char *const keys[] = {"step", "loss", "metric"};
  Json *rows = json_new_array();
  for (const Json *h = json_first(history); h != NULL; h = json_next(h)) {
    Json *row = json_new_array();
    for (int k = 0; k < 3; k++) {
      const Json *value = json_type(h) == JSON_OBJECT ? json_get(h, keys[k]) : NULL;
      json_append(row, number(value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : (double)NAN));
    }
    json_append(rows, row);
  }
  return rows;
}

static void add_numbers(Json *json, const CompareResult *r, int variant) {
  Json *spread = json_new_object(), *histories = json_new_array();
  for (int c = 0; c < COMPARE_COLUMNS; c++) {
    CompareValue value = compare_result_value(r, variant, (CompareColumn)c);
    if (!value.known) continue;
    json_set(json, page_key(r, (CompareColumn)c), number(value.mean));
    if (compare_result_done(r, variant) > 1) json_set(spread, page_key(r, (CompareColumn)c), number(value.sd));
  }
  for (int k = 0; k < r->variants->n_seeds; k++) {
    const CompareRow *row = compare_result_row(r, variant, k);
    if (row->state == COMPARE_DONE) json_append(histories, history_of(row->history));
  }
  json_set(json, "sd", spread);
  json_set(json, "runs", number(compare_result_done(r, variant)));
  json_set(json, "histories", histories);
}

/* The first training of the variant in that state. */
static const CompareRow *first_in(const CompareResult *r, int variant, CompareState state) {
  int k = 0;
  while (k + 1 < r->variants->n_seeds && compare_result_row(r, variant, k)->state != state) k++;
  return compare_result_row(r, variant, k);
}

static Json *page_variant(const CompareResult *r, int variant) {
  const Variants *v = r->variants;
  const Variant *first = &v->at[variant * v->n_seeds];
  CompareState state = compare_result_state(r, variant);
  Json *json = json_new_object(), *values = json_new_array();
  for (int k = 0; k < v->n_told; k++) json_append(values, json_new_string(v->keys[k].values[first->value[k]]));
  json_set(json, "state", json_new_string(states[state]));
  json_set(json, "name", json_new_string(first->name));
  json_set(json, "values", values);
  if (state == COMPARE_FAILED)
    json_set(json, "reason", json_new_string(str_text(&first_in(r, variant, COMPARE_FAILED)->reason)));
  if (state == COMPARE_DONE) add_numbers(json, r, variant);
  return json;
}

/* The variant with the samples, which are JSON already. */
static void add_page_variant(Str *out, const CompareResult *r, int variant) {
  Json *json = page_variant(r, variant);
  json_print(out, json, false);
  json_free(json);
  if (compare_result_state(r, variant) != COMPARE_DONE) return;
  const Str *samples = &first_in(r, variant, COMPARE_DONE)->samples;
  out->n--; /* the brace */
  str_addf(out, ",\"samples\":%s}", samples->n > 0 ? str_text(samples) : "[]");
}

static Json *page_head(const CompareResult *r) {
  const Variants *v = r->variants;
  Json *json = json_new_object(), *keys = json_new_array();
  for (int k = 0; k < v->n_told; k++) json_append(keys, json_new_string(v->keys[k].label));
  json_set(json, "format", json_new_string("attn-seq2seq comparison 2"));
  json_set(json, "keys", keys);
  json_set(json, "metric", json_new_string(r->metric->name));
  json_set(json, "less", json_new_bool(r->metric->errors));
  json_set(json, "gold", json_new_bool(r->gold));
  json_set(json, "seeds", number(v->n_seeds));
  json_set(json, "notes", notes_of(r));
  json_set(json, "not_comparable", not_comparable(r, page_key));
  json_set(json, "config", json_copy(r->config));
  return json;
}

void compare_page_html(Str *out, const CompareResult *r) {
  static const Page page = {PAGE_TEXT(page_html), PAGE_TEXT(page_css), PAGE_TEXT(page_js), "watch", "sentences"};
  Json *head = page_head(r);
  Str object = {0}, data = {0}, title = {0};
  str_addf(&title, "Comparison: %s", r->title);
  json_print(&object, head, false);
  str_add(&data, object.at + 1, object.n - 2); /* members of page_fill's object */
  str_adds(&data, ",\"variants\":[\n");
  for (int i = 0; i < compare_result_count(r); i++) {
    if (i > 0) str_adds(&data, ",\n");
    add_page_variant(&data, r, i);
  }
  str_adds(&data, "\n]");
  page_fill(out, &page, str_text(&title), "auto", &data);
  str_free(&title);
  str_free(&object);
  str_free(&data);
  json_free(head);
}

/* ---- JSON. */

static void set_values(Json *json, const CompareResult *r, const Variant *variant) {
  Json *values = json_new_object();
  for (int k = 0; k < r->variants->n_told; k++) {
    const VariantKey *key = &r->variants->keys[k];
    for (int i = 0; i < key->n_paths; i++)
      json_set(values, key->paths[i], json_new_string(key->values[variant->value[k]]));
  }
  json_set(json, "values", values);
}

static void set_numbers(Json *json, const CompareResult *r, int variant, bool spread) {
  Str name = {0};
  for (int c = 0; c < COMPARE_COLUMNS; c++) {
    CompareColumn column = (CompareColumn)c;
    CompareValue value = compare_result_value(r, variant, column);
    json_set(json, compare_result_name(r, column), number(value.known ? value.mean : (double)NAN));
    if (!spread) continue;
    bool known = value.known && compare_result_done(r, variant) > 1;
    str_clear(&name);
    str_addf(&name, "%s_sd", compare_result_name(r, column));
    json_set(json, str_text(&name), number(known ? value.sd : (double)NAN));
  }
  str_free(&name);
}

/* Every training of the variant by itself. */
static Json *each_of(const CompareResult *r, int variant) {
  Json *list = json_new_array();
  Variants one = *r->variants;
  CompareResult alone = *r;
  alone.variants = &one;
  one.n_seeds = 1;
  for (int k = 0; k < r->variants->n_seeds; k++) {
    Json *json = json_new_object();
    int i = variant * r->variants->n_seeds + k;
    json_set(json, "seed", number(k + 1));
    json_set(json, "state", json_new_string(states[r->rows[i].state]));
    set_numbers(json, &alone, i, false);
    json_append(list, json);
  }
  return list;
}

static Json *json_variant(const CompareResult *r, int variant) {
  const Variants *v = r->variants;
  bool seeds = v->n_seeds > 1;
  CompareState state = compare_result_state(r, variant);
  Json *json = json_new_object();
  set_values(json, r, &v->at[variant * v->n_seeds]);
  json_set(json, "state", json_new_string(states[state]));
  if (state == COMPARE_FAILED)
    json_set(json, "reason", json_new_string(str_text(&first_in(r, variant, COMPARE_FAILED)->reason)));
  if (seeds) json_set(json, "runs", number(compare_result_done(r, variant)));
  set_numbers(json, r, variant, seeds);
  if (seeds) json_set(json, "each", each_of(r, variant));
  return json;
}

void compare_page_json(Str *out, const CompareResult *r) {
  Json *json = json_new_object(), *list = json_new_array();
  json_set(json, "metric", json_new_string(r->metric->name));
  json_set(json, "notes", notes_of(r));
  json_set(json, "not_comparable", not_comparable(r, compare_result_name));
  for (int i = 0; i < compare_result_count(r); i++) json_append(list, json_variant(r, i));
  json_set(json, "variants", list);
  json_print(out, json, true);
  str_addc(out, '\n');
  json_free(json);
}
