#include <check.h>
#include <string.h>

#include "text/toy.h"

static void expect(int stratum, uint64_t index, const char *source, const char *target, const char *links) {
  ToyPair pair = {0};
  Str text = {0};
  toy_make(toy_find("repeat-copy"), stratum, index, &pair);
  ck_assert_str_eq(pair.source.at, source);
  ck_assert_str_eq(pair.target.at, target);
  for (int k = 0; k < pair.n_links; k++) str_addf(&text, " %d-%d", pair.links[k].source, pair.links[k].target);
  ck_assert_str_eq(text.at, links);
  str_free(&text);
  toy_pair_free(&pair);
}

/* Strata: length 2 once to five times, then length 3, ... 8; the index in base 8, first symbol first. */
START_TEST(pairs_of_some_strata) {
  expect(0, 0, "1 a a", "a a .", " 1-0 2-1");
  expect(2, 8 * 7 + 1, "3 b h", "b h . b h . b h .", " 1-0 1-3 1-6 2-1 2-4 2-7");
  expect(6, 2 + 8 * 1 + 64 * 2, "2 c b c", "c b c . c b c .", " 1-0 1-4 2-1 2-5 3-2 3-6");
  const Toy *toy = toy_find("repeat-copy");
  ck_assert_int_eq(toy->n_strata, 7 * 5);
  ck_assert_uint_eq(toy->size(0), 64);
  ck_assert_uint_eq(toy->size(34), 16777216); /* 8^8 */
}
END_TEST

Suite *test_toy_repeat_copy(void);
Suite *test_toy_repeat_copy(void) {
  Suite *s = suite_create("toy_repeat_copy");
  TCase *t = tcase_create("toy_repeat_copy");
  tcase_add_test(t, pairs_of_some_strata);
  suite_add_tcase(s, t);
  return s;
}
