#include "eval/ter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* Words are letters. */
static int edits(const char *hypothesis, const char *reference) {
  int h[64], r[64], n_h = (int)strlen(hypothesis), n_r = (int)strlen(reference);
  for (int i = 0; i < n_h; i++) h[i] = hypothesis[i];
  for (int i = 0; i < n_r; i++) r[i] = reference[i];
  return ter_edits(h, n_h, r, n_r);
}

START_TEST(by_hand) {
  ck_assert_int_eq(edits("abc", "abc"), 0);
  ck_assert_int_eq(edits("abc", "abxc"), 1);
  ck_assert_int_eq(edits("abxc", "abc"), 1);
  ck_assert_int_eq(edits("ayc", "abc"), 1);
  ck_assert_int_eq(edits("", "abc"), 3);
  ck_assert_int_eq(edits("abc", ""), 3);
  ck_assert_int_eq(edits("", ""), 0);
  ck_assert_int_eq(edits("defabc", "abcdef"), 1);   /* one shift instead of six edits */
  ck_assert_int_eq(edits("defabcx", "abcdefy"), 2); /* and a substitution */
  ck_assert_int_eq(edits("cdabghef", "abcdefgh"), 2);
}
END_TEST

/* Never more than the length of the longer one, never less than the difference of lengths or of the bags of words; also
 * when lengths differ so much that the beam is stretched. */
START_TEST(bounds) {
  for (uint64_t i = 0; i < 300; i++) {
    uint64_t key = rng_key(1, RNG_TEST, i, 0);
    int h[120], r[400], common = 0;
    int n_h = 1 + (int)rng_below(key, 0, i % 3 == 0 ? 4 : 120), n_r = 1 + (int)rng_below(key, 1, i % 3 == 0 ? 400 : 40);
    int in_h[5] = {0}, in_r[5] = {0};
    for (int j = 0; j < n_h; j++) in_h[h[j] = (int)rng_below(key, 10 + (uint64_t)j, 5)]++;
    for (int j = 0; j < n_r; j++) in_r[r[j] = (int)rng_below(key, 1000 + (uint64_t)j, 5)]++;
    for (int j = 0; j < 5; j++) common += in_h[j] < in_r[j] ? in_h[j] : in_r[j];
    int longer = n_h > n_r ? n_h : n_r, got = ter_edits(h, n_h, r, n_r);
    ck_assert_int_ge(got, longer - common);
    ck_assert_int_le(got, longer);
  }
}
END_TEST

Suite *test_ter(void);
Suite *test_ter(void) {
  Suite *s = suite_create("ter");
  TCase *t = tcase_create("ter");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, bounds);
  suite_add_tcase(s, t);
  return s;
}
