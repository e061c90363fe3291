/* What looks carry while hypotheses are chosen anew: test_carry. */
#include <check.h>

#include "nn/carry.h"

static Tensor make(Arena *arena, int rows, int cols, real first) {
  Tensor t = {.x = arena_alloc(arena, (size_t)(rows * cols), sizeof(real)), .rows = rows, .cols = cols, .ld = cols};
  for (int i = 0; i < rows * cols; i++) t.x[i] = first + (real)i;
  return t;
}

/* Step t gives each row t more numbers; hypotheses cross, double and die. */
START_TEST(rows_grow) {
  static const int parents[][3] = {{0, 1, 1}, {2, 0, 0}, {1, 1, 2}, {2, 1, 0}};
  Arena *lasting = arena_new(), *passing = arena_new();
  CarryRoom room = {.arena = lasting, .rows = 3};
  const real *last = NULL;
  int moves = 0;
  for (int t = 0; t < 4; t++) {
    int cols = 1 + t * (t + 1) / 2;
    Carried from = {{make(passing, 3, cols, (real)(100 * t))}};
    carry_select(&room, &from, parents[t], 3);
    ck_assert_int_eq(room.now.of[0].rows, 3);
    ck_assert_int_eq(room.now.of[0].cols, cols);
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < cols; c++)
        ck_assert_double_eq((double)tensor_row(&room.now.of[0], r)[c], 100.0 * t + parents[t][r] * cols + c);
    moves += room.now.of[0].x != last;
    last = room.now.of[0].x;
    arena_reset(passing);
  }
  ck_assert_int_eq(moves, 3); /* rows want 3, 6, 12 and 21 numbers; there is room for 3, 12, 12 and 42 */
  arena_free(lasting);
  arena_free(passing);
}
END_TEST

/* Fewer hypotheses than there is room for, and then more again. */
START_TEST(rows_come_and_go) {
  static const int first[] = {1, 0}, second[] = {1, 0, 1, 0};
  Arena *arena = arena_new();
  CarryRoom room = {.arena = arena, .rows = 4};
  Carried from = {{make(arena, 2, 3, 0)}};
  carry_select(&room, &from, first, 2);
  const real *at = room.now.of[0].x;
  Carried half = carry_rows(&room.now, 1);
  ck_assert_int_eq(half.of[0].rows, 1);
  ck_assert_double_eq((double)half.of[0].x[2], 5);
  carry_select(&room, &from, second, 4);
  ck_assert_ptr_eq(room.now.of[0].x, at);
  for (int r = 0; r < 4; r++) ck_assert_double_eq((double)tensor_row(&room.now.of[0], r)[0], 3.0 * second[r]);
  arena_free(arena);
}
END_TEST

Suite *test_carry(void);
Suite *test_carry(void) {
  Suite *s = suite_create("carry");
  TCase *t = tcase_create("carry");
  tcase_add_test(t, rows_grow);
  tcase_add_test(t, rows_come_and_go);
  suite_add_tcase(s, t);
  return s;
}
