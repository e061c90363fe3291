/* limits.h - how many tokens a translation may have, and whether references fit into that. Pure. */
#ifndef SEARCH_LIMITS_H
#define SEARCH_LIMITS_H

#include "text/corpus.h"

/* Most target tokens, without `</s>`, for n source tokens: ceil(ratio n) + 10 (translate.max_length_ratio). */
int limits_tokens(double ratio, int n);
/* The least ratio, from 2 in tenths, under which at most one in a thousand of n pairs has a target that is longer. */
double limits_ratio(const PairLength *lengths, int n);

/* Pairs whose target is longer than a ratio allows. */
typedef struct LimitsCount {
  int n_pairs, n_over;
  PairLength longest; /* the target that is longest of these, the first on a tie */
  double enough;      /* the ratio that would do for all */
} LimitsCount;
LimitsCount limits_count(const PairLength *lengths, int n, double ratio);

#endif
