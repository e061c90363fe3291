/* When a training ends, by hand: epochs of 11 updates, 50 that a validation stands for. */
#include "train/train_end.h"

#include <check.h>
#include <string.h>

#include "train/history.h"

static const TrainConfig config = {.epochs = 60,
                                   .early_stop = 3,
                                   .patience_updates = 50,
                                   .optimizer = {.lr = 0.1},
                                   .schedule = {.type = SCHEDULE_plateau, .patience = 1, .factor = 0.5}};

/* After `epochs` epochs with a validation each, `waiting` of them since the best and since the last factor. */
static void expect(const TrainConfig *c, TrainState state, int epochs, int waiting, const char *reason) {
  Json *history = json_new_array();
  for (int i = 1; i <= epochs; i++) history_add(history, &(HistoryRow){11L * i, i, 1, 1});
  state.epoch = epochs + 1;
  if (state.step == 0) state.step = 11L * epochs;
  state.waiting = state.schedule.stalled = waiting;
  const char *got = train_end_reason(c, &state, history);
  ck_assert_msg((got == NULL) == (reason == NULL), "%d, %d: %s", epochs, waiting, got == NULL ? "goes on" : got);
  if (reason != NULL) ck_assert_msg(strstr(got, reason) != NULL, "%s", got);
  json_free(history);
}

static const TrainState alive = {.schedule = {1, 0}}, dead = {.schedule = {0.001, 0}};

/* 3 times 50 updates are over with the 14th validation. */
START_TEST(early_stop_counts_updates) {
  expect(&config, alive, 30, 13, NULL);
  expect(&config, alive, 30, 14, "early_stop");
  TrainConfig c = config;
  c.patience_updates = 0;
  expect(&c, alive, 30, 2, NULL);
  expect(&c, alive, 30, 3, "early_stop");
  c.early_stop = 0;
  expect(&c, alive, 59, 58, NULL);
}
END_TEST

/* 50 updates are over with the 5th validation; between validations nothing ends. */
START_TEST(a_dead_rate_ends_it) {
  TrainConfig c = config;
  c.early_stop = 0;
  expect(&c, dead, 30, 4, NULL);
  expect(&c, dead, 30, 5, "learning rate");
  expect(&c, alive, 30, 5, NULL);
  TrainState later = dead;
  later.step = 331;
  expect(&c, later, 30, 5, NULL);
}
END_TEST

START_TEST(limits) {
  expect(&config, alive, 59, 0, NULL);
  expect(&config, alive, 60, 0, "epochs");
  TrainConfig c = config;
  c.updates = 110;
  expect(&c, alive, 9, 0, NULL);
  expect(&c, alive, 10, 0, "updates");
}
END_TEST

Suite *test_train_end(void);
Suite *test_train_end(void) {
  Suite *s = suite_create("train_end");
  TCase *t = tcase_create("train_end");
  tcase_add_test(t, early_stop_counts_updates);
  tcase_add_test(t, a_dead_rate_ends_it);
  tcase_add_test(t, limits);
  suite_add_tcase(s, t);
  return s;
}
