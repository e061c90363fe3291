/* Profiles, alone and on a tape. Nothing here depends on how long anything takes. */
#include "base/profile.h"

#include <check.h>
#include <string.h>

#include "ad/tape.h"
#include "num/blas.h"

START_TEST(rows_by_name_and_part) {
  Profile p = {0};
  profile_add(&p, &(ProfileRow){"a", "forward", 1, {10 * 1, 1}});
  profile_add(&p, &(ProfileRow){"a", "backward", 2, {10 * 2, 2}});
  profile_add(&p, &(ProfileRow){"b", "forward", 4, {10 * 4, 4}});
  profile_add(&p, &(ProfileRow){"a", "forward", 8, {10 * 8, 8}});
  ck_assert_int_eq(p.n, 3);
  ck_assert_double_eq(p.rows[0].seconds, 9);
  ck_assert_double_eq(p.rows[0].work.flops, 90);
  ck_assert_double_eq(p.rows[0].work.bytes, 9);
  ck_assert_double_eq(p.rows[1].seconds, 2);
  ck_assert_double_eq(p.rows[2].seconds, 4);
  profile_start(NULL);
  profile_lap(NULL, "a", "forward");
}
END_TEST

/* Laps leave no gaps: their sum is the time from the start to the last of them. */
START_TEST(laps_add_up) {
  Profile p = {0};
  profile_start(&p);
  double start = p.last, sum = 0;
  for (int i = 0; i < 5; i++) profile_lap(&p, i % 2 == 0 ? "even" : "odd", "");
  for (int i = 0; i < p.n; i++) sum += p.rows[i].seconds;
  ck_assert_int_eq(p.n, 2);
  ck_assert_double_eq_tol(sum, p.last - start, 1e-6);
}
END_TEST

/* 2 x 3 by 3 x 4 is 24 multiply-adds on 6 + 12 + 8 numbers. */
START_TEST(products_count) {
  real a[6] = {0}, b[12] = {0}, c[8];
  Profile p = {0};
  blas_gemm_nn(2, 4, 3, a, 3, b, 4, 0, c, 4);
  profile_start(&p);
  profile_lap(&p, "before", "");
  blas_gemm_nn(2, 4, 3, a, 3, b, 4, 0, c, 4);
  profile_lap(&p, "product", "");
  ck_assert_double_eq(p.rows[0].work.flops, 0);
  ck_assert_double_eq(p.rows[1].work.flops, 48);
  ck_assert_double_eq(p.rows[1].work.bytes, 26 * sizeof(real));
}
END_TEST

static void nothing(void *saved) { (void)saved; }

START_TEST(on_a_tape) {
  Profile p = {0};
  Tape tape = {.arena = arena_new(), .profile = &p};
  tape_push(&tape, "ignored", nothing, NULL); /* not recording */
  ck_assert_int_eq(p.n, 0);
  tape.recording = true;
  profile_start(&p);
  tape_push(&tape, "one", nothing, NULL);
  tape_push(&tape, "two", nothing, NULL);
  tape_backward(&tape);
  static const char *const expected[][2] = {
      {"one", "forward"}, {"two", "forward"}, {"two", "backward"}, {"one", "backward"}};
  ck_assert_int_eq(p.n, 4);
  for (int i = 0; i < p.n; i++) {
    ck_assert_str_eq(p.rows[i].name, expected[i][0]);
    ck_assert_str_eq(p.rows[i].part, expected[i][1]);
  }
  arena_free(tape.arena);
}
END_TEST

Suite *test_profile(void);
Suite *test_profile(void) {
  Suite *s = suite_create("profile");
  TCase *t = tcase_create("profile");
  tcase_add_test(t, rows_by_name_and_part);
  tcase_add_test(t, laps_add_up);
  tcase_add_test(t, products_count);
  tcase_add_test(t, on_a_tape);
  suite_add_tcase(s, t);
  return s;
}
