/* Greatest lengths of translations, against values by hand. */
#include "search/limits.h"

#include <check.h>

#include "base/mem.h"

START_TEST(tokens_allowed) {
  ck_assert_int_eq(limits_tokens(2, 5), 20);
  ck_assert_int_eq(limits_tokens(1.5, 3), 15); /* 4.5, rounded up */
  ck_assert_int_eq(limits_tokens(0.1, 0), 10);
  ck_assert_int_gt(limits_tokens(1e300, 7), 1 << 29);
}
END_TEST

/* A target of 10 + 2 n tokens fits, one more does not. */
START_TEST(pairs_over) {
  static const PairLength lengths[] = {{3, 16}, {3, 17}, {1, 45}, {1, 45}, {9, 45}, {40, 1}};
  LimitsCount c = limits_count(lengths, 6, 2);
  ck_assert_int_eq(c.n_pairs, 6);
  ck_assert_int_eq(c.n_over, 4); /* 17 of 3 (16), 45 of 1 (12) twice, 45 of 9 (28) */
  ck_assert_int_eq((int)c.longest.target, 45);
  ck_assert_int_eq((int)c.longest.source, 1);
  ck_assert_double_eq(c.enough, 34.1);
  ck_assert_int_eq(limits_count(lengths, 6, 34.1).n_over, 0);
  ck_assert_int_eq(limits_count(lengths, 6, 34).n_over, 2);
  ck_assert_double_eq(limits_ratio(lengths, 6), 34.1);
  ck_assert_double_eq(limits_ratio(lengths + 5, 1), 2);
  ck_assert_double_eq(limits_ratio(lengths + 1, 1), 2.1); /* 6.3, rounded up, and 10 */
}
END_TEST

/* Whatever the lengths, the ratio found is enough and a tenth less is not. */
START_TEST(just_enough) {
  for (uint32_t source = 1; source <= 60; source++)
    for (uint32_t target = 1; target <= 600; target++) {
      const PairLength one = {source, target};
      double ratio = limits_ratio(&one, 1);
      ck_assert_int_ge(limits_tokens(ratio, (int)source), (int)target);
      if (ratio > 2) ck_assert_int_eq(limits_count(&one, 1, 2).n_over, 1);
      if (ratio > 2) ck_assert_int_lt(limits_tokens(ratio - 0.1 - 1e-9, (int)source), (int)target);
    }
}
END_TEST

/* One pair in a thousand may be wrong; it does not make every translation run on. */
START_TEST(few_are_excused) {
  enum { N_PAIRS = 3000 };
  PairLength *lengths = mem_alloc(N_PAIRS, sizeof *lengths, "lengths");
  for (int i = 0; i < N_PAIRS; i++) lengths[i] = (PairLength){10, 20};
  for (int i = 0; i < 3; i++) lengths[1000 * i] = (PairLength){1, 90};
  ck_assert_double_eq(limits_ratio(lengths, N_PAIRS), 2);
  ck_assert_int_eq(limits_count(lengths, N_PAIRS, 2).n_over, 3);
  lengths[7] = (PairLength){10, 60};
  ck_assert_double_eq(limits_ratio(lengths, N_PAIRS), 5); /* a fourth; 4.9 would allow 59 */
  mem_free(lengths);
}
END_TEST

Suite *test_limits(void);
Suite *test_limits(void) {
  Suite *s = suite_create("limits");
  TCase *t = tcase_create("limits");
  tcase_add_test(t, tokens_allowed);
  tcase_add_test(t, pairs_over);
  tcase_add_test(t, just_enough);
  tcase_add_test(t, few_are_excused);
  suite_add_tcase(s, t);
  return s;
}
