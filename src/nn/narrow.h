/* narrow.h - an output layer for part of the vocabulary, another part for each sentence of a search: its log-
 * probabilities are of that part alone, over which their probabilities sum to 1.
 *
 * The columns of a sentence are the first tokens of the vocabulary, which all have, and then its own tokens, all by
 * rising id. What a sentence gets does not hang on who else is in the batch. Lives on an arena; belongs to one thread.
 */
#ifndef NN_NARROW_H
#define NN_NARROW_H

#include "ad/tape.h"
#include "num/ids.h"

/* What each sentence may give. */
typedef struct NarrowTokens {
  int n_common;   /* ids below it are for all: the specials and the commonest */
  const Ids *own; /* [sentences] rising ids, none below n_common */
} NarrowTokens;

static inline int narrow_width(const NarrowTokens *t, int sentence) { return t->n_common + t->own[sentence].n; }
static inline int32_t narrow_token(const NarrowTokens *t, int sentence, int column) {
  return column < t->n_common ? column : t->own[sentence].at[column - t->n_common];
}

/* Sentences that stand together: the rows of W for what any of them has of its own are one matrix, so that a product
 * has rows enough to keep the processor busy. */
typedef struct NarrowGroup {
  int n;      /* tokens */
  Pack pack;  /* [n,O] */
  real *bias; /* [n] */
} NarrowGroup;

typedef struct Narrow {
  NarrowTokens tokens;
  Tensor w, b; /* the whole layer, [V,O] and [V] */
  int widest;  /* columns of the sentence with the most */
  int together;
  NarrowGroup *groups; /* [sentences / together, rounded up] */
  int **places;        /* [sentences] [own] where its own tokens stand in its group */
} Narrow;

/* Gathers what the n sentences need of the layer y = x W^T + b. rows: of a product, how many a sentence has at most.
 * tokens is borrowed. */
Narrow *narrow_open(Tape *tape, const Tensor *w, const Tensor *b, const NarrowTokens *tokens, int n, int rows);
/* Logits of x [n,O], row r being of sentence[r]: [n,widest], of which a row's first narrow_width numbers are set. */
Tensor *narrow_logits(const Narrow *narrow, Tape *tape, const Tensor *x, const int *sentence);

#endif
