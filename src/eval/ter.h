/* ter.h - translation edit rate (Snover et al. 2006): insertions, deletions, substitutions and shifts of word runs, in
 * percent of the reference's words (their mean over several references; the edits are the fewest over them). In lower
 * case, without normalisation, with the search of Tercom as sacrebleu 2 has it: greedy, beam 25 around the diagonal,
 * runs of up to 10 words over up to 50 places, at most 1000 shifts tried a pair. */
#ifndef EVAL_TER_H
#define EVAL_TER_H

#include "eval/metric.h"

/* Edits that make hypothesis[n_h] the reference[n_r]; words are numbers. Any lengths from 0. */
int ter_edits(const int *hypothesis, int n_h, const int *reference, int n_r);

extern const MetricDef ter_metric;

#endif
