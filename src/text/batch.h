/* batch.h - which pairs go together in which batch, and in which order. Pure planning: lengths in, indices out.
 *
 * An epoch: all pairs are shuffled, cut into pools of about 100 batches, each pool is sorted by length and cut into
 * batches, so that little is padding, and the batches are shuffled. The plan is a function of lengths and options
 * alone. A BatchPlan belongs to its caller and to one thread; zero-initialised it is empty and ready, planning again
 * reuses its memory, batch_free ends it. */
#ifndef TEXT_BATCH_H
#define TEXT_BATCH_H

#include <stdint.h>

#include "text/corpus.h"

typedef struct BatchOptions {
  int batch_size;   /* pairs a batch, or 0: */
  int batch_tokens; /* pairs x longest side with </s>, at most; one pair may be more */
  uint64_t seed, epoch;
  ModelRoom room;   /* that a pair takes of the longest sides */
  double most_room; /* of all pairs at most; one pair may be more; 0: any */
} BatchOptions;

typedef struct BatchPlan {
  int n_batches, n_pairs;
  int largest;    /* the batch with the most cells, pairs x (longest source + longest target, with </s>) */
  double padding; /* share of all cells that hold no token or </s> */
  int *pairs;     /* [n_pairs] pool after pool, each sorted; not copied into the batches' order, to save memory */
  int *cuts;      /* [n_batches + 1] where batches begin in pairs */
  int *order;     /* [n_batches] the batches, shuffled */
  struct BatchItem *items; /* of the pool being sorted */
  int cap_pairs, cap_cuts, cap_order, cap_items;
} BatchPlan;

/* lengths [n]. */
void batch_plan(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options);
/* All pairs in one pool and nothing shuffled; seed and epoch do not matter. For validation. */
void batch_plan_sequential(BatchPlan *plan, const PairLength *lengths, int n, const BatchOptions *options);
/* The *n pairs of a batch, by falling target, then source length; a view. */
const int *batch_pairs(const BatchPlan *plan, int batch, int *n);
void batch_free(BatchPlan *plan);

#endif
