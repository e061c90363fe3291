/* score_lines.h - from lines of two texts that belong to each other to the scores of the pairs, in order. */
#ifndef SEARCH_SCORE_LINES_H
#define SEARCH_SCORE_LINES_H

#include "search/session.h"

/* Scores every pair and hands it on in order; line returns false to end it. A pair that a member cannot look at whole
 * is an error that names its line. Warns at the end of texts that do not fit the model (fit.h). False when reading or
 * line failed. Of several ranks (ranks.h) rank 0 reads the pairs and has `line`; all score. */
bool score_lines(const Ensemble *ensemble, Pool *pool, Pairs *pairs, const ScoreOptions *options,
                 bool (*line)(void *ctx, const SessionLine *line, Err *err), void *ctx, Err *err);

#endif
