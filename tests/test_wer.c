#include "eval/wer.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"

static const MetricOptions options = {0};

typedef struct Sums {
  double wer[METRIC_STATS], per[METRIC_STATS];
} Sums;

static void add_one(const MetricDef *metric, void *work, const MetricLine *line, double *sums) {
  double stats[METRIC_STATS] = {0};
  Err err = {0};
  ck_assert(metric->measure(work, &options, line, stats, &err));
  for (int i = 0; i < metric->n_stats; i++) sums[i] += stats[i];
}

/* Adds a line under both metrics; references are separated by `|`. Expects the rates of all lines so far. */
static void expect(Sums *sums, const char *hypothesis, const char *references, double wer, double per) {
  MetricText texts[8];
  MetricLine line = {.hypothesis = {hypothesis, strlen(hypothesis)}, .references = texts, .line = 1};
  for (const char *at = references; at != NULL;) {
    const char *bar = strchr(at, '|');
    texts[line.n_references++] = (MetricText){at, bar == NULL ? strlen(at) : (size_t)(bar - at)};
    at = bar == NULL ? NULL : bar + 1;
  }
  void *work = mem_zero(1, wer_metric.size, "test");
  add_one(&wer_metric, work, &line, sums->wer);
  add_one(&wer_per_metric, work, &line, sums->per);
  wer_metric.release(work);
  mem_free(work);
  ck_assert_double_eq_tol(metric_score(&wer_metric, &options, sums->wer), wer, 1e-9);
  ck_assert_double_eq_tol(metric_score(&wer_per_metric, &options, sums->per), per, 1e-9);
}

static void expect_alone(const char *hypothesis, const char *references, double wer, double per) {
  Sums sums = {0};
  expect(&sums, hypothesis, references, wer, per);
}

START_TEST(by_hand) {
  expect_alone("a b c", "a b c", 0, 0);
  expect_alone("a x c", "a b c", 100.0 / 3, 100.0 / 3);
  expect_alone("b c a", "a b c", 200.0 / 3, 0);                       /* a goes, a comes */
  expect_alone("a b", "a b c d", 50, 50);                             /* two missing */
  expect_alone("a b c d", "a b", 100, 100);                           /* two too many */
  expect_alone("k i t t e n", "s i t t i n g", 300.0 / 7, 300.0 / 7); /* the example of Wagner and Fischer */
  expect_alone("a a b", "a b b", 100.0 / 3, 100.0 / 3);
  expect_alone("  a\tb ", "a b", 0, 0);
  expect_alone(
      "a\xC2\xA0"
      "b",
      "a b", 100, 100); /* only ASCII white space separates */
}
END_TEST

START_TEST(nothing) {
  expect_alone("", "", 0, 0);
  expect_alone("a", "", 100, 100);
  expect_alone("", "a b", 100, 100);
}
END_TEST

START_TEST(lines_add_up) {
  Sums sums = {0};
  expect(&sums, "a", "a", 0, 0);
  expect(&sums, "x", "a b c", 75, 75);
  expect(&sums, "c b a d", "a b c d", 62.5, 37.5); /* 5 and 3 errors in 8 tokens */
}
END_TEST

START_TEST(the_best_reference_counts) {
  expect_alone("a b", "x|a b|y z", 0, 0);
  expect_alone("a b c", "a x c y|a b x|q", 100.0 / 3, 100.0 / 3);
  expect_alone("a b c", "a b|a b c d", 25, 25); /* an error each, of the longer one */
  expect_alone("a b c", "a b c d|a b", 25, 25);
  expect_alone("a b", "b a x|c d", 200.0 / 3, 100.0 / 3); /* by position 2 errors and 2, by bag 1 and 2 */
}
END_TEST

Suite *test_wer(void);
Suite *test_wer(void) {
  Suite *s = suite_create("wer");
  TCase *t = tcase_create("wer");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, nothing);
  tcase_add_test(t, lines_add_up);
  tcase_add_test(t, the_best_reference_counts);
  suite_add_tcase(s, t);
  return s;
}
