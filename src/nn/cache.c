#include "nn/cache.h"

#include <string.h>

#include "base/err.h"

static int *new_paths(const Cache *c) {
  return arena_alloc(c->arena, (size_t)c->rows * (size_t)c->cap_steps, sizeof(int));
}

static void set_starts(Cache *c) {
  for (int r = 0; r < c->rows; r++) c->start[r] = r * c->cap_steps;
}

static Tensor new_layer(const Cache *c) {
  real *x = arena_alloc(c->arena, (size_t)c->cap * 2 * (size_t)c->width, sizeof *x);
  return (Tensor){.x = x, .rows = c->cap, .cols = 2 * c->width, .ld = 2 * c->width};
}

Cache cache_new(Arena *arena, int n_layers, int width, int rows, int steps) {
  Cache c = {.arena = arena, .n_layers = n_layers, .width = width, .cap = rows * steps, .rows = rows};
  c.cap_steps = steps;
  c.layers = arena_alloc(arena, (size_t)n_layers, sizeof *c.layers);
  for (int l = 0; l < n_layers; l++) c.layers[l] = new_layer(&c);
  c.path = new_paths(&c);
  c.next = new_paths(&c);
  c.start = arena_alloc(arena, (size_t)rows, sizeof *c.start);
  c.length = arena_zero(arena, (size_t)rows, sizeof *c.length);
  set_starts(&c);
  return c;
}

static void grow_rows(Cache *c) {
  c->cap *= 2;
  for (int l = 0; l < c->n_layers; l++) {
    Tensor more = new_layer(c);
    memcpy(more.x, c->layers[l].x, (size_t)c->used * (size_t)more.ld * sizeof(real));
    c->layers[l] = more;
  }
}

static void grow_steps(Cache *c) {
  int cap = c->cap_steps;
  c->cap_steps *= 2;
  int *path = new_paths(c);
  for (int r = 0; r < c->rows; r++)
    memcpy(path + (size_t)r * (size_t)c->cap_steps, c->path + (size_t)r * (size_t)cap, (size_t)c->steps * sizeof *path);
  c->path = path;
  c->next = new_paths(c);
  set_starts(c);
}

int cache_append(Cache *c, int n) {
  CHECK(n <= c->rows, "cache: %d hypotheses, room for %d", n, c->rows);
  while (c->used + n > c->cap) grow_rows(c);
  if (c->steps == c->cap_steps) grow_steps(c);
  int first = c->used;
  for (int r = 0; r < n; r++) c->path[c->start[r] + c->steps] = first + r;
  c->used += n;
  c->steps++;
  for (int r = 0; r < c->rows; r++) c->length[r] = c->steps;
  return first;
}

Tensor cache_keys(const Cache *c, int layer, int first, int n) {
  return tensor_view(&c->layers[layer], first, n, 0, c->width);
}

Tensor cache_values(const Cache *c, int layer, int first, int n) {
  return tensor_view(&c->layers[layer], first, n, c->width, c->width);
}

Places cache_places(const Cache *c) {
  return (Places){.n_sent = c->rows, .longest = c->steps, .start = c->start, .length = c->length, .row = c->path};
}

void cache_select(Cache *c, const int *parents, int n) {
  for (int r = 0; r < n; r++)
    memcpy(c->next + c->start[r], c->path + c->start[parents[r]], (size_t)c->steps * sizeof *c->next);
  int *path = c->path;
  c->path = c->next;
  c->next = path;
}
