#include "eval/accuracy.h"

#include <string.h>

enum { RIGHT, LINES, N_STATS };

static bool measure(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)work;
  (void)options;
  (void)err;
  const MetricText *h = &line->hypothesis;
  for (int i = 0; i < line->n_references; i++) {
    const MetricText *r = &line->references[i];
    if (h->n == r->n && memcmp(h->at, r->at, h->n) == 0) stats[RIGHT] = 1;
  }
  stats[LINES] = 1;
  return true;
}

static int values(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  out[0] = (MetricValue){"accuracy", sums[LINES] > 0 ? 100 * sums[RIGHT] / sums[LINES] : 0, 2};
  return 1;
}

const MetricDef accuracy_metric = {
    .name = "accuracy", .title = "accuracy", .n_stats = N_STATS, .measure = measure, .values = values};
