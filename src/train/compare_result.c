#include "train/compare_result.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

/* ---- Variants and their trainings. */

int compare_result_count(const CompareResult *r) { return r->variants->n / r->variants->n_seeds; }

const CompareRow *compare_result_row(const CompareResult *r, int variant, int k) {
  return &r->rows[variant * r->variants->n_seeds + k];
}

static int count_state(const CompareResult *r, int variant, CompareState state) {
  int n = 0;
  for (int k = 0; k < r->variants->n_seeds; k++) n += compare_result_row(r, variant, k)->state == state;
  return n;
}

int compare_result_done(const CompareResult *r, int variant) { return count_state(r, variant, COMPARE_DONE); }

CompareState compare_result_state(const CompareResult *r, int variant) {
  if (compare_result_done(r, variant) > 0) return COMPARE_DONE;
  return count_state(r, variant, COMPARE_FAILED) > 0 ? COMPARE_FAILED : COMPARE_WAITING;
}

const char *compare_result_name(const CompareResult *r, CompareColumn column) {
  static const char *const names[] = {
      [COMPARE_PARAMETERS] = "parameters", [COMPARE_UPDATES] = "updates", [COMPARE_LOSS] = "valid_loss",
      [COMPARE_PERPLEXITY] = "perplexity", [COMPARE_AER] = "aer",         [COMPARE_SPEED] = "tokens_per_s",
      [COMPARE_SECONDS] = "seconds",       [COMPARE_METRIC] = "metric"};
  return column == COMPARE_METRIC ? r->metric->name : names[column];
}

static double value_of(const CompareRow *row, CompareColumn column) {
  const double values[] = {[COMPARE_PARAMETERS] = row->n_parameters, [COMPARE_UPDATES] = (double)row->updates,
                           [COMPARE_LOSS] = row->result.loss,        [COMPARE_PERPLEXITY] = exp(row->result.loss),
                           [COMPARE_METRIC] = row->result.metric,    [COMPARE_AER] = row->result.aer,
                           [COMPARE_SPEED] = row->tokens_per_s,      [COMPARE_SECONDS] = row->seconds};
  return values[column];
}

CompareValue compare_result_value(const CompareResult *r, int variant, CompareColumn column) {
  int n = 0;
  double sum = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++) {
    double mean = n > 0 ? sum / n : 0;
    for (int k = 0; k < r->variants->n_seeds; k++) {
      const CompareRow *row = compare_result_row(r, variant, k);
      if (row->state != COMPARE_DONE || (column == COMPARE_SPEED && !(row->tokens_per_s > 0))) continue;
      double value = value_of(row, column);
      if (pass == 0) sum += value, n++;
      else squares += (value - mean) * (value - mean);
    }
  }
  if (n == 0 || (column == COMPARE_AER && !r->gold)) return (CompareValue){0};
  return (CompareValue){true, sum / n, n > 1 ? sqrt(squares / (n - 1)) : 0};
}

/* ---- What can be compared. */

/* Whether every two trainings that are done agree. */
static bool all_agree(const CompareResult *r, bool (*agree)(const CompareRow *a, const CompareRow *b)) {
  const CompareRow *first = NULL;
  for (int i = 0; i < r->variants->n; i++) {
    if (r->rows[i].state != COMPARE_DONE) continue;
    if (first == NULL) first = &r->rows[i];
    if (!agree(first, &r->rows[i])) return false;
  }
  return true;
}

static bool same_tokens(const CompareRow *a, const CompareRow *b) {
  return strcmp(a->target, b->target) == 0 && a->result.n_tokens == b->result.n_tokens;
}

static bool same_units(const CompareRow *a, const CompareRow *b) { return a->characters == b->characters; }

static bool same_case(const CompareRow *a, const CompareRow *b) { return a->lowercase == b->lowercase; }

bool compare_result_comparable(const CompareResult *r, CompareColumn column) {
  switch (column) {
    case COMPARE_LOSS:
    case COMPARE_PERPLEXITY:
      return r->same_text && all_agree(r, same_tokens);
    case COMPARE_SPEED:
      return all_agree(r, same_tokens);
    case COMPARE_METRIC:
      return r->same_text && all_agree(r, same_case);
    case COMPARE_AER:
      return r->same_text && all_agree(r, same_units);
    case COMPARE_PARAMETERS:
    case COMPARE_UPDATES:
    case COMPARE_SECONDS:
    case COMPARE_COLUMNS:
      break;
  }
  return true;
}

/* Pairs that all were measured on; -1: none is done. */
static long pairs_measured(const CompareResult *r) {
  for (int i = 0; i < r->variants->n; i++)
    if (r->rows[i].state == COMPARE_DONE) return r->rows[i].result.n_pairs;
  return -1;
}

void compare_result_notes(Str *out, const CompareResult *r) {
  long n = pairs_measured(r);
  if (n < 0) return;
  if (!r->same_text)
    str_addf(out, "The variants have validation texts of their own: valid_loss, perplexity, %s%s cannot be compared.\n",
             r->metric->name, r->gold ? ", aer" : "");
  else if (n < r->n_pairs)
    str_addf(out,
             "Measured on %ld of the %d validation pairs, the same for all: the others have an empty side, or more "
             "tokens than a variant has positions.\n",
             n, r->n_pairs);
  if (!all_agree(r, same_tokens))
    str_adds(out,
             "The variants split their targets into different tokens: valid_loss, perplexity and tokens_per_s are "
             "per token, and cannot be compared.\n");
  if (r->same_text && !all_agree(r, same_case))
    str_addf(out,
             "Some variants write lower case, and are measured so: their %s cannot be compared with the others'.\n",
             r->metric->name);
  if (r->same_text && r->gold && !all_agree(r, same_units))
    str_adds(out, "The links of some variants are of characters, of others of words: aer cannot be compared.\n");
  if (r->variants->n_seeds > 1)
    str_addf(out, "Means over %d %s, \xC2\xB1 the standard deviation.\n", r->variants->n_seeds,
             r->runs == NULL ? "seeds" : r->runs);
  if (r->note != NULL) str_addf(out, "%s\n", r->note);
}

/* ---- Tables. */

static const int decimals[COMPARE_COLUMNS] = {
    [COMPARE_LOSS] = 4, [COMPARE_PERPLEXITY] = 3, [COMPARE_METRIC] = 2, [COMPARE_AER] = 2};

/* "-" for what is not known. */
static void add_cell(Str *out, const CompareResult *r, int variant, CompareColumn column, bool spread) {
  CompareValue value = compare_result_value(r, variant, column);
  bool failed = compare_result_state(r, variant) == COMPARE_FAILED && column == COMPARE_PARAMETERS;
  if (!value.known) str_adds(out, failed ? "failed" : "-");
  else str_addf(out, "%.*f", decimals[column], value.mean);
  if (value.known && spread && compare_result_done(r, variant) > 1 && column != COMPARE_PARAMETERS)
    str_addf(out, " \xC2\xB1%.*f", decimals[column], value.sd);
}

/* Columns of a table: the told keys, with several seeds "runs", the numbers, in tab-separated form with several seeds
 * also their standard deviations. */
typedef struct Table {
  const CompareResult *r;
  bool seeds; /* several */
  bool apart; /* standard deviations have columns of their own */
  int n_columns;
} Table;

static Table table_of(const CompareResult *r, bool apart) {
  bool seeds = r->variants->n_seeds > 1;
  int n = r->variants->n_told + seeds + COMPARE_COLUMNS * (seeds && apart ? 2 : 1);
  return (Table){r, seeds, apart, n};
}

/* variant < 0: the heading. */
static void add_number(Str *out, const Table *t, int variant, int column) {
  bool sd = column >= COMPARE_COLUMNS;
  CompareColumn number = (CompareColumn)(sd ? column - COMPARE_COLUMNS : column);
  if (variant < 0) {
    str_addf(out, sd ? "%s_sd" : "%s", compare_result_name(t->r, number));
  } else if (!sd) {
    add_cell(out, t->r, variant, number, t->seeds && !t->apart);
  } else {
    CompareValue value = compare_result_value(t->r, variant, number);
    if (value.known && compare_result_done(t->r, variant) > 1) str_addf(out, "%.*f", decimals[number] + 2, value.sd);
    else str_addc(out, '-');
  }
}

static void table_cell(Str *out, const Table *t, int variant, int column) {
  const Variants *v = t->r->variants;
  str_clear(out);
  if (column < v->n_told) {
    const VariantKey *key = &v->keys[column];
    str_adds(out, variant < 0 ? key->label : key->values[v->at[variant * v->n_seeds].value[column]]);
  } else if (t->seeds && column == v->n_told) {
    if (variant < 0) str_adds(out, "runs");
    else str_addf(out, "%d", compare_result_done(t->r, variant));
  } else {
    add_number(out, t, variant, column - v->n_told - t->seeds);
  }
}

void compare_result_tsv(Str *out, const CompareResult *r) {
  Table t = table_of(r, true);
  Str cell = {0};
  for (int i = -1; i < compare_result_count(r); i++)
    for (int c = 0; c < t.n_columns; c++) {
      table_cell(&cell, &t, i, c);
      str_addf(out, "%s%c", str_text(&cell), c == t.n_columns - 1 ? '\n' : '\t');
    }
  str_free(&cell);
}

static int width_of(const Table *t, int column) {
  Str cell = {0};
  int width = 0;
  for (int i = -1; i < compare_result_count(t->r); i++) {
    table_cell(&cell, t, i, column);
    int w = utf8_width(str_text(&cell), cell.n);
    if (w > width) width = w;
  }
  str_free(&cell);
  return width;
}

static void add_blanks(Str *out, int n) {
  for (int i = 0; i < n; i++) str_addc(out, ' ');
}

/* Values of keys to the left, numbers to the right. */
static void add_row(Str *out, const Table *t, int variant) {
  const Variants *v = t->r->variants;
  Str cell = {0};
  for (int c = 0; c < t->n_columns; c++) {
    if (c - v->n_told - t->seeds == COMPARE_AER && !t->r->gold) continue;
    table_cell(&cell, t, variant, c);
    int room = width_of(t, c) - utf8_width(str_text(&cell), cell.n);
    if (c > 0) str_adds(out, "  ");
    if (c >= v->n_told) add_blanks(out, room);
    str_adds(out, str_text(&cell));
    if (c < v->n_told) add_blanks(out, room);
  }
  str_addc(out, '\n');
  str_free(&cell);
}

void compare_result_text(Str *out, const CompareResult *r) {
  Table t = table_of(r, false);
  Str notes = {0};
  for (int i = -1; i < compare_result_count(r); i++) add_row(out, &t, i);
  compare_result_notes(&notes, r);
  if (notes.n > 0) str_addf(out, "\n%s", str_text(&notes));
  str_free(&notes);
}

void compare_result_free_row(CompareRow *row) {
  str_free(&row->reason);
  str_free(&row->samples);
  json_free(row->history);
  *row = (CompareRow){0};
}
