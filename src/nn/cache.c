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

Cache cache_new(Arena *arena, const CacheSize *s) {
  Cache c = {.arena = arena, .n_layers = s->n_layers, .width = s->width, .rows = s->rows, .most = s->rows * s->most};
  c.cap_steps = s->steps < s->most ? s->steps : s->most;
  c.cap = c.rows * c.cap_steps;
  c.layers = arena_alloc(arena, (size_t)c.n_layers, sizeof *c.layers);
  for (int l = 0; l < c.n_layers; l++) c.layers[l] = new_layer(&c);
  c.place = arena_alloc(arena, (size_t)c.cap, sizeof *c.place);
  c.path = new_paths(&c);
  c.next = new_paths(&c);
  c.start = arena_alloc(arena, (size_t)c.rows, sizeof *c.start);
  c.length = arena_zero(arena, (size_t)c.rows, sizeof *c.length);
  set_starts(&c);
  return c;
}

static void move_row(const Cache *c, int from, int to) {
  if (from == to) return;
  for (int l = 0; l < c->n_layers; l++) {
    const Tensor *layer = &c->layers[l];
    memcpy(tensor_row(layer, to), tensor_row(layer, from), (size_t)layer->cols * sizeof(real));
  }
}

/* How many rows the first n hypotheses are made of, those marked in place. */
static int mark_rows(Cache *c, int n) {
  int live = 0;
  memset(c->place, 0, (size_t)c->used * sizeof *c->place);
  for (int r = 0; r < n; r++)
    for (int t = 0; t < c->steps; t++) {
      int *mark = &c->place[c->path[c->start[r] + t]];
      live += *mark == 0;
      *mark = 1;
    }
  return live;
}

/* Closes up the rows of the first n hypotheses, the only ones there are; false: they are too many for that. */
static bool close_up(Cache *c, int n) {
  int live = mark_rows(c, n);
  if ((live > c->cap / 2 && c->cap < c->most) || live + n > c->cap) return false;
  int next = 0;
  for (int row = 0; row < c->used; row++) {
    if (c->place[row] == 0) continue;
    move_row(c, row, next);
    c->place[row] = next++;
  }
  for (int r = 0; r < n; r++)
    for (int t = 0; t < c->steps; t++) {
      int *row = &c->path[c->start[r] + t];
      *row = c->place[*row];
    }
  c->used = live;
  return true;
}

static void grow_rows(Cache *c) {
  CHECK(c->cap < c->most, "cache: %d rows are not all", c->most);
  c->cap = cache_next(c->cap, c->most);
  c->place = arena_alloc(c->arena, (size_t)c->cap, sizeof *c->place);
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
  while (c->used + n > c->cap)
    if (!close_up(c, n)) grow_rows(c);
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
