#include "eval/aer.h"

#include <check.h>
#include <string.h>

static void add(Aer *aer, const char *hypothesis, const char *reference) {
  PharaohLinks h = {0}, r = {0};
  Err err = {0};
  ck_assert(pharaoh_parse(&h, hypothesis, strlen(hypothesis), "h", 1, &err));
  ck_assert(pharaoh_parse(&r, reference, strlen(reference), "r", 1, &err));
  aer_add(aer, &h, &r);
  pharaoh_free(&h);
  pharaoh_free(&r);
}

static void expect(const Aer *aer, double rate, double precision, double recall) {
  ck_assert_double_eq_tol(aer_rate(aer), rate, 1e-9);
  ck_assert_double_eq_tol(aer_precision(aer), precision, 1e-9);
  ck_assert_double_eq_tol(aer_recall(aer), recall, 1e-9);
}

/* Line 1: |A| 3, |S| 2, A and S {0-0}, A and P {0-0, 1-1}. Line 2: |A| 2, |S| 1, both meets {0-1}.
 * AER 1 - (2 + 3) / (5 + 3), precision 3 / 5, recall 2 / 3. */
START_TEST(by_hand) {
  Aer aer = {0};
  add(&aer, "0-0 1-1 2-2", "0-0 1-2 1?1 2?1");
  add(&aer, "0-1 0-0", "0-1");
  ck_assert_int_eq(aer.n_links, 5);
  ck_assert_int_eq(aer.n_sure, 3);
  ck_assert_int_eq(aer.n_sure_hit, 2);
  ck_assert_int_eq(aer.n_possible_hit, 3);
  expect(&aer, 37.5, 60, 200.0 / 3);
}
END_TEST

/* The example in the documentation of NLTK's alignment_error_rate: 0.6666666666666667. */
START_TEST(documented_example) {
  Aer aer = {0};
  add(&aer, "0-0 1-2 2-1", "0-0 1-1 2-2");
  expect(&aer, 200.0 / 3, 100.0 / 3, 100.0 / 3);
}
END_TEST

/* All sure links and any possible ones give an error rate of 0 (Och and Ney 2003). */
START_TEST(possible_links_are_free) {
  Aer aer = {0};
  add(&aer, "0-0 1-1 1-2", "0-0 1?1 1?2 3?3");
  expect(&aer, 0, 100, 100);
}
END_TEST

START_TEST(nothing) {
  Aer aer = {0};
  expect(&aer, 0, 0, 0);
  add(&aer, "", "0-0");
  expect(&aer, 100, 0, 0);
  aer = (Aer){0};
  add(&aer, "0-0", "");
  expect(&aer, 100, 0, 0);
  aer = (Aer){0};
  add(&aer, "0-0", "0?0");
  expect(&aer, 0, 100, 0);
}
END_TEST

START_TEST(repeated_links_count_once) {
  Aer aer = {0};
  add(&aer, "1-1 0-0 1-1", "1?1 0-0 1-1 0-0");
  ck_assert_int_eq(aer.n_links, 2);
  ck_assert_int_eq(aer.n_sure, 2);
  expect(&aer, 0, 100, 100);
}
END_TEST

Suite *test_aer(void);
Suite *test_aer(void) {
  Suite *s = suite_create("aer");
  TCase *t = tcase_create("aer");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, documented_example);
  tcase_add_test(t, possible_links_are_free);
  tcase_add_test(t, nothing);
  tcase_add_test(t, repeated_links_count_once);
  suite_add_tcase(s, t);
  return s;
}
