#include <check.h>
#include <string.h>

#include "text/toy.h"
#include "toy_expect.h"

static void expect(int stratum, uint64_t index, const char *source, const char *target, const char *links) {
  toy_expect("saw", stratum, index, source, target, links);
}

/* Without a particle, with one at once, behind "it", and behind objects of two to four words. */
START_TEST(one_clause_of_each_form) {
  expect(0, 0, "I saw a saw", "I noticed a blade", " 0-0 1-1 2-2 3-3");
  expect(1, 1, "you saw a good saw", "you noticed a good blade", " 0-0 1-1 2-2 3-3 4-4");
  expect(2, 8, "I turn off it", "I quench - it", " 0-0 1-1 2-1 2-2 3-3");
  expect(3, 4 * 6 + 3, "they saw up a saw", "they chop - a blade", " 0-0 1-1 2-1 2-2 3-3 4-4");
  expect(4, 4 * 6 * 3 + 2, "we saw it down", "we fell it -", " 0-0 1-1 2-2 3-1 3-3");
  expect(5, 4 * 5, "I break a saw off", "I detach a blade -", " 0-0 1-1 2-2 3-3 4-1 4-4");
  expect(7, 4, "I take a good good saw off", "I remove a good good blade -", " 0-0 1-1 2-2 3-3 4-4 5-5 6-1 6-6");
}
END_TEST

/* 8 forms of one clause, then 64 pairs of forms: the particle of the second clause is not the first one's. */
START_TEST(clauses_are_joined) {
  expect(8, 4 * 6 * 2 * 14, "I saw a saw and you saw a saw", "I noticed a blade and you noticed a blade",
         " 0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8");
  expect(8 + 8 * 4, 4, "I take a saw and I saw it off", "I grab a blade and I sever it -",
         " 0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-6 8-8");
  ck_assert_int_eq(toy_find("saw")->n_strata, 8 + 64 + 512);
}
END_TEST

Suite *test_toy_saw(void);
Suite *test_toy_saw(void) {
  Suite *s = suite_create("toy_saw");
  TCase *t = tcase_create("toy_saw");
  tcase_add_test(t, one_clause_of_each_form);
  tcase_add_test(t, clauses_are_joined);
  suite_add_tcase(s, t);
  return s;
}
