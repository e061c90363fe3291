/* How a tuning's budget is spent, by hand. */
#include "train/tune_plan.h"

#include <check.h>

static void expect_rung(const TuneRung *rung, int n_draws, int n_folds, long updates) {
  ck_assert_int_eq(rung->n_draws, n_draws);
  ck_assert_int_eq(rung->n_folds, n_folds);
  ck_assert_int_eq(rung->updates, updates);
}

/* An eighth of 16000 is 2000 updates at the last of four rungs, 2000 / 27 = 74 at the first. 54 draws, then a third, a
 * ninth and a twenty-seventh of them and two: 54 * 74 + 20 * 148 + 8 * 444 + 4 * 1332 = 15836; 55 would take 17834. */
START_TEST(a_budget_without_folds) {
  TunePlan plan = tune_plan_make(16000, 1);
  ck_assert_int_eq(plan.n_rungs, 4);
  expect_rung(&plan.rungs[0], 54, 1, 74);
  expect_rung(&plan.rungs[1], 20, 1, 222);
  expect_rung(&plan.rungs[2], 8, 1, 666);
  expect_rung(&plan.rungs[3], 4, 1, 1998);
  ck_assert_double_eq_tol(tune_plan_cost(&plan, 0), 15836, 1e-9);
  ck_assert_double_eq_tol(tune_plan_cost(&plan, 2), 8 * 444 + 4 * 1332, 1e-9);
}
END_TEST

/* 24000 / (8 * 3) = 1000, / 27 = 37. A draw takes 37, then 2 * 111 - 37 = 185, 3 * 333 - 222 = 777 and
 * 5 * 999 - 999 = 3996: 36 * 37 + 14 * 185 + 6 * 777 + 4 * 3996 = 24568 is too much, 27 draws with 11, 5 and 3 are
 * 999 + 2035 + 3885 + 11988 = 18907; 28 would need 4 at the last: 1036 + 12 * 185 + 6 * 777 + 15984 = 23902, which is
 * within it, as are 29 and 30 with 12 and 6: 1110 + 2220 + 4662 + 15984 = 23976; 31 need 13: 24198. */
START_TEST(folds_come_one_by_one) {
  TunePlan plan = tune_plan_make(24000, 5);
  ck_assert_int_eq(plan.n_rungs, 4);
  expect_rung(&plan.rungs[0], 30, 1, 37);
  expect_rung(&plan.rungs[1], 12, 2, 111);
  expect_rung(&plan.rungs[2], 6, 3, 333);
  expect_rung(&plan.rungs[3], 4, 5, 999);
  ck_assert_double_eq_tol(tune_plan_cost(&plan, 0), 23976, 1e-9);
}
END_TEST

/* 100 / 8 = 12 updates are too few to be told apart at a third of them: one rung, of 8 draws. */
START_TEST(little_is_not_halved) {
  TunePlan plan = tune_plan_make(100, 1);
  ck_assert_int_eq(plan.n_rungs, 1);
  expect_rung(&plan.rungs[0], 8, 1, 12);
  plan = tune_plan_make(1, 1);
  ck_assert_int_eq(plan.n_rungs, 1);
  expect_rung(&plan.rungs[0], 1, 1, 1);
}
END_TEST

/* 20 draws of 222 updates have 10 seconds an update together, so half a second each. From rung 1 by a factor of 2:
 * 148, 296, 592 (multiples of 74): 20 * 74 + 8 * 148 + 4 * 296 = 3848 updates, half a second each: 1924 s. By 2.25,
 * 166.5 is 148 again, then 333 is 296, 666 is 592: the same; by 2.5 185 is 148, 370 is 370 and 925: 20 * 74 + 8 * 222 +
 * 4 * 555 = 5476, 2738 s. */
START_TEST(the_rest_fits_the_time) {
  TunePlan plan = tune_plan_make(16000, 1);
  tune_plan_fit(&plan, 1, 10, 1950);
  ck_assert_int_eq(plan.rungs[1].updates, 148);
  ck_assert_int_eq(plan.rungs[2].updates, 296);
  ck_assert_int_eq(plan.rungs[3].updates, 592);
  plan = tune_plan_make(16000, 1);
  tune_plan_fit(&plan, 1, 10, 1e9);
  ck_assert_int_eq(plan.rungs[1].updates, 444);
  plan = tune_plan_make(16000, 1);
  tune_plan_fit(&plan, 1, 10, 0);
  ck_assert_int_eq(plan.rungs[1].updates, 148);
  ck_assert_int_eq(plan.rungs[3].updates, 296);
}
END_TEST

/* Five draws of 592 updates have taken 10 seconds an update together, the three that may go on 6: to 888 updates, one
 * and a half times as many, they take 1776 s, to 3552, six times, 17760. */
START_TEST(what_is_left_is_for_the_best) {
  const TunePlan four = {{{20, 1, 74}, {9, 1, 148}, {5, 1, 592}}, 3};
  TunePlan plan = four;
  ck_assert(!tune_plan_more(&plan, 10, 1775));
  ck_assert_int_eq(plan.n_rungs, 3);
  ck_assert(tune_plan_more(&plan, 10, 1776));
  ck_assert(plan.n_rungs == 4 && plan.rungs[3].n_draws == 3 && plan.rungs[3].updates == 888);
  plan = four;
  ck_assert(tune_plan_more(&plan, 10, 17760) && tune_plan_more(&plan, 1, 1e9) && tune_plan_more(&plan, 1, 1e9));
  ck_assert_int_eq(plan.rungs[3].updates, 3552);
  ck_assert(plan.n_rungs == TUNE_PLAN_MOST && !tune_plan_more(&plan, 1, 1e9));
}
END_TEST

Suite *test_tune_plan(void);
Suite *test_tune_plan(void) {
  Suite *s = suite_create("tune_plan");
  TCase *t = tcase_create("tune_plan");
  tcase_add_test(t, a_budget_without_folds);
  tcase_add_test(t, folds_come_one_by_one);
  tcase_add_test(t, little_is_not_halved);
  tcase_add_test(t, the_rest_fits_the_time);
  tcase_add_test(t, what_is_left_is_for_the_best);
  suite_add_tcase(s, t);
  return s;
}
