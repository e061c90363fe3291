/* translate_lines.h - from lines of a text to their translations, in order, as much at a time as there is to read. */
#ifndef SEARCH_TRANSLATE_LINES_H
#define SEARCH_TRANSLATE_LINES_H

#include "search/session.h"
#include "text/lines.h"

/* Who gets the lines, in the order of the input. A function that returns false ends the translation. */
typedef struct TranslateSink {
  void *ctx;
  bool (*line)(void *ctx, const SessionLine *line, Err *err);
  bool (*flush)(void *ctx, Err *err); /* after all that was read so far: now the reader may see it */
} TranslateSink;

/* Translates every line; a line of white space alone counts as empty. Reads up to 20 batches ahead, but no further than
 * the input has something to give without waiting. warnings may be NULL. False when reading or the sink failed.
 * Warns at the end of a text that does not fit the model (fit.h), and of every translation that is cut. Of several
 * ranks (ranks.h) rank 0 reads the lines and has the sink; all translate. */
bool translate_lines(const Ensemble *ensemble, Pool *pool, Lines *lines, Warnings *warnings,
                     const TranslateOptions *options, const TranslateSink *sink, Err *err);

#endif
