#include "eval/accuracy.h"

#include <check.h>
#include <string.h>

static const MetricOptions options = {0};

static void add(double *sums, MetricText hypothesis, const MetricText *references, int n_references) {
  MetricLine line = {.hypothesis = hypothesis, .references = references, .n_references = n_references, .line = 1};
  double stats[METRIC_STATS] = {0};
  Err err = {0};
  ck_assert(accuracy_metric.measure(NULL, &options, &line, stats, &err));
  for (int i = 0; i < accuracy_metric.n_stats; i++) sums[i] += stats[i];
}

static double percent(const double *sums) { return metric_score(&accuracy_metric, &options, sums); }

START_TEST(counts_equal_lines) {
  double sums[METRIC_STATS] = {0};
  ck_assert_double_eq(percent(sums), 0);
  add(sums, (MetricText){"ab", 2}, &(MetricText){"ab", 2}, 1);
  add(sums, (MetricText){"abc", 2}, &(MetricText){"abd", 2}, 1); /* the third byte is not of the line */
  add(sums, (MetricText){"", 0}, &(MetricText){"", 0}, 1);
  ck_assert_double_eq(percent(sums), 100);
  add(sums, (MetricText){"ab", 2}, &(MetricText){"a", 1}, 1);
  add(sums, (MetricText){"a", 1}, &(MetricText){"ab", 2}, 1);
  add(sums, (MetricText){"ab", 2}, &(MetricText){"aB", 2}, 1);
  ck_assert_double_eq(percent(sums), 50);
}
END_TEST

START_TEST(any_reference_will_do) {
  double sums[METRIC_STATS] = {0};
  const MetricText references[] = {{"a", 1}, {"b", 1}, {"b", 1}};
  add(sums, (MetricText){"b", 1}, references, 3);
  ck_assert_double_eq(percent(sums), 100);
  add(sums, (MetricText){"c", 1}, references, 3);
  ck_assert_double_eq(percent(sums), 50);
}
END_TEST

Suite *test_accuracy(void);
Suite *test_accuracy(void) {
  Suite *s = suite_create("accuracy");
  TCase *t = tcase_create("accuracy");
  tcase_add_test(t, counts_equal_lines);
  tcase_add_test(t, any_reference_will_do);
  suite_add_tcase(s, t);
  return s;
}
