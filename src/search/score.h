/* score.h - given translations under one model or the mean of several: log-probabilities and alignments, in batches of
 * like length over a pool of threads. The result does not depend on the number of threads. */
#ifndef SEARCH_SCORE_H
#define SEARCH_SCORE_H

#include "base/pool.h"
#include "search/beam.h"

/* Room for every worker of a pool to score in. Belongs to one thread, which is not inside a pool_run. */
typedef struct Score Score;

/* Borrows the models (vocabularies equal) and the pool. */
Score *score_new(const Model *const *models, int n_models, Pool *pool);
void score_free(Score *score);
/* Whether results from now on have what each head looked at. Of a single model. */
void score_heads(Score *score, bool heads);
/* From now on a call is of all ranks of the job, each of which has the same pairs: they share out the batches. */
void score_spread(Score *score);
/* From now on batches hold at most so many numbers at once of what pairs look at, unless one pair has more; at first
 * MODEL_MOST_WEIGHTS. */
void score_most(Score *score, double most);
/* Batches of the last call. */
int score_batches(const Score *score);
/* Scores pairs [n] in batches of batch_size. results [n] are filled and stand until the next call: as of a hypothesis,
 * with the pair's target tokens (`</s>` added), and score = log P. */
void score_pairs(Score *score, const IdPair *pairs, int n, int batch_size, Hypothesis *results);

typedef struct ScoreOptions {
  int batch_size;
  bool heads; /* of a single model: also gives what each head looked at */
} ScoreOptions;

#endif
