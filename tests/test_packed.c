/* Sentences of unequal length as rows without padding. */
#include "num/packed.h"

#include <check.h>

#include "base/rng.h"

/* Lengths 2, 4, 1, 4: places 1, 3, 0, 2 hold sentences of lengths 4, 4, 2, 1. */
START_TEST(by_hand) {
  static const int length[] = {2, 4, 1, 4}, order[] = {1, 3, 0, 2}, place[] = {2, 0, 3, 1};
  static const int active[] = {4, 3, 2, 2}, start[] = {0, 4, 7, 9, 11};
  static const int sentence[] = {1, 3, 0, 2, 1, 3, 0, 1, 3, 1, 3}, step[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3};
  Arena *arena = arena_new();
  const Packed *p = packed_new(arena, length, 4);
  ck_assert(p->n_sent == 4 && p->n_steps == 4 && p->n_rows == 11);
  ck_assert_mem_eq(p->order, order, sizeof order);
  ck_assert_mem_eq(p->place, place, sizeof place);
  ck_assert_mem_eq(p->length, length, sizeof length);
  ck_assert_mem_eq(p->active, active, sizeof active);
  ck_assert_mem_eq(p->start, start, sizeof start);
  ck_assert_mem_eq(p->sentence, sentence, sizeof sentence);
  ck_assert_mem_eq(p->step, step, sizeof step);
  ck_assert_int_eq(packed_row(p, 0, 1), 6);
  arena_free(arena);
}
END_TEST

START_TEST(one_sentence_of_one_token) {
  Arena *arena = arena_new();
  const Packed *p = packed_new(arena, (int[]){1}, 1);
  ck_assert(p->n_steps == 1 && p->n_rows == 1 && p->active[0] == 1 && p->start[1] == 1 && packed_row(p, 0, 0) == 0);
  arena_free(arena);
}
END_TEST

/* Every token has one row, rows of a step adjoin, and a step's sentences are the first of the step before. */
START_TEST(any_lengths) {
  enum { MOST = 30 };
  uint64_t key = rng_key(1, RNG_TEST, (uint64_t)_i, 0);
  int length[MOST], n = 1 + (int)rng_below(key, 0, MOST), rows = 0;
  for (int i = 0; i < n; i++) rows += length[i] = 1 + (int)rng_below(key, (uint64_t)i + 1, 9);
  Arena *arena = arena_new();
  const Packed *p = packed_new(arena, length, n);
  ck_assert_int_eq(p->n_rows, rows);
  ck_assert_int_eq(p->start[p->n_steps], rows);
  for (int s = 0; s < n; s++) {
    ck_assert_int_eq(p->order[p->place[s]], s);
    for (int t = 0; t < length[s]; t++) {
      int row = packed_row(p, s, t);
      ck_assert_int_lt(row, p->start[t + 1]);
      ck_assert(p->sentence[row] == s && p->step[row] == t);
    }
  }
  for (int t = 0; t < p->n_steps; t++) ck_assert_int_eq(p->start[t + 1] - p->start[t], p->active[t]);
  for (int j = 1; j < n; j++) {
    int a = p->order[j - 1], b = p->order[j];
    ck_assert(length[a] > length[b] || (length[a] == length[b] && a < b));
  }
  arena_free(arena);
}
END_TEST

Suite *test_packed(void);
Suite *test_packed(void) {
  Suite *s = suite_create("packed");
  TCase *t = tcase_create("packed");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, one_sentence_of_one_token);
  tcase_add_loop_test(t, any_lengths, 0, 20);
  suite_add_tcase(s, t);
  return s;
}
