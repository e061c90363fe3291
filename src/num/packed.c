#include "num/packed.h"

#include "base/err.h"

/* Counting sort by falling length. */
static void sort(Packed *p, Arena *arena) {
  int *from = arena_zero(arena, (size_t)p->n_steps + 2, sizeof *from);
  for (int i = 0; i < p->n_sent; i++) from[p->n_steps - p->length[i] + 1]++;
  for (int k = 1; k <= p->n_steps; k++) from[k] += from[k - 1];
  for (int i = 0; i < p->n_sent; i++) {
    p->place[i] = from[p->n_steps - p->length[i]]++;
    p->order[p->place[i]] = i;
  }
}

Packed *packed_new(Arena *arena, const int *length, int n_sent) {
  Packed *p = arena_zero(arena, 1, sizeof *p);
  size_t n = (size_t)n_sent;
  p->n_sent = n_sent;
  p->order = arena_alloc(arena, n, sizeof(int));
  p->place = arena_alloc(arena, n, sizeof(int));
  p->length = arena_alloc(arena, n, sizeof(int));
  for (int i = 0; i < n_sent; i++) {
    CHECK(length[i] >= 1, "packed: sentence %d is empty", i);
    p->length[i] = length[i];
    p->n_rows += length[i];
    if (length[i] > p->n_steps) p->n_steps = length[i];
  }
  sort(p, arena);
  p->active = arena_zero(arena, (size_t)p->n_steps, sizeof(int));
  p->start = arena_zero(arena, (size_t)p->n_steps + 1, sizeof(int));
  p->sentence = arena_alloc(arena, (size_t)p->n_rows, sizeof(int));
  p->step = arena_alloc(arena, (size_t)p->n_rows, sizeof(int));
  int row = 0;
  for (int t = 0; t < p->n_steps; t++) {
    p->start[t] = row;
    for (int j = 0; j < n_sent && p->length[p->order[j]] > t; j++, row++) {
      p->sentence[row] = p->order[j];
      p->step[row] = t;
    }
    p->active[t] = row - p->start[t];
  }
  p->start[p->n_steps] = row;
  return p;
}
