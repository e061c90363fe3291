/* bootstrap.h - how far a score would move on other test sets of the same kind: lines drawn with replacement (Efron
 * 1979; for translation Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation").
 *
 * Pure functions: the same seed and number of lines draw the same lines, so two systems can be compared sample by
 * sample. */
#ifndef EVAL_BOOTSTRAP_H
#define EVAL_BOOTSTRAP_H

#include <stdint.h>

#include "eval/metric.h"

/* Fills scores[n_samples]; rows [n_rows, n_stats] are the statistics of each line, n_rows >= 1. */
void bootstrap_scores(const MetricDef *metric, const MetricOptions *options, const double *rows, long n_rows,
                      uint64_t seed, int n_samples, double *scores);
/* Mean of scores, and half the width of the interval that leaves out n/40 of them on each side. Sorts scores. */
void bootstrap_interval(double *scores, int n_samples, double *mean, double *half_width);
/* Koehn's p: the part of the samples in which the difference a - b is 0 or of the other sign than `difference`; 1 when
 * difference is 0. */
double bootstrap_p(const double *a, const double *b, int n_samples, double difference);

#endif
