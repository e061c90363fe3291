/* Learning rates over time, by hand. */
#include "run/schedule.h"

#include <check.h>

static const ScheduleState fresh = {1, 0};

static TrainConfig config_of(ScheduleKind type, int warmup) {
  return (TrainConfig){.optimizer = {.lr = 0.8},
                       .schedule = {.type = type, .warmup = warmup, .factor = 0.5, .patience = 2, .start_epoch = 3}};
}

static void expect(const TrainConfig *config, const ScheduleState *state, long update, double lr) {
  ck_assert_double_eq_tol(schedule_lr(config, state, update), lr, 1e-12);
}

START_TEST(warm_up_is_linear) {
  TrainConfig config = config_of((ScheduleKind)_i, 4);
  expect(&config, &fresh, 1, 0.2);
  expect(&config, &fresh, 2, 0.4);
  expect(&config, &fresh, 3, 0.6);
  expect(&config, &fresh, 4, 0.8);
}
END_TEST

START_TEST(no_warm_up) {
  TrainConfig config = config_of(SCHEDULE_constant, 0);
  expect(&config, &fresh, 1, 0.8);
  expect(&config, &fresh, 1000000, 0.8);
}
END_TEST

START_TEST(constant_stays) {
  TrainConfig config = config_of(SCHEDULE_constant, 4);
  ScheduleState state = fresh;
  for (int i = 1; i < 9; i++) {
    schedule_validated(&config, &state, false);
    schedule_epoch(&config, &state, i);
  }
  expect(&config, &state, 5, 0.8);
  expect(&config, &state, 500, 0.8);
}
END_TEST

START_TEST(inverse_sqrt_falls) {
  TrainConfig config = config_of(SCHEDULE_inverse_sqrt, 4);
  expect(&config, &fresh, 16, 0.4); /* sqrt(4 / 16) */
  expect(&config, &fresh, 100, 0.16);
  expect(&config, &fresh, 400, 0.08);
}
END_TEST

/* Patience 2: the second validation in a row without a better metric halves, and the count starts anew. */
START_TEST(plateau_is_patient) {
  static const struct {
    bool better;
    double lr;
  } seen[] = {{true, 0.8},  {false, 0.8}, {true, 0.8},  {false, 0.8}, {false, 0.4},
              {false, 0.4}, {false, 0.2}, {false, 0.2}, {true, 0.2},  {false, 0.2}};
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  ScheduleState state = fresh;
  for (int i = 0; i < (int)(sizeof seen / sizeof *seen); i++) {
    schedule_validated(&config, &state, seen[i].better);
    schedule_epoch(&config, &state, i + 1);
    expect(&config, &state, 7 + i, seen[i].lr);
  }
}
END_TEST

START_TEST(plateau_of_patience_one) {
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  config.schedule.patience = 1;
  ScheduleState state = fresh;
  schedule_validated(&config, &state, false);
  expect(&config, &state, 1, 0.4);
  schedule_validated(&config, &state, false);
  expect(&config, &state, 1, 0.2);
}
END_TEST

START_TEST(luong_halves_from_an_epoch_on) {
  static const double lr[] = {0.8, 0.8, 0.4, 0.2, 0.1}; /* after epochs 1 .. 5, start_epoch 3 */
  TrainConfig config = config_of(SCHEDULE_luong, 2);
  ScheduleState state = fresh;
  for (int epoch = 1; epoch <= 5; epoch++) {
    schedule_validated(&config, &state, false);
    schedule_epoch(&config, &state, epoch);
    expect(&config, &state, 10 * epoch, lr[epoch - 1]);
  }
  expect(&config, &state, 1, 0.05); /* the factors also hold during a warm-up */
}
END_TEST

Suite *test_schedule(void);
Suite *test_schedule(void) {
  Suite *s = suite_create("schedule");
  TCase *t = tcase_create("schedule");
  tcase_add_loop_test(t, warm_up_is_linear, 0, N_SCHEDULES);
  tcase_add_test(t, no_warm_up);
  tcase_add_test(t, constant_stays);
  tcase_add_test(t, inverse_sqrt_falls);
  tcase_add_test(t, plateau_is_patient);
  tcase_add_test(t, plateau_of_patience_one);
  tcase_add_test(t, luong_halves_from_an_epoch_on);
  suite_add_tcase(s, t);
  return s;
}
