#include "base/err.h"

#include <check.h>
#include <signal.h>
#include <string.h>

#include "child.h"

START_TEST(set_replaces) {
  Err err = {0};
  ck_assert(!err_set(&err, ERR_FILE, "%s: %d", "a", 1));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_str_eq(err.text, "a: 1");
  ck_assert(!err_set(&err, ERR_USAGE, "b"));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(err.text, "b");
  err_clear(&err);
  ck_assert_int_eq(err.kind, ERR_NONE);
  ck_assert_str_eq(err.text, "");
}
END_TEST

START_TEST(add_gathers_lines) {
  Err err = {0};
  ck_assert(!err_add(&err, ERR_USAGE, "first"));
  ck_assert(!err_add(&err, ERR_FILE, "second %d", 2));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(err.text, "first\nsecond 2");
}
END_TEST

START_TEST(prefix_puts_context_before) {
  Err err = {0};
  (void)err_set(&err, ERR_FILE, "broken");
  ck_assert(!err_prefix(&err, "%s: line %d: ", "x.json", 7));
  ck_assert_str_eq(err.text, "x.json: line 7: broken");
  ck_assert_int_eq(err.kind, ERR_FILE);
}
END_TEST

START_TEST(long_texts_are_cut) {
  Err err = {0};
  char longer[2 * sizeof err.text];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  (void)err_set(&err, ERR_FILE, "%s", longer);
  ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
  (void)err_add(&err, ERR_FILE, "more");
  (void)err_prefix(&err, "where: ");
  ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
  ck_assert_int_eq(strncmp(err.text, "where: xxx", 10), 0);
  (void)err_prefix(&err, "%s", longer);
  ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

static void break_a_check(void *ctx) {
  int three = *(const int *)ctx;
  CHECK(three == 3, "never said");
  CHECK(three == 4, "shape [%d]", three);
}

START_TEST(check_names_the_bug_and_aborts) {
  int three = 3;
  char said[512];
  ck_assert_int_eq(child_run(break_a_check, &three, said, sizeof said), 128 + SIGABRT);
  ck_assert_msg(strstr(said, "test_err.c:") != NULL && strstr(said, ": bug: three == 4: shape [3]\n") != NULL, "%s",
                said);
}
END_TEST

Suite *test_err(void);
Suite *test_err(void) {
  Suite *s = suite_create("err");
  TCase *t = tcase_create("err");
  tcase_add_test(t, set_replaces);
  tcase_add_test(t, add_gathers_lines);
  tcase_add_test(t, prefix_puts_context_before);
  tcase_add_test(t, long_texts_are_cut);
  tcase_add_test(t, check_names_the_bug_and_aborts);
  suite_add_tcase(s, t);
  return s;
}
