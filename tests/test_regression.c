/* Nadaraya-Watson regression: numbers by hand, slopes by differences, what is learned by trying all. */
#include "nn/regression.h"

#include <check.h>
#include <math.h>

#include "base/real.h"

static const double three_x[] = {0, 1, 3}, three_y[] = {0, 1, 2};
static const RegressionPoints three = {3, three_x, three_y};
enum { SINE = 40 };

/* A sine with a wobble instead of noise, far from 0. */
static RegressionPoints sine(double x[SINE], double y[SINE]) {
  for (int i = 0; i < SINE; i++) {
    x[i] = 2000 + 5.0 * i / SINE;
    y[i] = 1e6 + 2 * sin(x[i]) + x[i] + (i * 7 % 5 - 2) * 0.3;
  }
  return (RegressionPoints){SINE, x, y};
}

START_TEST(by_hand) {
  static const struct {
    ScoreKind kernel;
    double width, query, y, first;
  } cases[] = {{SCORE_gaussian, 1, .5, .5364, .4879}, {SCORE_gaussian, 2, .5, .5, .5},
               {SCORE_boxcar, 1, .5, .5, .5},         {SCORE_triangular, 1, .5, .5, .5},
               {SCORE_epanechnikov, 1, .5, .5, .5},   {SCORE_epanechnikov, .4, 1, .7818, .3818},
               {SCORE_triangular, 100, 2.9, 2, 0},    {SCORE_average, 1, 99, 1, .3333}};
  const Regression r = {&three, cases[_i].kernel, cases[_i].width};
  double y[2], queries[] = {cases[_i].query, cases[_i].query};
  float weights[6];
  regression_at(&r, queries, 2, y, weights);
  ck_assert_double_eq_tol(y[0], cases[_i].y, 6e-5);
  ck_assert_double_eq_tol((double)weights[0], cases[_i].first, 6e-5);
  ck_assert_double_eq_tol((double)weights[0] + (double)weights[1] + (double)weights[2], 1, 1e-6);
  ck_assert(y[1] == y[0] && weights[3] == weights[0]);
}
END_TEST

/* Of two points each is estimated as the other. */
START_TEST(error_by_hand) {
  static const double x[] = {4, 7}, y[] = {1, 3};
  const RegressionPoints two = {2, x, y};
  const Regression r = {&two, SCORE_gaussian, 0.7};
  double slope;
  ck_assert_double_eq_tol(regression_error(&r, &slope), 4, 1e-6);
  ck_assert_double_eq_tol(slope, 0, 1e-6);
  const Regression mean = {&three, SCORE_average, 1};
  ck_assert_double_eq_tol(regression_error(&mean, &slope), 1.5 * 1.5 * 2 / 3, 1e-6); /* 0 of 1.5, 1 of 1, 2 of .5 */
}
END_TEST

START_TEST(slope_by_differences) {
  static const ScoreKind kernels[] = {SCORE_gaussian, SCORE_triangular, SCORE_epanechnikov};
  static const double widths[] = {0.43, 1.3, 3.1};
  double x[SINE], y[SINE], slope, step = REAL_IS_DOUBLE ? 1e-5 : 1e-2;
  const RegressionPoints p = sine(x, y);
  const Regression r = {&p, kernels[_i / 3], widths[_i % 3]}, low = {&p, r.kernel, r.width - step},
                   high = {&p, r.kernel, r.width + step};
  (void)regression_error(&r, &slope);
  double by_differences = (regression_error(&high, NULL) - regression_error(&low, NULL)) / (2 * step);
  ck_assert_double_eq_tol(slope, by_differences, (REAL_IS_DOUBLE ? 1e-6 : 2e-2) * fmax(1, fabs(slope)));
}
END_TEST

/* No width of a fine row of them is better than the one learned. */
START_TEST(learns_the_best) {
  static const ScoreKind kernels[] = {SCORE_gaussian, SCORE_triangular, SCORE_epanechnikov};
  double x[SINE], y[SINE];
  const RegressionPoints p = sine(x, y);
  const Regression learned = {&p, kernels[_i], regression_learn(&p, kernels[_i])};
  double error = regression_error(&learned, NULL);
  for (int k = 0; k < 120; k++) {
    const Regression other = {&p, kernels[_i], 0.1 * pow(1.06, k)};
    ck_assert_double_le(error, regression_error(&other, NULL) * 1.001);
  }
}
END_TEST

/* What a point is estimated as does not hang on how many are estimated together. */
START_TEST(blocks_do_not_show) {
  enum { MANY = 700 };
  static double x[MANY], y[MANY], whole[MANY];
  for (int i = 0; i < MANY; i++) {
    x[i] = i * 0.01;
    y[i] = cos(x[i]);
  }
  const RegressionPoints p = {MANY, x, y};
  const Regression r = {&p, SCORE_epanechnikov, 7};
  double one, sum = 0;
  regression_at(&r, x, MANY, whole, NULL);
  for (int i = 0; i < MANY; i += 99) {
    regression_at(&r, x + i, 1, &one, NULL);
    ck_assert(one == whole[i]);
  }
  for (int i = 0; i < MANY; i++) { /* without itself, whose weight is K(0) = 1 */
    double all = 0;
    for (int k = 0; k < MANY; k++) all += fmax(0, 1 - pow(7 * (x[i] - x[k]), 2));
    sum += pow((whole[i] * all - y[i]) / (all - 1) - y[i], 2) / MANY;
  }
  ck_assert_double_eq_tol(regression_error(&r, NULL), sum, 1e-6);
}
END_TEST

Suite *test_regression(void);
Suite *test_regression(void) {
  Suite *s = suite_create("regression");
  TCase *t = tcase_create("regression");
  tcase_add_loop_test(t, by_hand, 0, 8);
  tcase_add_test(t, error_by_hand);
  tcase_add_loop_test(t, slope_by_differences, 0, 9);
  tcase_add_loop_test(t, learns_the_best, 0, 3);
  tcase_add_test(t, blocks_do_not_show);
  suite_add_tcase(s, t);
  return s;
}
