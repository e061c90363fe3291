#include <check.h>
#include <string.h>

#include "text/toy.h"
#include "toy_expect.h"

/* Strata: length 2 once to five times, then length 3, ... 8; the index in base 8, first symbol first. */
START_TEST(pairs_of_some_strata) {
  toy_expect("repeat-copy", 0, 0, "1 a a", "a a .", " 1-0 2-1");
  toy_expect("repeat-copy", 2, 8 * 7 + 1, "3 b h", "b h . b h . b h .", " 1-0 1-3 1-6 2-1 2-4 2-7");
  toy_expect("repeat-copy", 6, 2 + 8 * 1 + 64 * 2, "2 c b c", "c b c . c b c .", " 1-0 1-4 2-1 2-5 3-2 3-6");
  const Toy *toy = toy_find("repeat-copy");
  ck_assert_int_eq(toy->n_strata, 7 * 5);
  ck_assert_uint_eq(toy->size(0), 64);
  ck_assert_uint_eq(toy->size(34), 16777216); /* 8^8 */
}
END_TEST

/* Lengths 9 to 14. */
START_TEST(longer_ones) {
  const Toy *toy = toy_find("repeat-copy-long");
  ck_assert_int_eq(toy->n_strata, 6 * 5);
  ck_assert_uint_eq(toy->size(0), 134217728); /* 8^9 */
  toy_expect("repeat-copy-long", 1, 8, "2 a b a a a a a a a", "a b a a a a a a a . a b a a a a a a a .",
             " 1-0 1-10 2-1 2-11 3-2 3-12 4-3 4-13 5-4 5-14 6-5 6-15 7-6 7-16 8-7 8-17 9-8 9-18");
}
END_TEST

Suite *test_toy_repeat_copy(void);
Suite *test_toy_repeat_copy(void) {
  Suite *s = suite_create("toy_repeat_copy");
  TCase *t = tcase_create("toy_repeat_copy");
  tcase_add_test(t, pairs_of_some_strata);
  tcase_add_test(t, longer_ones);
  suite_add_tcase(s, t);
  return s;
}
