#include "num/idset.h"

enum { BITS = 64 };

IdSet idset_new(Arena *arena, int n_vocab) {
  int n_words = (n_vocab + BITS - 1) / BITS;
  return (IdSet){arena_zero(arena, (size_t)n_words, sizeof(uint64_t)), n_words};
}

void idset_add(IdSet *set, Ids ids) {
  for (int i = 0; i < ids.n; i++) set->words[ids.at[i] / BITS] |= UINT64_C(1) << (ids.at[i] % BITS);
}

Ids idset_take(IdSet *set, Arena *arena) {
  int n = 0, at = 0;
  for (int w = 0; w < set->n_words; w++) n += __builtin_popcountll(set->words[w]);
  int32_t *ids = arena_alloc(arena, (size_t)n, sizeof *ids);
  for (int w = 0; w < set->n_words; w++) {
    for (uint64_t left = set->words[w]; left != 0; left &= left - 1)
      ids[at++] = (int32_t)(w * BITS + __builtin_ctzll(left));
    set->words[w] = 0;
  }
  return (Ids){ids, n};
}
