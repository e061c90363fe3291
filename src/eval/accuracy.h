/* accuracy.h - the percentage of lines that equal one of their references, byte for byte. */
#ifndef EVAL_ACCURACY_H
#define EVAL_ACCURACY_H

#include "eval/metric.h"

extern const MetricDef accuracy_metric;

#endif
