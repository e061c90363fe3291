/* metric_report.h - the results of metrics as text.
 *
 * A MetricReport owns its texts; metric_report_free ends it. */
#ifndef EVAL_METRIC_REPORT_H
#define EVAL_METRIC_REPORT_H

#include "base/json.h"
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
  int n_samples;           /* of p */
  bool has_copy, has_commonest;
  double copy, commonest; /* of baselines: the source as output, the most frequent reference */
} MetricResult;

typedef struct MetricReport {
  const char *hypothesis; /* its path */
  MetricResult at[N_METRICS];
  int n;
  long n_lines;
  Str commonest;   /* the most frequent reference, */
  int n_commonest; /* and how often it occurs; 0: it was not asked for or none occurs twice */
} MetricReport;

/* Appends a line a value, `TITLE|signature = value (mu = mean +- half) detail`, and lines on the rival and
 * the baselines. width:
 * decimals of scores; < 0: each metric's own. */
void metric_report_print(Str *out, const MetricReport *report, int width);
/* Appends one line, a JSON object, at full precision; its member "worst" is the array given, unless that is NULL. */
void metric_report_json(Str *out, const MetricReport *report, Json *worst);
void metric_report_free(MetricReport *report);

#endif
