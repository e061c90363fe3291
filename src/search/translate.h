/* translate.h - from sentences to translations: batches of like length over a pool of threads. The result does not
 * depend on the number of threads. */
#ifndef SEARCH_TRANSLATE_H
#define SEARCH_TRANSLATE_H

#include "base/pool.h"
#include "conf/config.h"
#include "search/beam.h"

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

typedef struct TranslateOptions {
  BeamOptions beam;
  int batch_size;
  int max_length; /* source tokens, without `</s>`, after which a line is cut, with a warning */
} TranslateOptions;

/* Whether these options and a source of n >= 1 tokens, without `</s>`, keep within what a search may take of the
 * models; if not, err (ERR_FILE) says what to lower. */
bool translate_fits(const Model *const *models, int n_models, const BeamOptions *options, int n, Err *err);

#endif
