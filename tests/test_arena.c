#include "base/arena.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

START_TEST(aligned_and_apart) {
  enum { N = 200 };
  Arena *arena = arena_new();
  unsigned char *at[N];
  for (int i = 0; i < N; i++) {
    at[i] = arena_alloc(arena, (size_t)i * 37, 1);
    ck_assert_uint_eq((uintptr_t)at[i] % 64, 0);
    memset(at[i], i, (size_t)i * 37);
  }
  int n_wrong = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < i * 37; j++) n_wrong += at[i][j] != i;
  ck_assert_int_eq(n_wrong, 0);
  ck_assert_uint_ge(arena_capacity(arena), N * (N - 1) / 2 * 37);
  arena_free(arena);
  arena_free(NULL);
}
END_TEST

START_TEST(zero_is_zero_after_use) {
  Arena *arena = arena_new();
  ArenaMark start = arena_mark(arena);
  memset(arena_alloc(arena, 1000, 1), 7, 1000);
  arena_rewind(arena, start);
  const unsigned char *at = arena_zero(arena, 250, 4);
  for (int i = 0; i < 1000; i++) ck_assert_uint_eq(at[i], 0);
  arena_free(arena);
}
END_TEST

START_TEST(rewind_gives_the_same_place_again) {
  Arena *arena = arena_new();
  unsigned char *kept = arena_alloc(arena, 100, 1);
  memset(kept, 5, 100);
  ArenaMark mark = arena_mark(arena);
  void *first = arena_alloc(arena, 10, 8);
  (void)arena_alloc(arena, 1 << 20, 1); /* into another block */
  arena_rewind(arena, mark);
  ck_assert_ptr_eq(arena_alloc(arena, 10, 8), first);
  for (int i = 0; i < 100; i++) ck_assert_uint_eq(kept[i], 5);
  arena_free(arena);
}
END_TEST

/* All that was given out, over several blocks; what is shared lies in it or beside it. */
START_TEST(clears_and_shares_what_it_gave) {
  enum { N = 40, SIZE = 9000 };
  Arena *arena = arena_new();
  unsigned char *at[N];
  for (int i = 0; i < N; i++) memset(at[i] = arena_alloc(arena, SIZE, 1), 9, SIZE);
  size_t before = arena_capacity(arena);
  memset(arena_share(arena, SIZE, 4), 8, (size_t)4 * SIZE);
  ck_assert_uint_eq(arena_capacity(arena), before);
  memset(arena_share(arena, before, 2), 8, 2 * before);
  ck_assert_uint_ge(arena_capacity(arena), 3 * before);
  arena_clear(arena);
  int wrong = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < SIZE; j++) wrong += at[i][j] != 0;
  ck_assert_int_eq(wrong, 0);
  arena_free(arena);
}
END_TEST

#ifdef DEBUG_FILL
START_TEST(rewound_memory_is_nan) {
  Arena *arena = arena_new();
  ArenaMark mark = arena_mark(arena);
  float *at = arena_zero(arena, 4, sizeof *at);
  arena_rewind(arena, mark);
  ck_assert(isnan(at[0]));
  ck_assert(isnan(at[3]));
  arena_free(arena);
}
END_TEST
#endif

static void step(Arena *arena) {
  for (int i = 1; i < 40; i++) {
    ArenaMark mark = arena_mark(arena);
    (void)arena_alloc(arena, 3000, (size_t)i);
    if (i % 3 == 0) arena_rewind(arena, mark);
  }
  arena_reset(arena);
}

START_TEST(no_heap_calls_after_warm_up) {
  Arena *arena = arena_new();
  step(arena);
  unsigned long before = mem_calls();
  for (int i = 0; i < 100; i++) step(arena);
  ck_assert_uint_eq(mem_calls(), before);
  arena_free(arena);
}
END_TEST

START_TEST(reset_merges_blocks) {
  Arena *arena = arena_new();
  for (int i = 0; i < 10; i++) (void)arena_alloc(arena, 100000, 1);
  size_t capacity = arena_capacity(arena);
  arena_reset(arena);
  ck_assert_uint_eq(arena_capacity(arena), capacity);
  unsigned long before = mem_calls();
  (void)arena_alloc(arena, capacity, 1); /* fits as one piece */
  ck_assert_uint_eq(mem_calls(), before);
  arena_free(arena);
}
END_TEST

START_TEST(a_piece_larger_than_any_block) {
  Arena *arena = arena_new();
  (void)arena_alloc(arena, 1, 1);
  memset(arena_alloc(arena, 5000000, 1), 1, 5000000);
  memset(arena_alloc(arena, 5000000, 1), 2, 5000000);
  ck_assert_uint_ge(arena_capacity(arena), 10000000);
  arena_reset(arena);
  arena_reset(arena);
  arena_free(arena);
}
END_TEST

Suite *test_arena(void);
Suite *test_arena(void) {
  Suite *s = suite_create("arena");
  TCase *t = tcase_create("arena");
  tcase_add_test(t, aligned_and_apart);
  tcase_add_test(t, zero_is_zero_after_use);
  tcase_add_test(t, clears_and_shares_what_it_gave);
  tcase_add_test(t, rewind_gives_the_same_place_again);
#ifdef DEBUG_FILL
  tcase_add_test(t, rewound_memory_is_nan);
#endif
  tcase_add_test(t, no_heap_calls_after_warm_up);
  tcase_add_test(t, reset_merges_blocks);
  tcase_add_test(t, a_piece_larger_than_any_block);
  suite_add_tcase(s, t);
  return s;
}
