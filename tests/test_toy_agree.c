#include <check.h>
#include <string.h>

#include "text/toy.h"

static void expect(const char *toy, int stratum, uint64_t index, const char *source, const char *target,
                   const char *graph) {
  ToyPair pair = {0};
  toy_make(toy_find(toy), stratum, index, &pair);
  ck_assert_str_eq(pair.source.at, source);
  ck_assert_str_eq(pair.target.at, target);
  ck_assert_str_eq(pair.graph.at, graph);
  toy_pair_free(&pair);
}

/* Numbers of adjective, noun, plural and verb: 4 x 8 x 2 x 8 a clause. */
START_TEST(verbs_agree_with_their_own_subject) {
  expect("agree", 0, 0, "the cat see", "the cat sees", "1-2");
  expect("agree", 0, 1 + 4 * 6 + 32, "the big mice see", "the big mice see", "2-3");
  expect("agree", 1, 64 + 512 * (4 + 32), "the cat that the dogs see hear", "the cat that the dogs see hears",
         "4-5 1-6");
  expect("agree-long", 0, 0, "the cat that the cat that the cat that the cat see see see see",
         "the cat that the cat that the cat that the cat sees sees sees sees", "10-11 7-12 4-13 1-14");
}
END_TEST

START_TEST(subjects_are_linked_to_verbs_in_gold) {
  ToyPair pair = {0};
  toy_make(toy_find("agree"), 0, 0, &pair);
  ck_assert_int_eq(pair.n_links, 4);
  ck_assert(pair.links[2].source == 1 && pair.links[2].target == 2);
  toy_pair_free(&pair);
}
END_TEST

Suite *test_toy_agree(void);
Suite *test_toy_agree(void) {
  Suite *s = suite_create("toy_agree");
  TCase *t = tcase_create("toy_agree");
  tcase_add_test(t, verbs_agree_with_their_own_subject);
  tcase_add_test(t, subjects_are_linked_to_verbs_in_gold);
  suite_add_tcase(s, t);
  return s;
}
