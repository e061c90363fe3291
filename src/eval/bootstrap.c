#include "eval/bootstrap.h"

#include <stdlib.h>

#include "base/rng.h"

void bootstrap_scores(const MetricDef *metric, const MetricOptions *options, const double *rows, long n_rows,
                      uint64_t seed, int n_samples, double *scores) {
  size_t n = (size_t)metric->n_stats;
  for (int sample = 0; sample < n_samples; sample++) {
    uint64_t key = rng_key(seed, RNG_BOOTSTRAP, (uint64_t)sample, 0);
    double sums[METRIC_STATS] = {0};
    for (long i = 0; i < n_rows; i++) {
      const double *row = rows + rng_below(key, (uint64_t)i, (uint64_t)n_rows) * n;
      for (size_t j = 0; j < n; j++) sums[j] += row[j];
    }
    scores[sample] = metric_score(metric, options, sums);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void bootstrap_interval(double *scores, int n_samples, double *mean, double *half_width) {
  qsort(scores, (size_t)n_samples, sizeof *scores, compare);
  int low = n_samples / 40;
  *half_width = 0.5 * (scores[n_samples - low - 1] - scores[low]);
  *mean = 0;
  for (int i = 0; i < n_samples; i++) *mean += scores[i] / n_samples;
}

double bootstrap_p(const double *a, const double *b, int n_samples, double difference) {
  int other = 0;
  for (int i = 0; i < n_samples; i++) other += (a[i] - b[i]) * difference <= 0;
  return (double)other / n_samples;
}
