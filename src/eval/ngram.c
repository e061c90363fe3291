#include "eval/ngram.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int compare(const void *a, const void *b) {
  const Ngram *x = a, *y = b;
  int order = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static void reserve(Ngrams *ngrams, int n) {
  if (n <= ngrams->cap) return;
  ngrams->cap = 2 * n;
  ngrams->at = mem_grow(ngrams->at, (size_t)ngrams->cap, sizeof *ngrams->at, "n-grams");
}

void ngram_count(Ngrams *ngrams, const Pieces *pieces, int order) {
  int all = pieces->n < order ? 0 : pieces->n - order + 1;
  ngrams->n = 0;
  if (all == 0) return;
  reserve(ngrams, all);
  for (int i = 0; i < all; i++) {
    size_t from = pieces->from[i];
    ngrams->at[i] = (Ngram){pieces->text.at + from, pieces->to[i + order - 1] - from, 1};
  }
  qsort(ngrams->at, (size_t)all, sizeof *ngrams->at, compare);
  for (int i = 0; i < all; i++) {
    if (ngrams->n > 0 && compare(&ngrams->at[ngrams->n - 1], &ngrams->at[i]) == 0) ngrams->at[ngrams->n - 1].count++;
    else ngrams->at[ngrams->n++] = ngrams->at[i];
  }
}

void ngram_most(Ngrams *out, const Ngrams *a, const Ngrams *b) {
  out->n = 0;
  reserve(out, a->n + b->n);
  for (int i = 0, j = 0; i < a->n || j < b->n;) {
    int order = i == a->n ? 1 : j == b->n ? -1 : compare(&a->at[i], &b->at[j]);
    Ngram one = order <= 0 ? a->at[i] : b->at[j];
    if (order == 0 && b->at[j].count > one.count) one.count = b->at[j].count;
    out->at[out->n++] = one;
    i += order <= 0;
    j += order >= 0;
  }
}

int ngram_matches(const Ngrams *a, const Ngrams *b) {
  int matches = 0;
  for (int i = 0, j = 0; i < a->n && j < b->n;) {
    int order = compare(&a->at[i], &b->at[j]);
    if (order == 0) matches += a->at[i].count < b->at[j].count ? a->at[i].count : b->at[j].count;
    i += order <= 0;
    j += order >= 0;
  }
  return matches;
}

void ngram_free(Ngrams *ngrams) {
  mem_free(ngrams->at);
  *ngrams = (Ngrams){0};
}
