/* accuracy.h - the share of lines that equal their reference, byte for byte. An Accuracy belongs to its caller;
 * zero-initialised it has seen nothing. */
#ifndef EVAL_ACCURACY_H
#define EVAL_ACCURACY_H

#include "eval/metric.h"

typedef struct Accuracy {
  long n_right, n_lines;
} Accuracy;

void accuracy_add(Accuracy *accuracy, const char *hypothesis, size_t n_hypothesis, const char *reference,
                  size_t n_reference);
/* In percent; 0 when nothing was added. */
double accuracy_percent(const Accuracy *accuracy);

extern const MetricDef accuracy_metric;

#endif
