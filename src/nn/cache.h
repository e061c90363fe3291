/* cache.h - keys and values of the target so far, for a search: what self-attention of a decoder reads. A step appends
 * the rows of its hypotheses; when hypotheses are chosen anew only their lists of row numbers are copied. Full, it
 * closes up where no hypothesis goes on from half of the rows or more, and else doubles; so that it has room for what
 * is alive, and each row has moved once on average; but never more than the search can need. Everything lies on one
 * arena, what it has grown out of too. Belongs to one search. */
#ifndef NN_CACHE_H
#define NN_CACHE_H

#include "base/arena.h"
#include "num/places.h"
#include "num/tensor.h"

typedef struct CacheSize {
  int n_layers, width; /* columns of keys, and of values */
  int rows;            /* most hypotheses of a step */
  int steps, most;     /* that there is room for at first, and that there can be */
} CacheSize;
/* Steps that there is room for at first where the source has so many positions. */
static inline int cache_first(int n_source) { return n_source + 2; }
/* What so much room grows to: twice that, or all when that is not far from all. */
static inline int cache_next(int room, int most) { return room < most / 8 * 3 ? 2 * room : most; }
/* Steps that a hypothesis has room for in all that a cache takes until its last growth. */
static inline double cache_room(int steps, int most) {
  double all = most;
  for (int room = steps; room < most; room = cache_next(room, most)) all += room;
  return all;
}

typedef struct Cache {
  Arena *arena;
  int n_layers, width; /* columns of keys, and of values */
  int cap, used;       /* rows there is room for, and those that stand */
  int most;            /* rows that there can be */
  Tensor *layers;      /* [n_layers] each [cap, 2 width]: keys, values */
  int *place;          /* [cap] scratch: where a row moves to */
  int rows;            /* most hypotheses of a step */
  int cap_steps, steps;
  int *path, *next; /* [rows, cap_steps] the rows of each hypothesis; next is room for those chosen */
  int *start;       /* [rows] where a hypothesis' rows are listed in path */
  int *length;      /* [rows] all of them `steps` */
} Cache;

Cache cache_new(Arena *arena, const CacheSize *size);
/* A step of n hypotheses: each gets one more row. Gives the first of them. */
int cache_append(Cache *cache, int n);
/* The rows of a layer from row first on, n of them: where the step writes its keys and values. */
Tensor cache_keys(const Cache *cache, int layer, int first, int n);
Tensor cache_values(const Cache *cache, int layer, int first, int n);
/* Whose rows are whose, hypothesis by hypothesis; stands until the next call that changes the cache. */
Places cache_places(const Cache *cache);
/* Hypothesis r goes on from hypothesis parents[r], r < n. */
void cache_select(Cache *cache, const int *parents, int n);

#endif
