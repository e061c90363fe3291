/* wer.h - word error rates, in percent of the reference's tokens. Tokens lie between ASCII white space.
 *
 * wer: insertions, deletions and substitutions (Levenshtein 1966) that make the hypothesis the reference. per, position
 * independent: the same for bags of tokens, max(h, r) less the tokens of both (Tillmann et al. 1997). Of several
 * references the one with the fewest errors counts, of those the longest. Both are over all lines together. */
#ifndef EVAL_WER_H
#define EVAL_WER_H

#include "eval/metric.h"

extern const MetricDef wer_metric, wer_per_metric;

#endif
