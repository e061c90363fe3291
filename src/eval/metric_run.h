/* metric_run.h - metrics over files: reads hypothesis and references line by line, once. */
#ifndef EVAL_METRIC_RUN_H
#define EVAL_METRIC_RUN_H

#include <stdint.h>

#include "eval/metric_report.h"
#include "text/warnings.h"

/* Paths; "-", for one of them, is standard input. */
typedef struct MetricFiles {
  const char *hypothesis;
  const char *rival;             /* another system's output, or NULL */
  const char *const *references; /* [n_references], line by line; or none, and: */
  int n_references;
  const char *table, *source; /* see references.h */
} MetricFiles;

typedef struct MetricRun {
  MetricFiles files;
  MetricOptions options;
  bool confidence;
  int n_samples; /* of the bootstrap, >= 1 */
  uint64_t seed;
} MetricRun;

/* Takes all metrics of set over files of as many lines. warnings may be NULL. report is filled on success. */
bool metric_run(const MetricSet *set, const MetricRun *run, Warnings *warnings, MetricReport *report, Err *err);

#endif
