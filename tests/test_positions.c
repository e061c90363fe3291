/* Operations of positions against numbers worked out by hand. */
#include <check.h>
#include <math.h>

#include "ad/op.h"
#include "num/vec.h"

/* Sines and cosines of a pair that turns by 1 a position. */
static Tensor unit_turns(Tape *tape, int n) {
  Tensor *table = tape_tensor(tape, n, 2);
  for (int i = 0; i < n; i++) {
    tensor_row(table, i)[0] = (real)sin(i);
    tensor_row(table, i)[1] = (real)cos(i);
  }
  return *table;
}

/* (1,0) at m times (1,0) at n is cos(m - n): a common shift changes nothing. */
START_TEST(rotary_products_know_distances_only) {
  static const int index[] = {3, 1, 5, 3};
  Tape tape = {.arena = arena_new()};
  Tensor table = unit_turns(&tape, 6), *x = tape_zeros(&tape, 4, 2);
  for (int r = 0; r < 4; r++) tensor_row(x, r)[0] = 1;
  op_rotary(&tape, x, &table, index);
  ck_assert_double_eq_tol((double)tensor_row(x, 0)[0], cos(3), 1e-6);
  ck_assert_double_eq_tol((double)tensor_row(x, 0)[1], sin(3), 1e-6);
  for (int r = 0; r < 4; r += 2)
    ck_assert_double_eq_tol((double)vec_dot(tensor_row(x, r), tensor_row(x, r + 1), 2), -0.4161468365, 1e-6);
  arena_free(tape.arena);
}
END_TEST

START_TEST(placed_rows_are_scaled_and_moved) {
  static const int index[] = {2, 0};
  Tape tape = {.arena = arena_new()};
  Tensor table = unit_turns(&tape, 3), *x = tape_tensor(&tape, 2, 2), *y = tape_tensor(&tape, 2, 2);
  for (int i = 0; i < 4; i++) x->x[i] = (real)i;
  op_place(&tape, x, 3, &table, index, y);
  const double want[] = {sin(2), 3 + cos(2), 6, 9 + 1};
  for (int i = 0; i < 4; i++) ck_assert_double_eq_tol((double)y->x[i], want[i], 1e-6);
  op_place(&tape, x, 2, NULL, NULL, y);
  for (int i = 0; i < 4; i++) ck_assert(y->x[i] == (real)(2 * i));
  arena_free(tape.arena);
}
END_TEST

Suite *test_positions(void);
Suite *test_positions(void) {
  Suite *s = suite_create("positions");
  TCase *t = tcase_create("positions");
  tcase_add_test(t, rotary_products_know_distances_only);
  tcase_add_test(t, placed_rows_are_scaled_and_moved);
  suite_add_tcase(s, t);
  return s;
}
