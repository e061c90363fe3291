#include "run/compare_result.h"

#include <math.h>

#include "eval/page.h"

/* The files of the page, made by the Makefile. */
static const unsigned char page_html[] = {
#include "src/run/compare_page.html.inc"
};
static const unsigned char page_css[] = {
#include "src/run/compare_page.css.inc"
};
static const unsigned char page_js[] = {
#include "src/run/compare_page.js.inc"
};

/* ---- Tables. */

enum { PARAMETERS, UPDATES, LOSS, PERPLEXITY, METRIC, AER, SPEED, SECONDS, N_COLUMNS };

static const char *heading(const CompareResult *r, int column) {
  static const char *const names[] = {[PARAMETERS] = "parameters", [UPDATES] = "updates", [LOSS] = "valid_loss",
                                      [PERPLEXITY] = "perplexity", [AER] = "aer",         [SPEED] = "tokens_per_s",
                                      [SECONDS] = "seconds"};
  return column == METRIC ? r->metric->name : names[column];
}

static double value_of(const CompareRow *row, int column) {
  const double values[] = {
      [PARAMETERS] = row->n_parameters,     [UPDATES] = (double)row->updates, [LOSS] = row->result.loss,
      [PERPLEXITY] = exp(row->result.loss), [METRIC] = row->result.metric,    [AER] = row->result.aer,
      [SPEED] = row->tokens_per_s,          [SECONDS] = row->seconds};
  return values[column];
}

/* "-" for what is not known. */
static void add_cell(Str *out, const CompareResult *r, const CompareRow *row, int column) {
  static const int decimals[] = {[LOSS] = 4, [PERPLEXITY] = 3, [METRIC] = 2, [AER] = 2, [N_COLUMNS] = 0};
  bool known = row->state == COMPARE_DONE && (column != AER || r->gold) && (column != SPEED || row->tokens_per_s > 0);
  if (known) str_addf(out, "%.*f", decimals[column], value_of(row, column));
  else str_adds(out, row->state == COMPARE_FAILED && column == PARAMETERS ? "failed" : "-");
}

/* The text of a row's cell: the keys' values, then numbers. i < 0: of the heading. */
static void table_cell(Str *out, const CompareResult *r, int i, int column) {
  const Variants *v = r->variants;
  str_clear(out);
  if (i < 0) str_adds(out, column < v->n_keys ? v->keys[column].label : heading(r, column - v->n_keys));
  else if (column < v->n_keys) str_adds(out, v->keys[column].values[v->at[i].value[column]]);
  else add_cell(out, r, &r->rows[i], column - v->n_keys);
}

void compare_result_tsv(Str *out, const CompareResult *r) {
  int n = r->variants->n_keys + N_COLUMNS;
  Str cell = {0};
  for (int i = -1; i < r->variants->n; i++)
    for (int c = 0; c < n; c++) {
      table_cell(&cell, r, i, c);
      str_addf(out, "%s%c", str_text(&cell), c == n - 1 ? '\n' : '\t');
    }
  str_free(&cell);
}

static int width_of(const CompareResult *r, int column) {
  Str cell = {0};
  int width = 0;
  for (int i = -1; i < r->variants->n; i++) {
    table_cell(&cell, r, i, column);
    if ((int)cell.n > width) width = (int)cell.n;
  }
  str_free(&cell);
  return width;
}

/* Values of keys to the left, numbers to the right. */
void compare_result_text(Str *out, const CompareResult *r) {
  int n_keys = r->variants->n_keys, n = n_keys + N_COLUMNS;
  Str cell = {0};
  for (int i = -1; i < r->variants->n; i++)
    for (int c = 0; c < n; c++) {
      if (c - n_keys == AER && !r->gold) continue;
      table_cell(&cell, r, i, c);
      str_addf(out, "%s%*s%s", c > 0 ? "  " : "", c < n_keys ? -width_of(r, c) : width_of(r, c), str_text(&cell),
               c == n - 1 ? "\n" : "");
    }
  str_free(&cell);
}

/* ---- The page. */

static void add_string(Str *out, const char *key, const char *text) {
  str_addf(out, ",\"%s\":", key);
  json_quote(out, text);
}

static void add_number(Str *out, const char *key, double value) {
  str_addf(out, ",\"%s\":", key);
  if (isfinite(value)) str_addf(out, "%.7g", value);
  else str_adds(out, "null");
}

static double number_of(const Json *object, const char *key) {
  const Json *value = json_type(object) == JSON_OBJECT ? json_get(object, key) : NULL;
  return value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : (double)NAN;
}

/* [update, loss, metric] of each validation. */
static void add_history(Str *out, const Json *history) {
  static const char *const keys[] = {"step", "loss", "metric"};
  str_adds(out, ",\"history\":[");
  for (const Json *row = json_first(history), *first = row; row != NULL; row = json_next(row)) {
    str_adds(out, row == first ? "[" : ",[");
    for (int k = 0; k < 3; k++) {
      double value = number_of(row, keys[k]);
      str_adds(out, k > 0 ? "," : "");
      if (isfinite(value)) str_addf(out, "%.7g", value);
      else str_adds(out, "null");
    }
    str_addc(out, ']');
  }
  str_addc(out, ']');
}

static void add_done(Str *out, const CompareResult *r, const CompareRow *row) {
  static const char *const keys[] = {"parameters", "updates", "loss",  "perplexity",
                                     "metric",     "aer",     "speed", "seconds"};
  for (int c = 0; c < N_COLUMNS; c++)
    if ((c != AER || r->gold) && (c != SPEED || row->tokens_per_s > 0)) add_number(out, keys[c], value_of(row, c));
  add_history(out, row->history);
  str_addf(out, ",\"samples\":%s", row->samples.n > 0 ? str_text(&row->samples) : "[]");
}

static void add_variant(Str *out, const CompareResult *r, int i) {
  static const char *const states[] = {
      [COMPARE_WAITING] = "waiting", [COMPARE_DONE] = "done", [COMPARE_FAILED] = "failed"};
  const Variants *v = r->variants;
  const CompareRow *row = &r->rows[i];
  str_addf(out, "%s{\"state\":\"%s\"", i > 0 ? ",\n" : "", states[row->state]);
  add_string(out, "name", v->at[i].name);
  str_adds(out, ",\"values\":[");
  for (int k = 0; k < v->n_keys; k++) {
    if (k > 0) str_addc(out, ',');
    json_quote(out, v->keys[k].values[v->at[i].value[k]]);
  }
  str_addc(out, ']');
  if (row->state == COMPARE_FAILED) add_string(out, "reason", str_text(&row->reason));
  if (row->state == COMPARE_DONE) add_done(out, r, row);
  str_addc(out, '}');
}

void compare_result_page(Str *out, const CompareResult *r) {
  static const Page page = {PAGE_TEXT(page_html), PAGE_TEXT(page_css), PAGE_TEXT(page_js)};
  const Variants *v = r->variants;
  Str data = {0};
  str_adds(&data, "\"format\":\"attn-seq2seq comparison 1\",\"keys\":[");
  for (int k = 0; k < v->n_keys; k++) {
    if (k > 0) str_addc(&data, ',');
    json_quote(&data, v->keys[k].label);
  }
  str_addc(&data, ']');
  add_string(&data, "metric", r->metric->name);
  str_addf(&data, ",\"less\":%s,\"gold\":%s", r->metric->errors ? "true" : "false", r->gold ? "true" : "false");
  str_adds(&data, ",\"config\":");
  json_print(&data, r->config, false);
  str_adds(&data, ",\"variants\":[\n");
  for (int i = 0; i < v->n; i++) add_variant(&data, r, i);
  str_adds(&data, "\n]");
  page_fill(out, &page, r->title, "auto", &data);
  str_free(&data);
}

void compare_result_free_row(CompareRow *row) {
  str_free(&row->reason);
  str_free(&row->samples);
  json_free(row->history);
  *row = (CompareRow){0};
}
