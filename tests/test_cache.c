/* The cache of a search against lists of what every hypothesis should hold. */
#include "nn/cache.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum { LAYERS = 2, WIDTH = 3, ROWS = 6, STEPS = 60 };

typedef struct Told {
  int n;
  real tokens[ROWS][STEPS]; /* what each hypothesis was told at each step */
} Told;

/* One step: the first n hypotheses are told a number each, in every layer and column another one. */
static void tell(Cache *c, Told *told, int n) {
  int first = cache_append(c, n), t = c->steps - 1;
  for (int r = 0; r < n; r++) told->tokens[r][t] = (real)(100 * t + r);
  for (int l = 0; l < LAYERS; l++) {
    Tensor keys = cache_keys(c, l, first, n), values = cache_values(c, l, first, n);
    for (int r = 0; r < n; r++)
      for (int k = 0; k < WIDTH; k++) {
        tensor_row(&keys, r)[k] = told->tokens[r][t] + (real)(10000 * l + 1000000 * k);
        tensor_row(&values, r)[k] = -tensor_row(&keys, r)[k];
      }
  }
  told->n = n;
}

static void go_on(Cache *c, Told *told, const int *parents, int n) {
  Told next = {.n = n};
  for (int r = 0; r < n; r++) memcpy(next.tokens[r], told->tokens[parents[r]], sizeof next.tokens[r]);
  *told = next;
  cache_select(c, parents, n);
}

static void check_told(const Cache *c, const Told *told) {
  Places places = cache_places(c);
  for (int l = 0; l < LAYERS; l++) {
    Tensor keys = cache_keys(c, l, 0, c->used), values = cache_values(c, l, 0, c->used);
    for (int r = 0; r < told->n; r++)
      for (int t = 0; t < places.length[r]; t++)
        for (int k = 0; k < WIDTH; k++) {
          real want = told->tokens[r][t] + (real)(10000 * l + 1000000 * k);
          ck_assert(tensor_row(&keys, places_row(&places, r, t))[k] == want);
          ck_assert(tensor_row(&values, places_row(&places, r, t))[k] == -want);
        }
  }
}

static const CacheSize size = {LAYERS, WIDTH, ROWS, 4, STEPS};

/* A search of so many hypotheses from one on, whose parents are drawn, often the same; `alike`: always the first. */
static int search(Arena *arena, uint64_t seed, bool alike) {
  Cache c = cache_new(arena, &size);
  Told told = {0};
  tell(&c, &told, 1);
  for (int t = 1; t < STEPS; t++) {
    int parents[ROWS], n = 1 + (int)rng_below(rng_key(seed, RNG_TEST, (uint64_t)t, 0), 0, ROWS);
    for (int r = 0; r < n; r++)
      parents[r] = alike ? 0 : (int)rng_below(rng_key(seed, RNG_TEST, (uint64_t)t, 1), (uint64_t)r, (uint64_t)told.n);
    go_on(&c, &told, parents, n);
    tell(&c, &told, n);
    check_told(&c, &told);
  }
  return c.cap;
}

START_TEST(hypotheses_keep_their_rows) {
  Arena *arena = arena_new();
  (void)search(arena, (uint64_t)_i, false);
  arena_free(arena);
}
END_TEST

/* Hypotheses that go on side by side need all rows; those of one parent only its own and theirs. */
START_TEST(room_is_for_what_is_alive) {
  Arena *arena = arena_new();
  int cap = search(arena, 1, true);
  ck_assert_int_ge(cap, STEPS + ROWS);
  ck_assert_int_le(cap, 4 * (STEPS + ROWS));
  Cache c = cache_new(arena, &size);
  Told told = {0};
  int all = c.cap; /* rows that it has taken */
  for (int t = 0; t < STEPS; t++) {
    int before = c.cap;
    tell(&c, &told, ROWS);
    all += c.cap > before ? c.cap : 0;
  }
  check_told(&c, &told);
  ck_assert_int_eq(c.cap, STEPS * ROWS);
  ck_assert_double_eq(all, ROWS * cache_room(4, STEPS));
  arena_free(arena);
}
END_TEST

/* Room for all from the start closes up as often as it must, however little of it is free. */
START_TEST(no_room_to_grow) {
  Arena *arena = arena_new();
  Cache c = cache_new(arena, &(CacheSize){LAYERS, WIDTH, ROWS, 1000, STEPS});
  Told told = {0};
  ck_assert_int_eq(c.cap, STEPS * ROWS);
  for (int t = 0; t < STEPS; t++) {
    static const int parents[ROWS] = {0, 1, 2, 3, 4, 4};
    if (t > 0) go_on(&c, &told, parents, ROWS);
    tell(&c, &told, ROWS);
  }
  check_told(&c, &told);
  ck_assert_int_eq(c.cap, STEPS * ROWS);
  arena_free(arena);
}
END_TEST

START_TEST(no_heap_once_warm) {
  Arena *arena = arena_new();
  unsigned long calls = 0;
  for (int round = 0; round < 4; round++) {
    if (round == 3) calls = mem_calls();
    arena_reset(arena);
    (void)search(arena, 5, false);
  }
  ck_assert_uint_eq(mem_calls(), calls);
  arena_free(arena);
}
END_TEST

Suite *test_cache(void);
Suite *test_cache(void) {
  Suite *s = suite_create("cache");
  TCase *t = tcase_create("cache");
  tcase_add_loop_test(t, hypotheses_keep_their_rows, 1, 30);
  tcase_add_test(t, room_is_for_what_is_alive);
  tcase_add_test(t, no_room_to_grow);
  tcase_add_test(t, no_heap_once_warm);
  suite_add_tcase(s, t);
  return s;
}
