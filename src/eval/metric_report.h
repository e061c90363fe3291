/* metric_report.h - the results of metrics as text.
 *
 * A MetricReport owns its texts; metric_report_free ends it. */
#ifndef EVAL_METRIC_REPORT_H
#define EVAL_METRIC_REPORT_H

#include "eval/metric.h"

typedef struct MetricResult {
  const MetricDef *metric;
  MetricValue values[METRIC_VALUES];
  int n_values;
  Str signature, detail; /* empty: none */
  bool has_confidence;
  double mean, half_width; /* of resampled scores: mean, half the width of their middle 95 % */
  const char *rival;       /* the other hypothesis, NULL: none */
  double rival_score, p;   /* p: part of the resamples in which the difference is not of the sign it has on all lines */
} MetricResult;

typedef struct MetricReport {
  MetricResult at[N_METRICS];
  int n;
} MetricReport;

/* Appends a line a value, `TITLE|signature = value (mu = mean +- half) detail`, and a line on the rival. width:
 * decimals of scores; < 0: each metric's own. */
void metric_report_print(Str *out, const MetricReport *report, int width);
/* Appends one line, a JSON object, at full precision. */
void metric_report_json(Str *out, const MetricReport *report);
void metric_report_free(MetricReport *report);

#endif
