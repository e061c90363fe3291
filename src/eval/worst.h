/* worst.h - the lines of a text that a metric finds worst.
 *
 * A Worst owns copies of the texts; worst_free ends it. */
#ifndef EVAL_WORST_H
#define EVAL_WORST_H

#include "base/json.h"
#include "eval/metric_run.h"

typedef struct WorstLine {
  long line;
  double scores[N_METRICS];
  Str source, hypothesis, reference; /* the first one */
} WorstLine;

typedef struct Worst {
  const MetricSet *set; /* the first of it ranks */
  WorstLine *at;        /* [n] the worst first, of equal ones the earlier */
  int n, most;
} Worst;

/* Keeps the `most` worst lines. set outlives it. */
void worst_open(Worst *worst, const MetricSet *set, int most);
void worst_add(Worst *worst, const MetricRow *row);
/* Appends them for people to read. width: decimals of scores; < 0: 2. */
void worst_print(Str *out, const Worst *worst, int width);
/* An array of objects {"line", "scores": {NAME: ...}, "source", "hypothesis", "reference"}; its owner is the caller. */
Json *worst_json(const Worst *worst);
void worst_free(Worst *worst);

#endif
