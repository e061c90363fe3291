#include "eval/metric.h"

#include <check.h>
#include <string.h>

#include "capture.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static void expect_choice_error(const char *list, const char *message) {
  MetricSet set;
  Err err = {0};
  ck_assert(!metric_choose(&set, list, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(err.text, message);
}

START_TEST(choosing) {
  MetricSet set;
  Err err = {0};
  ck_assert(metric_choose(&set, "aer,accuracy", &err));
  ck_assert_int_eq(set.n, 2);
  ck_assert_str_eq(set.at[0]->name, "aer");
  ck_assert_str_eq(set.at[1]->name, "accuracy");
  ck_assert(metric_choose(&set, "accuracy", &err) && set.n == 1);
  expect_choice_error("aer,acuracy",
                      "\"acuracy\" is not a metric; did you mean \"accuracy\"? There are: accuracy, aer");
  expect_choice_error("", "\"\" is not a metric; there are: accuracy, aer");
  expect_choice_error("aer,", "\"\" is not a metric; there are: accuracy, aer");
  expect_choice_error("AER and more", "\"AER and more\" is not a metric; there are: accuracy, aer");
  expect_choice_error("aer,accuracy,aer", "the metric \"aer\" is named twice");
}
END_TEST

/* What is printed, or the error. */
static Str run_both(const char *metrics, const char *hypothesis, const char *reference, bool json, ErrKind kind) {
  MetricSet set;
  MetricReport report;
  Err err = {0};
  Str out = {0};
  const char *h = scratch_text(&scratch, "h", hypothesis), *r = scratch_text(&scratch, "r", reference);
  ck_assert(metric_choose(&set, metrics, &err));
  bool ok = metric_run(&set, h, r, NULL, &report, &err);
  ck_assert_int_eq(err.kind, kind);
  if (!ok) str_adds(&out, err.text);
  else if (json) metric_print_json(&out, &report);
  else metric_print(&out, &report);
  return out;
}

static void expect(const char *metrics, const char *hypothesis, const char *reference, const char *want) {
  Str got = run_both(metrics, hypothesis, reference, false, ERR_NONE);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

START_TEST(accuracy_of_files) {
  expect("accuracy", "a b\nc\nd\n", "a b\nC\nd\n", "accuracy = 66.67\n");
  expect("accuracy", "a\r\n\n", "a\n\n", "accuracy = 100.00\n");
  expect("accuracy", "a\n", "a \n", "accuracy = 0.00\n");
}
END_TEST

START_TEST(several_at_once) {
  expect("accuracy,aer", "0-0 1-1\n0-0\n", "1-1 0-0\n0-0\n",
         "accuracy = 50.00\naer = 0.00\nprecision = 100.00\nrecall = 100.00\n");
  Str got = run_both("aer,accuracy", "0-0 1-1\n0-0\n0-0\n", "1-1 0-0\n0-0\n1-1\n", true, ERR_NONE);
  ck_assert_str_eq(str_text(&got), "{\"aer\":25,\"precision\":75,\"recall\":75,\"accuracy\":33.333333333333336}\n");
  str_free(&got);
}
END_TEST

static void expect_error(const char *metrics, const char *hypothesis, const char *reference, const char *message) {
  Str got = run_both(metrics, hypothesis, reference, false, ERR_FILE);
  ck_assert_msg(strstr(str_text(&got), message) != NULL, "\"%s\" is not in \"%s\"", message, str_text(&got));
  str_free(&got);
}

START_TEST(errors_of_files) {
  expect_error("accuracy", "a\nb\n", "a\nb\nc\nd\ne", "/h: 2 lines, ");
  expect_error("accuracy", "a\nb\n", "a\nb\nc\nd\ne", "/r: 5 lines; each line");
  expect_error("accuracy", "a\nb\nc\n", "", "/h: 3 lines, ");
  expect_error("accuracy", "a\nb\nc\n", "", "/r: 0 lines; each line");
  expect_error("accuracy", "", "", "have no lines; there is nothing to compare");
  expect_error("aer", "0-0\n0-1\n", "0-0\n0.1\n", "/r:2: \"0.1\" is not a link");
  expect_error("aer", "0-0\nx\n", "0-0\n0.1\n", "/h:2: \"x\" is not a link");
  expect_error("aer", "0-0\n2?1\n", "0-0\n2?1\n",
               "/h:2: 2?1: only a reference tells possible links from sure ones; write 2-1");
}
END_TEST

START_TEST(the_command) {
  const char *h = scratch_text(&scratch, "h", "a\nb\n"), *r = scratch_text(&scratch, "r", "a\nc\n");
  capture_expect(&scratch, (const char *[]){"evaluate", "accuracy", h, r, NULL}, 0, "accuracy = 50.00\n", "");
  capture_expect(&scratch, (const char *[]){"evaluate", "--json", "accuracy", h, r, NULL}, 0, "{\"accuracy\":50}\n",
                 "");
  capture_expect(&scratch, (const char *[]){"evaluate", "accuracy", "-", "-", NULL}, 2, "",
                 "attn-seq2seq: only one of the two files can be standard input (\"-\")\n");
  capture_expect(&scratch, (const char *[]){"evaluate", "aerr", h, r, NULL}, 2, "",
                 "attn-seq2seq: evaluate: \"aerr\" is not a metric; did you mean \"aer\"? There are: accuracy, aer\n");
}
END_TEST

START_TEST(the_command_warns_of_broken_text) {
  const char *h = scratch_text(&scratch, "h", "a\n\xFF\n"), *r = scratch_text(&scratch, "r", "a\nc\n");
  Capture capture = capture_run(&scratch, (const char *[]){"evaluate", "accuracy", h, r, NULL});
  ck_assert_int_eq(capture.status, 0);
  ck_assert_str_eq(str_text(&capture.out), "accuracy = 50.00\n");
  ck_assert_ptr_nonnull(strstr(str_text(&capture.message), "/h:2: invalid UTF-8"));
  capture_free(&capture);
}
END_TEST

Suite *test_metric(void);
Suite *test_metric(void) {
  Suite *s = suite_create("metric");
  TCase *t = tcase_create("metric");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, choosing);
  tcase_add_test(t, accuracy_of_files);
  tcase_add_test(t, several_at_once);
  tcase_add_test(t, errors_of_files);
  tcase_add_test(t, the_command);
  tcase_add_test(t, the_command_warns_of_broken_text);
  suite_add_tcase(s, t);
  return s;
}
