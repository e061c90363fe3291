/* The validations of a training, by hand. */
#include "train/history.h"

#include <check.h>
#include <string.h>

/* Updates 11, 22, 33, 44. */
static Json *four(void) {
  static const HistoryRow rows[] = {{11, 1, 2.5, 30}, {22, 2, 1.5, 50}, {33, 3, 1.25, 40}, {44, 4, 1.0, 50}};
  Json *history = json_new_array();
  for (int i = 0; i < 4; i++) history_add(history, &rows[i]);
  return history;
}

START_TEST(from_the_end) {
  Json *history = four();
  HistoryRow last = history_at(history, 0), first = history_at(history, 3);
  ck_assert(last.step == 44 && last.epoch == 4 && last.loss == 1.0 && last.metric == 50);
  ck_assert(first.step == 11 && first.epoch == 1 && first.loss == 2.5 && first.metric == 30);
  ck_assert(history_at(history, 4).step == 0);
  ck_assert(history_updates(history, 0) == 0 && history_updates(history, 1) == 11 && history_updates(history, 3) == 33);
  json_free(history);
}
END_TEST

START_TEST(best_and_least) {
  Json *history = four();
  ck_assert(history_best(history, 50).step == 44); /* of 22 and 44 */
  ck_assert(history_best(history, 40).step == 33);
  ck_assert(history_best(history, 45).step == 0);
  history_add(history, &(HistoryRow){55, 5, 1.0, 50});
  ck_assert(history_best(history, 50).step == 44 && history_least(history).step == 44);
  history_add(history, &(HistoryRow){66, 6, 0.5, 10});
  ck_assert(history_best(history, 50).step == 44 && history_least(history).step == 66);
  json_free(history);
}
END_TEST

START_TEST(damaged_rows_are_passed_over) {
  static const char text[] =
      "[7, {\"step\":\"x\",\"epoch\":1,\"loss\":0,\"metric\":0}, {\"step\":1e300,\"epoch\":1,\"loss\":0,\"metric\":0},"
      "{\"step\":9,\"epoch\":1,\"loss\":3,\"metric\":0}, {\"step\":10,\"epoch\":1,\"metric\":0}]";
  Err err = {0};
  Json *history = json_parse(text, strlen(text), "history", ERR_FILE, &err);
  ck_assert_msg(history != NULL, "%s", err.text);
  ck_assert(history_least(history).step == 9 && history_best(history, 0).step == 9);
  ck_assert(history_at(history, 0).step == 0 && history_at(history, 1).step == 9 && history_at(history, 4).step == 0);
  json_free(history);
}
END_TEST

/* 50 twice, of which the loss 1.0 is less; up to update 40 only the first of them. */
START_TEST(top_up_to_an_update) {
  Json *history = four();
  ck_assert(history_top(history, 44, false).step == 44 && history_top(history, 40, false).step == 22);
  ck_assert(history_top(history, 44, true).step == 11 && history_top(history, 10, true).step == 0);
  json_free(history);
}
END_TEST

START_TEST(none_yet) {
  Json *history = json_new_array();
  ck_assert(history_at(history, 0).step == 0 && history_least(history).step == 0);
  ck_assert(history_updates(history, 1) == 0);
  json_free(history);
}
END_TEST

Suite *test_history(void);
Suite *test_history(void) {
  Suite *s = suite_create("history");
  TCase *t = tcase_create("history");
  tcase_add_test(t, from_the_end);
  tcase_add_test(t, best_and_least);
  tcase_add_test(t, damaged_rows_are_passed_over);
  tcase_add_test(t, top_up_to_an_update);
  tcase_add_test(t, none_yet);
  suite_add_tcase(s, t);
  return s;
}
