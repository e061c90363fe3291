/* lexicon.h - which target tokens a source token becomes, by what a model looks at in a parallel text: the file that
 * shortlist.h reads. */
#ifndef SEARCH_LEXICON_H
#define SEARCH_LEXICON_H

#include "search/score_lines.h"

/* Scores the pairs as score_lines does and writes to path, for each source token, lines SOURCE TAB TARGET TAB WEIGHT of
 * the n_best target tokens with most weight. The weight is the share of a(t, i), summed over all places where the
 * source token stands at i and the target token at t, in the sum over all target tokens. `</s>` counts on both sides;
 * what is not in a vocabulary counts as `<unk>`; a token with a tab in it has no lines. Source tokens come in the order
 * of their vocabulary, targets by falling weight, ties in the order of theirs. Memory grows with the number of
 * different pairs of tokens. */
bool lexicon_write(const Ensemble *ensemble, Pool *pool, Pairs *pairs, int batch_size, int n_best, const char *path,
                   Err *err);

#endif
