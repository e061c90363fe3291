#include "text/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The source of a pair: its hash first, so that few of them are compared token by token. */
typedef struct Source {
  uint64_t hash;
  Ids ids;
  int pair;
} Source;

static size_t region_bytes(const Regions *r) { return (size_t)r->n * (size_t)r->size * sizeof *r->at; }

/* FNV-1a over the ids, and over what stands there instead of words. */
static uint64_t hash_of(Ids ids) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (int i = 0; i < ids.n; i++) hash = (hash ^ (uint64_t)ids.at[i]) * UINT64_C(1099511628211);
  if (ids.regions == NULL) return hash;
  const unsigned char *at = (const unsigned char *)ids.regions->at;
  for (size_t i = 0; i < region_bytes(ids.regions); i++) hash = (hash ^ at[i]) * UINT64_C(1099511628211);
  return hash;
}

static int compare_regions(const Regions *a, const Regions *b) {
  if (a == NULL || b == NULL) return (a != NULL) - (b != NULL);
  if (a->columns != b->columns) return a->columns < b->columns ? -1 : 1;
  return memcmp(a->at, b->at, region_bytes(a)); /* as many: the ids are */
}

static bool has_unknown(Ids ids) {
  for (int i = 0; i < ids.n; i++)
    if (ids.at[i] == ID_UNK) return true;
  return false;
}

static int by_source(const void *a, const void *b) {
  const Source *x = a, *y = b;
  if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
  if (x->ids.n != y->ids.n) return x->ids.n < y->ids.n ? -1 : 1;
  for (int i = 0; i < x->ids.n; i++)
    if (x->ids.at[i] != y->ids.at[i]) return x->ids.at[i] < y->ids.at[i] ? -1 : 1;
  return compare_regions(x->ids.regions, y->ids.regions);
}

static Source source_of(const Corpus *corpus, int i) {
  Ids ids = corpus_pair(corpus, i).source;
  return (Source){hash_of(ids), ids, i};
}

/* Marks all sources equal to the one at index k of a sorted list. */
static void mark(const Source *list, int n, int k, bool *seen) {
  int first = k;
  while (first > 0 && by_source(&list[first - 1], &list[k]) == 0) first--;
  for (int i = first; i < n && by_source(&list[i], &list[k]) == 0; i++) seen[list[i].pair] = true;
}

int overlap_count(const Corpus *corpus, const Corpus *other) {
  int n = 0, n_all = corpus_size(corpus), n_seen = 0;
  Source *list = mem_alloc((size_t)n_all + 1, sizeof *list, "overlap of corpora");
  bool *seen = mem_zero((size_t)n_all + 1, sizeof *seen, "overlap of corpora");
  for (int i = 0; i < n_all; i++) {
    list[n] = source_of(corpus, i);
    n += !has_unknown(list[n].ids);
  }
  qsort(list, (size_t)n, sizeof *list, by_source);
  for (int i = 0; i < corpus_size(other); i++) {
    Source source = source_of(other, i);
    const Source *found = n == 0 ? NULL : bsearch(&source, list, (size_t)n, sizeof *list, by_source);
    if (found != NULL && !seen[found->pair]) mark(list, n, (int)(found - list), seen);
  }
  for (int i = 0; i < n_all; i++) n_seen += seen[i];
  mem_free(list);
  mem_free(seen);
  return n_seen;
}
