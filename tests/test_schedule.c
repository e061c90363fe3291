/* Learning rates over time, by hand. */
#include "train/schedule.h"

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
    schedule_validated(&config, &state, false, 10);
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
    schedule_validated(&config, &state, seen[i].better, 1);
    schedule_epoch(&config, &state, i + 1);
    expect(&config, &state, 7 + i, seen[i].lr);
  }
}
END_TEST

START_TEST(plateau_of_patience_one) {
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  config.schedule.patience = 1;
  ScheduleState state = fresh;
  schedule_validated(&config, &state, false, 1);
  expect(&config, &state, 1, 0.4);
  schedule_validated(&config, &state, false, 1);
  expect(&config, &state, 1, 0.2);
}
END_TEST

START_TEST(luong_halves_from_an_epoch_on) {
  static const double lr[] = {0.8, 0.8, 0.4, 0.2, 0.1}; /* after epochs 1 .. 5, start_epoch 3 */
  TrainConfig config = config_of(SCHEDULE_luong, 2);
  ScheduleState state = fresh;
  for (int epoch = 1; epoch <= 5; epoch++) {
    schedule_validated(&config, &state, false, 1);
    schedule_epoch(&config, &state, epoch);
    expect(&config, &state, 10 * epoch, lr[epoch - 1]);
  }
  expect(&config, &state, 1, 0.05); /* the factors also hold during a warm-up */
}
END_TEST

/* 11 updates an epoch, 50 that a validation stands for: the fifth in a row without a better metric is the first after
 * 50 updates, whether or not validations alone would have been enough. An epoch of 454 updates waits for no other. */
START_TEST(plateau_waits_for_updates) {
  static const double lr[] = {0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.4, 0.2};
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  config.schedule.patience = 1;
  config.patience_updates = 50;
  ScheduleState state = fresh;
  for (int i = 0; i < (int)(sizeof lr / sizeof *lr); i++) {
    schedule_validated(&config, &state, false, 11 * (state.stalled + 1));
    expect(&config, &state, 11 * i + 1, lr[i]);
  }
  for (int i = 0; i < 4; i++) schedule_validated(&config, &state, false, 11 * (state.stalled + 1));
  schedule_validated(&config, &state, true, 55);
  expect(&config, &state, 200, 0.2);
  ck_assert_int_eq(state.stalled, 0);
  schedule_validated(&config, &state, false, 454);
  expect(&config, &state, 1000, 0.1);
  schedule_validated(&config, &state, false, 454);
  expect(&config, &state, 2000, 0.05);
}
END_TEST

/* A patience of n validations is one of n times the updates. */
START_TEST(patience_counts_both) {
  static const struct {
    int validations, stalled;
    long updates;
    bool waited;
  } seen[] = {{1, 1, 49, false},
              {1, 1, 50, true},
              {1, 0, 5000, false},
              {3, 3, 149, false},
              {3, 3, 150, true},
              {3, 2, 150, false},
              {3, 14, 149, false},
              {3, 14, 150, true},
              {5, 5, 250, true},
              {1000000000, 1000000000, 49999999999, false},
              {1000000000, 1000000000, 50000000000, true}};
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  config.patience_updates = 50;
  for (int i = 0; i < (int)(sizeof seen / sizeof *seen); i++)
    ck_assert_msg(schedule_waited(&config, seen[i].validations, seen[i].stalled, seen[i].updates) == seen[i].waited,
                  "row %d", i);
  config.patience_updates = 0;
  ck_assert(schedule_waited(&config, 3, 3, 3));
  ck_assert(!schedule_waited(&config, 3, 2, 1000000));
}
END_TEST

static void stall(const TrainConfig *config, ScheduleState *state, int epoch) {
  if (config->schedule.type == SCHEDULE_plateau) schedule_validated(config, state, false, 1);
  else schedule_epoch(config, state, epoch);
}

static const ScheduleKind falling[] = {SCHEDULE_plateau, SCHEDULE_luong};

START_TEST(the_rate_has_a_floor) {
  static const double lr[] = {0.4, 0.2, 0.15, 0.15, 0.15};
  TrainConfig config = config_of(falling[_i], 0);
  config.schedule.patience = config.schedule.start_epoch = 1;
  config.schedule.min_lr = 0.15;
  ScheduleState state = fresh;
  for (int i = 0; i < 5; i++) {
    stall(&config, &state, i + 1);
    expect(&config, &state, i + 1, lr[i]);
    ck_assert(!schedule_dead(&state));
  }
  state.scale = 0.0625; /* of a training that knew no floor: 0.05 */
  stall(&config, &state, 9);
  expect(&config, &state, 9, 0.05);
}
END_TEST

/* 0.5^9 = 0.00195, 0.5^10 = 0.00098. */
START_TEST(a_thousandth_is_dead) {
  TrainConfig config = config_of(falling[_i], 0);
  config.schedule.patience = config.schedule.start_epoch = 1;
  config.schedule.min_lr = 0.8 / 1000;
  ScheduleState state = fresh;
  for (int i = 1; i <= 12; i++) {
    stall(&config, &state, i);
    ck_assert(schedule_dead(&state) == (i >= 10));
  }
  expect(&config, &state, 1, 0.0008);
  config.schedule.min_lr = 0;
  state = fresh;
  for (int i = 1; i <= 10; i++) stall(&config, &state, i);
  expect(&config, &state, 1, 0.8 / 1024);
  ck_assert(schedule_dead(&state));
}
END_TEST

/* What is dead is waited for, not lowered: the count goes on. */
START_TEST(a_dead_rate_stalls) {
  TrainConfig config = config_of(SCHEDULE_plateau, 0);
  ScheduleState state = {1.0 / 1024, 0};
  for (int i = 1; i <= 5; i++) {
    schedule_validated(&config, &state, false, i);
    ck_assert_int_eq(state.stalled, i);
  }
  expect(&config, &state, 1, 0.8 / 1024);
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
  tcase_add_test(t, plateau_waits_for_updates);
  tcase_add_test(t, patience_counts_both);
  tcase_add_loop_test(t, the_rate_has_a_floor, 0, 2);
  tcase_add_loop_test(t, a_thousandth_is_dead, 0, 2);
  tcase_add_test(t, a_dead_rate_stalls);
  suite_add_tcase(s, t);
  return s;
}
