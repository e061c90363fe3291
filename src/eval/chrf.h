/* chrf.h - chrF2 (Popovic 2015, 2016) of character n-grams up to 6 without white space, and chrF2++ (Popovic 2017)
 * with words and word pairs besides, as sacrebleu 2 computes them: counts summed over all lines, precision and recall
 * averaged over the orders that have n-grams on both sides, F with recall weighing twice; of several references the
 * one with the best F for its line. */
#ifndef EVAL_CHRF_H
#define EVAL_CHRF_H

#include "eval/metric.h"

extern const MetricDef chrf_metric, chrf_plus_metric;

#endif
