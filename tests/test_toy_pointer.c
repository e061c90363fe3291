#include <check.h>
#include <string.h>

#include "text/toy.h"
#include "toy_expect.h"

static void expect(int stratum, uint64_t index, const char *source, const char *target, const char *links) {
  toy_expect("pointer", stratum, index, source, target, links);
}

/* Of three words: names by 6 * 5 * 4, the ways round by 2 * 1, things by 6 each. */
START_TEST(each_says_what_the_next_holds) {
  const uint64_t names = 6 * 5 * 4, ways = 2;
  expect(0, 0, "a1b b1c c1a", "1 1 1", " 0-2 1-0 2-1");
  expect(0, names, "a1c b1a c1b", "1 1 1", " 0-1 1-2 2-0");
  expect(0, names * ways * (1 + 6 * 2 + 36 * 5), "a2b b3c c6a", "3 6 2", " 0-2 1-0 2-1");
  expect(0, 5, "f1b b1c c1f", "1 1 1", " 0-2 1-0 2-1");
  expect(0, 5 + 6 * 4, "f1a a1c c1f", "1 1 1", " 0-2 1-0 2-1");
}
END_TEST

START_TEST(nobody_points_at_who_points_at_him) {
  const Toy *toy = toy_find("pointer");
  for (int stratum = 0; stratum < toy->n_strata; stratum++)
    for (uint64_t k = 0; k < 500; k++) {
      ToyPair pair = {0};
      toy_make(toy, stratum, k * (toy->size(stratum) / 500), &pair);
      int n = pair.n_links, at[6];
      ck_assert_int_eq(n, 3 + stratum);
      for (int i = 0; i < n; i++) at[pair.links[i].target] = pair.links[i].source;
      for (int i = 0; i < n; i++) ck_assert(at[i] != i && at[at[i]] != i);
      for (int i = 0; i < n; i++) {
        const char *from = pair.source.at + 4 * i, *to = pair.source.at + 4 * at[i];
        ck_assert(from[2] == to[0] && pair.target.at[2 * i] == to[1]);
      }
      toy_pair_free(&pair);
    }
}
END_TEST

START_TEST(sizes) {
  const Toy *toy = toy_find("pointer");
  ck_assert_int_eq(toy->n_strata, 4);
  ck_assert_uint_eq(toy->size(0), 120 * 2 * 216);
  ck_assert_uint_eq(toy->size(3), 720u * 120 * 46656);
}
END_TEST

Suite *test_toy_pointer(void);
Suite *test_toy_pointer(void) {
  Suite *s = suite_create("toy: pointer");
  TCase *t = tcase_create("toy: pointer");
  tcase_add_test(t, each_says_what_the_next_holds);
  tcase_add_test(t, nobody_points_at_who_points_at_him);
  tcase_add_test(t, sizes);
  suite_add_tcase(s, t);
  return s;
}
