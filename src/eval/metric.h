/* metric.h - what every metric over two files of lines has in common, and how several are taken in one reading.
 *
 * A metric is one file NAME.c that defines `const MetricDef NAME_metric`, and one line in metrics.def. Its state takes
 * in line after line; it belongs to one thread. */
#ifndef EVAL_METRIC_H
#define EVAL_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/warnings.h"

/* A line of one of the files, a view: valid UTF-8 without NUL. */
typedef struct MetricLine {
  const char *at;
  size_t n;
  const char *path; /* for messages */
} MetricLine;

typedef struct MetricPair {
  MetricLine hypothesis, reference;
  long line; /* from 1 */
} MetricPair;

/* One number of a result, printed as `name = value`. */
typedef struct MetricValue {
  const char *name;
  double value; /* percentages as 0 .. 100 */
  int decimals;
} MetricValue;

enum { METRIC_VALUES = 4 }; /* most values a metric gives */

typedef struct MetricDef {
  const char *name; /* as on the command line */
  size_t size;      /* of the state, zeroed at the start */
  bool (*add)(void *state, const MetricPair *pair, Err *err);
  /* Fills values, the one of the metric's own name first; returns how many. */
  int (*values)(const void *state, MetricValue *values);
  void (*release)(void *state); /* what the state owns; may be NULL */
} MetricDef;

enum {
#define METRIC(name) +1
  N_METRICS = 0
#include "eval/metrics.def"
#undef METRIC
};

/* Metrics chosen, in the order named. */
typedef struct MetricSet {
  const MetricDef *at[N_METRICS];
  int n;
} MetricSet;

/* Reads "NAME,NAME,..."; unknown and repeated names are usage errors. */
bool metric_choose(MetricSet *set, const char *list, Err *err);

typedef struct MetricReport {
  MetricValue at[N_METRICS * METRIC_VALUES];
  int n;
} MetricReport;

/* Takes all metrics of set over two files of as many lines ("-", for one of them: standard input). warnings may be
 * NULL. */
bool metric_run(const MetricSet *set, const char *hypothesis, const char *reference, Warnings *warnings,
                MetricReport *report, Err *err);
/* Appends a line a value. */
void metric_print(Str *out, const MetricReport *report);
/* Appends one line, a JSON object with a member a value, at full precision. */
void metric_print_json(Str *out, const MetricReport *report);

#endif
