/* compare_result.h - what a comparison found, as a table: text, tab-separated. compare_page.h has the page and the
 * JSON. Pure functions.
 *
 * Trainings that differ only in their seed are one variant here: its numbers are means over them. */
#ifndef TRAIN_COMPARE_RESULT_H
#define TRAIN_COMPARE_RESULT_H

#include "base/json.h"
#include "train/heldout.h"
#include "train/variants.h"

typedef enum CompareState { COMPARE_WAITING, COMPARE_DONE, COMPARE_FAILED } CompareState;

/* One training. A row that is not done has nothing but its state and, failed, the reason. */
typedef struct CompareRow {
  CompareState state;
  Str reason;
  double n_parameters;
  long updates;
  HeldoutResult result;
  char target[65];     /* digest of the target's vocabulary */
  int characters;      /* bit 0: source tokens are characters, bit 1: the target's; links are of them, not of words */
  bool lowercase;      /* of the target: the metric is of text in lower case */
  double tokens_per_s; /* target tokens, the median of the log's lines; 0: the log has none */
  double seconds;      /* of training */
  Json *history;       /* validations, as in a model file */
  Str samples;         /* JSON array of exhibit.h */
} CompareRow;

typedef struct CompareResult {
  const Variants *variants;
  CompareRow *rows; /* [variants->n] */
  const MetricDef *metric;
  bool gold;          /* alignment error rates are there */
  bool same_text;     /* all variants have the same validation files; then all are measured on the same pairs */
  int n_pairs;        /* of these files, 0: not known so far */
  const Json *config; /* that all variants share */
  const char *runs;   /* what the trainings of a variant differ in; NULL: "seeds" */
  const char *note;   /* a line more that a reader must know, or NULL */
  const char *title;
} CompareResult;

typedef enum CompareColumn {
  COMPARE_PARAMETERS,
  COMPARE_UPDATES,
  COMPARE_LOSS,
  COMPARE_PERPLEXITY,
  COMPARE_METRIC,
  COMPARE_AER,
  COMPARE_SPEED,
  COMPARE_SECONDS,
  COMPARE_COLUMNS
} CompareColumn;

/* A number of a variant: of its one training, or the mean over those with several seeds. */
typedef struct CompareValue {
  bool known;
  double mean, sd; /* sd: standard deviation of a sample; 0 of one training */
} CompareValue;

int compare_result_count(const CompareResult *result); /* of variants */
/* The training of a variant with seed k, from 0. */
const CompareRow *compare_result_row(const CompareResult *result, int variant, int k);
/* Done when one of its trainings is. */
CompareState compare_result_state(const CompareResult *result, int variant);
int compare_result_done(const CompareResult *result, int variant); /* trainings that are done */
CompareValue compare_result_value(const CompareResult *result, int variant, CompareColumn column);
const char *compare_result_name(const CompareResult *result, CompareColumn column); /* as tables are headed */
/* Whether the column's numbers are of the same thing in all variants. */
bool compare_result_comparable(const CompareResult *result, CompareColumn column);
/* Appends what a reader must know to compare, a line each; nothing when nothing is amiss. */
void compare_result_notes(Str *out, const CompareResult *result);

void compare_result_text(Str *out, const CompareResult *result); /* with the notes */
void compare_result_tsv(Str *out, const CompareResult *result);
void compare_result_free_row(CompareRow *row);

#endif
