#include "eval/accuracy.h"

#include <check.h>

START_TEST(counts_equal_lines) {
  Accuracy a = {0};
  ck_assert_double_eq(accuracy_percent(&a), 0);
  accuracy_add(&a, "ab", 2, "ab", 2);
  accuracy_add(&a, "abc", 2, "abd", 2); /* the third byte is not of the line */
  accuracy_add(&a, "", 0, "", 0);
  ck_assert_double_eq(accuracy_percent(&a), 100);
  accuracy_add(&a, "ab", 2, "a", 1);
  accuracy_add(&a, "a", 1, "ab", 2);
  accuracy_add(&a, "ab", 2, "aB", 2);
  ck_assert_int_eq(a.n_right, 3);
  ck_assert_int_eq(a.n_lines, 6);
  ck_assert_double_eq(accuracy_percent(&a), 50);
}
END_TEST

Suite *test_accuracy(void);
Suite *test_accuracy(void) {
  Suite *s = suite_create("accuracy");
  TCase *t = tcase_create("accuracy");
  tcase_add_test(t, counts_equal_lines);
  suite_add_tcase(s, t);
  return s;
}
