/* rescore.h - n-best lists, of whatever system, under a model: each entry gets log P as one more feature and the score
 * that a search would rank it by, and the entries of a line are ordered by it. */
#ifndef SEARCH_RESCORE_H
#define SEARCH_RESCORE_H

#include "base/pool.h"
#include "search/ensemble.h"
#include "text/warnings.h"

typedef struct RescoreFiles {
  const char *source, *list; /* paths; list in the form of text/nbest.h, by rising lines of source */
  const char *graph;         /* links between the tokens of source (graph_line.h), or NULL */
} RescoreFiles;

/* Hands on the entries as lines of text with their ends, of one line of source after another; line returns false to end
 * it. Batches, length and coverage penalty are of config. warnings may be NULL. An entry of a line that source does not
 * have, and a source that a member cannot look at whole, are errors that name the line. Warns at the end of texts
 * that do not fit the model (fit.h). False when reading or line failed. */
bool rescore_list(const Ensemble *ensemble, Pool *pool, const RescoreFiles *files, const TranslateConfig *config,
                  Warnings *warnings, bool (*line)(void *ctx, const char *at, size_t n, Err *err), void *ctx, Err *err);

#endif
