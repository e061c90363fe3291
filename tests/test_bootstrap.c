#include "eval/bootstrap.h"

#include <check.h>
#include <math.h>

#include "eval/accuracy.h"

static const MetricOptions options = {0};

enum { SAMPLES = 2000, ROWS = 100 };

/* A part p of the rows right: the accuracy of a sample is binomial. */
static void make_rows(double rows[2 * ROWS], double p) {
  for (int i = 0; i < ROWS; i++) {
    rows[2 * i] = i < p * ROWS;
    rows[2 * i + 1] = 1;
  }
}

/* Normal approximation of 30 % of 100: standard error sqrt(.3 * .7 / 100) = 4.58 %, 95 % within 1.96 of them. */
START_TEST(interval_of_a_share) {
  double rows[2 * ROWS], scores[SAMPLES], mean, half_width;
  make_rows(rows, 0.3);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 7, SAMPLES, scores);
  bootstrap_interval(scores, SAMPLES, &mean, &half_width);
  ck_assert_double_eq_tol(mean, 30, 0.5);
  ck_assert_double_eq_tol(half_width, 1.96 * 4.58, 1);
}
END_TEST

START_TEST(same_seed_same_lines) {
  double rows[2 * ROWS], one[SAMPLES], two[SAMPLES];
  int differ = 0;
  make_rows(rows, 0.5);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 1, SAMPLES, one);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 1, SAMPLES, two);
  for (int i = 0; i < SAMPLES; i++) ck_assert_double_eq(one[i], two[i]);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 2, SAMPLES, two);
  for (int i = 0; i < SAMPLES; i++) differ += one[i] < two[i] || one[i] > two[i];
  ck_assert_int_gt(differ, SAMPLES / 2);
}
END_TEST

START_TEST(interval_leaves_out_a_fortieth) {
  double scores[80], mean, half_width;
  for (int i = 0; i < 80; i++) scores[i] = (37 * i) % 80; /* 0 .. 79 */
  bootstrap_interval(scores, 80, &mean, &half_width);
  ck_assert_double_eq_tol(mean, 39.5, 1e-9);
  ck_assert_double_eq(half_width, (77 - 2) / 2.0);
  bootstrap_interval(scores, 1, &mean, &half_width);
  ck_assert_double_eq(half_width, 0);
}
END_TEST

START_TEST(p_counts_other_signs) {
  const double a[] = {5, 5, 5, 5}, b[] = {4, 6, 5, 1};
  ck_assert_double_eq(bootstrap_p(a, b, 4, 1), 0.5);
  ck_assert_double_eq(bootstrap_p(a, b, 4, -0.1), 0.75);
  ck_assert_double_eq(bootstrap_p(a, b, 4, 0), 1);
}
END_TEST

/* Two more lines right of 100, all others alike: p is near the chance to draw neither, .98^100. */
START_TEST(p_of_nearly_equal_systems) {
  double rows[2 * ROWS], a[SAMPLES], b[SAMPLES];
  make_rows(rows, 0.32);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 5, SAMPLES, a);
  make_rows(rows, 0.30);
  bootstrap_scores(&accuracy_metric, &options, rows, ROWS, 5, SAMPLES, b);
  ck_assert_double_eq_tol(bootstrap_p(a, b, SAMPLES, 2), pow(0.98, 100), 0.03);
}
END_TEST

Suite *test_bootstrap(void);
Suite *test_bootstrap(void) {
  Suite *s = suite_create("bootstrap");
  TCase *t = tcase_create("bootstrap");
  tcase_add_test(t, interval_of_a_share);
  tcase_add_test(t, same_seed_same_lines);
  tcase_add_test(t, interval_leaves_out_a_fortieth);
  tcase_add_test(t, p_counts_other_signs);
  tcase_add_test(t, p_of_nearly_equal_systems);
  suite_add_tcase(s, t);
  return s;
}
