#include "num/side.h"

static Places find_places(Arena *arena, const int *length, int n) {
  int *start = arena_alloc(arena, (size_t)n, sizeof *start);
  Places places = {.n_sent = n, .start = start, .length = length};
  for (int b = 0, row = 0; b < n; row += length[b++]) {
    start[b] = row;
    if (length[b] > places.longest) places.longest = length[b];
  }
  return places;
}

static Rows number_rows(Arena *arena, const Places *places) {
  int last = places->n_sent - 1, n = places->start[last] + places->length[last], row = 0;
  int *sentence = arena_alloc(arena, (size_t)n, sizeof *sentence), *step = arena_alloc(arena, (size_t)n, sizeof *step);
  for (int b = 0; b <= last; b++) {
    for (int t = 0; t < places->length[b]; t++, row++) {
      sentence[row] = b;
      step[row] = t;
    }
  }
  return (Rows){n, sentence, step};
}

Side *side_new(Arena *arena, const int *length, int n, bool packed) {
  Side *side = arena_alloc(arena, 1, sizeof *side);
  *side = (Side){.places = find_places(arena, length, n)};
  side->rows = side->sorted = number_rows(arena, &side->places);
  if (packed) {
    const Packed *p = side->packed = packed_new(arena, length, n);
    side->rows = (Rows){p->n_rows, p->sentence, p->step};
  }
  return side;
}
