/* metric_run.h - metrics over files: reads hypothesis and references line by line, once. */
#ifndef EVAL_METRIC_RUN_H
#define EVAL_METRIC_RUN_H

#include <stdint.h>

#include "eval/metric_input.h"
#include "eval/metric_report.h"

/* A line measured, for whoever wants each. Views, valid during the call. */
typedef struct MetricRow {
  long line;                     /* from 1 */
  MetricText source, hypothesis; /* source: empty when there is none */
  const MetricText *references;
  int n_references;
  const double *scores; /* a metric of the set each, of this line alone */
  const double *rivals; /* the same of the other system, or NULL */
} MetricRow;

typedef struct MetricRun {
  MetricFiles files;
  MetricOptions options;
  bool from_1; /* links of the references count from 1 */
  bool confidence;
  int n_samples; /* of the bootstrap, >= 1 */
  uint64_t seed;
  bool baselines;
  bool (*row)(void *ctx, const MetricRow *row, Err *err); /* or NULL; false ends the run */
  void *ctx;
} MetricRun;

/* Takes all metrics of set over files of as many lines. warnings may be NULL; it also receives what makes the figures
 * doubtful. report is filled on success. */
bool metric_run(const MetricSet *set, const MetricRun *run, Warnings *warnings, MetricReport *report, Err *err);

#endif
