/* translate.h - from sentences to translations, and from lines of text to lines of text: batches of like length over a
 * pool of threads. The result does not depend on the number of threads. */
#ifndef SEARCH_TRANSLATE_H
#define SEARCH_TRANSLATE_H

#include "base/pool.h"
#include "search/beam.h"
#include "search/ensemble.h"
#include "text/lines.h"

/* Room for every worker of a pool to search in. Belongs to one thread, which is not inside a pool_run. */
typedef struct Translate Translate;

/* Borrows the models (vocabularies equal) and the pool. */
Translate *translate_new(const Model *const *models, int n_models, Pool *pool);
void translate_free(Translate *translate);
/* From now on a call is of all ranks of the job, each of which has the same sources: they share out the batches. */
void translate_spread(Translate *translate);
/* The search by which training and comparisons measure a model. */
BeamOptions translate_greedy(const TranslateConfig *config);
/* Translates sources [n] in batches of batch_size; fewer at a time where beams are so wide that batches would fill the
 * memory. Sentence i draws under the number first + i. results [n] are filled and stand until the next call; a source
 * without tokens has none (n = 0). */
void translate_ids(Translate *translate, const Ids *sources, int n, uint64_t first, const BeamOptions *options,
                   int batch_size, BeamResult *results);

/* One input line. */
typedef struct TranslatedLine {
  int id;                   /* from 0 */
  const char *line;         /* as it was read, NUL-terminated */
  const Tokens *source;     /* its tokens */
  int n_source;             /* tokens that were translated, without `</s>`: the first of source */
  const BeamResult *result; /* n = 0: an empty line */
} TranslatedLine;

typedef struct TranslateOptions {
  BeamOptions beam;
  int batch_size;
  int max_length; /* source tokens, without `</s>`, after which a line is cut, with a warning */
} TranslateOptions;

/* Who gets the lines, in the order of the input. A function that returns false ends the translation. */
typedef struct TranslateSink {
  void *ctx;
  bool (*line)(void *ctx, const TranslatedLine *line, Err *err);
  bool (*flush)(void *ctx, Err *err); /* after all that was read so far: now the reader may see it */
} TranslateSink;

/* Translates every line; a line of white space alone counts as empty. Reads up to 20 batches ahead, but no further than
 * the input has something to give without waiting. warnings may be NULL. False when reading or the sink failed.
 * Warns at the end of a text that does not fit the model (fit.h), and of every translation that is cut. Of several
 * ranks (ranks.h) rank 0 reads the lines and has the sink; all translate. */
bool translate_lines(const Ensemble *ensemble, Pool *pool, Lines *lines, Warnings *warnings,
                     const TranslateOptions *options, const TranslateSink *sink, Err *err);

#endif
