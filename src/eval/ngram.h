/* ngram.h - n-grams of a text cut into pieces, counted.
 *
 * An Ngrams holds views of the pieces it was counted from, which outlive it unchanged. It belongs to its caller;
 * zero-initialised it is empty and ready, ngram_free ends it. */
#ifndef EVAL_NGRAM_H
#define EVAL_NGRAM_H

#include "eval/pieces.h"

typedef struct Ngram {
  const char *at;
  size_t n;
  int count;
} Ngram;

typedef struct Ngrams {
  Ngram *at; /* [n] sorted, each once */
  int n, cap;
} Ngrams;

/* Replaces ngrams by the n-grams of `order` pieces. */
void ngram_count(Ngrams *ngrams, const Pieces *pieces, int order);
/* Replaces out by the n-grams of a and b, each as often as where it stands more often. */
void ngram_most(Ngrams *out, const Ngrams *a, const Ngrams *b);
/* Sum over the n-grams of both of the smaller count. */
int ngram_matches(const Ngrams *a, const Ngrams *b);
void ngram_free(Ngrams *ngrams);

#endif
