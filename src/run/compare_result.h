/* compare_result.h - what a comparison found, as a table (text, tab-separated) and as an HTML page that needs nothing
 * else. Pure functions. */
#ifndef RUN_COMPARE_RESULT_H
#define RUN_COMPARE_RESULT_H

#include "base/json.h"
#include "run/heldout.h"
#include "run/variants.h"

typedef enum CompareState { COMPARE_WAITING, COMPARE_DONE, COMPARE_FAILED } CompareState;

/* One variant. A row that is not done has nothing but its state and, failed, the reason. */
typedef struct CompareRow {
  CompareState state;
  Str reason;
  double n_parameters;
  long updates;
  HeldoutResult result;
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
  const Json *config; /* that all variants share */
  const char *title;
} CompareResult;

void compare_result_text(Str *out, const CompareResult *result);
void compare_result_tsv(Str *out, const CompareResult *result);
void compare_result_page(Str *out, const CompareResult *result);
void compare_result_free_row(CompareRow *row);

#endif
