/* bleu.h - BLEU (Papineni et al. 2002) of n-grams up to 4, as sacrebleu 2 computes it (Post 2018): clipped counts and
 * lengths summed over all lines, of several references the one nearest in length (the shorter on a tie) and each
 * n-gram's highest count, brevity penalty, and one of four ways of smoothing (Chen and Cherry 2014). */
#ifndef EVAL_BLEU_H
#define EVAL_BLEU_H

#include "eval/metric.h"

/* Ways to smooth, NULL at the end; the first is the default. exp: each order without a match counts half of the one
 * before; floor: 0.1 matches instead of none; add-k: 1 added to counts above unigrams. */
extern const char *const bleu_smooth_names[];
extern const MetricDef bleu_metric;

#endif
