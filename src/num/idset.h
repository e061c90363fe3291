/* idset.h - a set of token ids that gives them back in rising order. Lives on an arena; belongs to one thread. */
#ifndef NUM_IDSET_H
#define NUM_IDSET_H

#include "base/arena.h"
#include "num/ids.h"

typedef struct IdSet {
  uint64_t *words; /* a bit an id */
  int n_words;
} IdSet;

/* An empty set of ids below n_vocab. */
IdSet idset_new(Arena *arena, int n_vocab);
void idset_add(IdSet *set, Ids ids);
/* The ids in rising order, on the arena; the set is empty again. */
Ids idset_take(IdSet *set, Arena *arena);

#endif
