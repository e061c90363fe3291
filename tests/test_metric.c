#include "eval/metric_run.h"

#include <check.h>
#include <string.h>

#include "base/json.h"
#include "capture.h"
#include "scratch.h"

#define NAMES "bleu, chrf, chrf++, ter, accuracy, wer, per, aer"

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
  expect_choice_error("aer,acuracy", "\"acuracy\" is not a metric; did you mean \"accuracy\"? There are: " NAMES);
  expect_choice_error("", "\"\" is not a metric; there are: " NAMES);
  expect_choice_error("aer,", "\"\" is not a metric; there are: " NAMES);
  expect_choice_error("AER and more", "\"AER and more\" is not a metric; there are: " NAMES);
  expect_choice_error("aer,accuracy,aer", "the metric \"aer\" is named twice");
}
END_TEST

/* What is printed, or the error. */
static Str print_run(const char *metrics, const MetricRun *run, bool json, ErrKind kind) {
  MetricSet set;
  MetricReport report = {0};
  Err err = {0};
  Str out = {0};
  ck_assert(metric_choose(&set, metrics, &err));
  bool ok = metric_run(&set, run, NULL, &report, &err);
  ck_assert_int_eq(err.kind, kind);
  if (!ok) str_adds(&out, err.text);
  else if (json) metric_report_json(&out, &report, NULL);
  else metric_report_print(&out, &report, -1);
  metric_report_free(&report);
  return out;
}

static Str run_both(const char *metrics, const char *hypothesis, const char *reference, bool json, ErrKind kind) {
  const char *h = scratch_text(&scratch, "h", hypothesis), *r = scratch_text(&scratch, "r", reference);
  MetricRun run = {.files = {.hypothesis = h, .references = &r, .n_references = 1}};
  return print_run(metrics, &run, json, kind);
}

static void expect_run(const char *metrics, const MetricRun *run, const char *want) {
  Str got = print_run(metrics, run, false, ERR_NONE);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
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

START_TEST(several_references) {
  const char *h = scratch_text(&scratch, "h", "a b\nc d e\n");
  const char *files[] = {scratch_text(&scratch, "r1", "a\nc\n"), scratch_text(&scratch, "r2", "a b\nC D e\n")};
  MetricRun run = {.files = {.hypothesis = h, .references = files, .n_references = 2}};
  expect_run("accuracy,wer", &run, "accuracy = 50.00\nwer = 40.00\n");
  run.options.lowercase = true;
  expect_run("accuracy,wer", &run, "accuracy = 100.00\nwer = 0.00\n");
  run.options.lowercase = false;
  Str got = print_run("aer", &run, false, ERR_USAGE);
  ck_assert_str_eq(str_text(&got), "aer takes one reference a line, not 2");
  str_free(&got);
  files[1] = scratch_text(&scratch, "r2", "a b\n");
  got = print_run("wer", &run, false, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(str_text(&got), "/h: 2 lines, "));
  ck_assert_ptr_nonnull(strstr(str_text(&got), "/r2: 1 lines; each line"));
  str_free(&got);
}
END_TEST

START_TEST(references_of_a_table) {
  const char *h = scratch_text(&scratch, "h", "K AE\nB\nK AE\n"),
             *source = scratch_text(&scratch, "s", "c a\nb\nc a\n");
  const char *table = scratch_text(&scratch, "t", "ca\tK EY\nb\tB IY\nca\tK AE\n");
  MetricRun run = {.files = {.hypothesis = h, .table = table, .source = source}};
  expect_run("accuracy,per", &run, "accuracy = 66.67\nper = 16.67\n");
  Str got = print_run("bleu", &run, false, ERR_NONE);
  ck_assert_ptr_nonnull(strstr(str_text(&got), "BLEU|nrefs:var|case:"));
  str_free(&got);
  (void)scratch_text(&scratch, "s", "c a\nx y\nc a\n");
  got = print_run("wer", &run, false, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(str_text(&got), "/s:2: \"x y\" has no reference in "));
  str_free(&got);
  (void)scratch_text(&scratch, "s", "c a\nb\n");
  got = print_run("wer", &run, false, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(str_text(&got), "/s: 2 lines; each line"));
  str_free(&got);
}
END_TEST

/* Two lines: a sample has none, one or two right ones. */
START_TEST(resampling) {
  const char *h = scratch_text(&scratch, "h", "a\nb\n"), *rival = scratch_text(&scratch, "h2", "x\ny\n");
  const char *r = scratch_text(&scratch, "r", "a\nc\n");
  MetricRun run = {.files = {.hypothesis = h, .rival = rival, .references = &r, .n_references = 1},
                   .confidence = true,
                   .n_samples = 4000,
                   .seed = 3};
  Str got = print_run("accuracy", &run, true, ERR_NONE);
  Err err = {0};
  Json *json = json_parse(str_text(&got), got.n, "report", ERR_FILE, &err);
  ck_assert_double_eq(json_number(json_get(json, "accuracy")), 50);
  ck_assert_double_eq_tol(json_number(json_get(json, "accuracy_mean")), 50, 3);
  ck_assert_double_eq(json_number(json_get(json, "accuracy_half_width")), 50);
  ck_assert_double_eq(json_number(json_get(json, "accuracy_against")), 0);
  ck_assert_double_eq_tol(json_number(json_get(json, "accuracy_p")), 0.25, 0.03); /* both lines drawn are the second */
  json_free(json);
  str_free(&got);
  got = print_run("bleu", &run, false, ERR_NONE);
  ck_assert_ptr_nonnull(strstr(str_text(&got), "BLEU|nrefs:1|bs:4000|seed:3|case:mixed|"));
  str_free(&got);
}
END_TEST

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
                 "attn-seq2seq: only one of the files can be standard input (\"-\")\n");
  capture_expect(&scratch, (const char *[]){"evaluate", "aerr", h, r, NULL}, 2, "",
                 "attn-seq2seq: evaluate: \"aerr\" is not a metric; did you mean \"aer\"? There are: " NAMES "\n");
}
END_TEST

static void expect_usage(const char *const *words, const char *message) {
  capture_expect(&scratch, words, 2, "", message);
}

START_TEST(where_references_come_from) {
  expect_usage((const char *[]){"evaluate", "accuracy", "--references", "t", "h", NULL},
               "attn-seq2seq: evaluate: --references needs --source: the lines to look up\n");
  expect_usage((const char *[]){"evaluate", "accuracy", "--references", "t", "--source", "s", "h", "r", NULL},
               "attn-seq2seq: evaluate: either --references or REFERENCE, not both\n");
  expect_usage((const char *[]){"evaluate", "accuracy", "h", NULL},
               "attn-seq2seq: evaluate: REFERENCE is missing (or --references with --source)\n");
}
END_TEST

START_TEST(the_command_compares_systems) {
  const char *h = scratch_text(&scratch, "h", "x\ny\n"), *r = scratch_text(&scratch, "r", "a\nc\n");
  Str want = {0};
  str_addf(&want,
           "accuracy = 100.0000 (\xCE\xBC = 100.0000 \xC2\xB1 0.0000)\n"
           "accuracy of %s = 0.0000 (%s - %s = +100.0000: %s is better, p < 0.111)\n",
           h, r, h, r);
  capture_expect(&scratch,
                 (const char *[]){"evaluate", "--against", h, "--samples", "9", "--confidence", "--width=4", "accuracy",
                                  r, r, NULL},
                 0, str_text(&want), "");
  str_free(&want);
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
  tcase_add_test(t, several_references);
  tcase_add_test(t, references_of_a_table);
  tcase_add_test(t, resampling);
  tcase_add_test(t, errors_of_files);
  tcase_add_test(t, the_command);
  tcase_add_test(t, where_references_come_from);
  tcase_add_test(t, the_command_compares_systems);
  tcase_add_test(t, the_command_warns_of_broken_text);
  suite_add_tcase(s, t);
  return s;
}
