/* heldout.h - how well a model does on held-out pairs: loss, a metric of its translations, alignment errors.
 *
 * One thread, which is not inside a pool_run. */
#ifndef TRAIN_HELDOUT_H
#define TRAIN_HELDOUT_H

#include "base/pool.h"
#include "eval/gold.h"
#include "eval/metric.h"
#include "search/translator.h"
#include "text/batch.h"

/* Pairs of lines. Zero-initialised it is empty, heldout_free ends it. */
typedef struct Heldout {
  Tokens sources, targets;
} Heldout;

/* Reads all pairs that a config validates on; invalid text is replaced without a word. False on failure; then it is
 * empty. */
bool heldout_read(Heldout *pairs, const DataConfig *data, Err *err);
int heldout_count(const Heldout *pairs);
/* A file of the gold links of held-out pairs. */
typedef struct HeldoutLinks {
  const char *path;
  bool from_1; /* they count from 1 */
  Warnings *warnings;
} HeldoutLinks;
/* Gold links that are there for every pair, and no more, and are of words that it has. NULL on failure. */
Gold *heldout_gold(const Heldout *pairs, const HeldoutLinks *links, const Config *config, Err *err);
Pair heldout_pair(const Heldout *pairs, int i);
void heldout_free(Heldout *pairs);
/* Tokens of all pairs under a model's tokenizers, [heldout_count]; freed with mem_free. NULL: a file that a source
 * names cannot be read. */
PairLength *heldout_lengths(const Heldout *pairs, const Translator *translator, Err *err);

typedef struct HeldoutResult {
  long n_pairs;  /* measured */
  long n_tokens; /* of their references, with `</s>` */
  double loss;   /* of the references, a target token with `</s>`, natural logarithm */
  double metric; /* of greedy translations, against references as the model's tokenizer spells them */
  double aer;    /* in percent, of the references' alignments; 0 without gold links */
} HeldoutResult;

typedef struct HeldoutPlan {
  const Heldout *pairs;
  bool *wanted; /* [heldout_count] pairs to measure; those with an empty side, or over the positions of the model, are
                   left out and become false */
  const MetricDef *metric;
  Gold *gold; /* NULL, or links of words, a line a pair */
} HeldoutPlan;

/* The model's weights are packed (translator_pack). */
bool heldout_measure(HeldoutResult *result, const HeldoutPlan *plan, const Translator *translator, Pool *pool,
                     Err *err);

#endif
