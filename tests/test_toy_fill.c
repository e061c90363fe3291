#include <check.h>
#include <string.h>

#include "text/toy.h"
#include "toy_expect.h"

static void expect(int stratum, uint64_t index, const char *source, const char *target, const char *links) {
  toy_expect("fill", stratum, index, source, target, links);
}

START_TEST(blanks_take_the_next_letter) {
  const uint64_t letters = 8, part = 8 * 7;
  expect(0, 0, "a a", "a a", " 0-0 1-1");
  expect(0, 2 + letters * 2 + part * (7 + letters), ". . c . h", "c c c h h", " 2-0 2-1 2-2 4-3 4-4");
  expect(0, part * part - 1, ". . . . . . h . . . . . . h", "h h h h h h h h h h h h h h",
         " 6-0 6-1 6-2 6-3 6-4 6-5 6-6 13-7 13-8 13-9 13-10 13-11 13-12 13-13");
  expect(2, 1 + part * (letters + part * part), "b . a a b", "b a a a b", " 0-0 2-1 2-2 3-3 4-4");
}
END_TEST

START_TEST(sizes) {
  const Toy *toy = toy_find("fill");
  ck_assert_int_eq(toy->n_strata, 3);
  ck_assert_uint_eq(toy->size(0), 3136);
  ck_assert_uint_eq(toy->size(2), 3136 * 3136);
}
END_TEST

Suite *test_toy_fill(void);
Suite *test_toy_fill(void) {
  Suite *s = suite_create("toy: fill");
  TCase *t = tcase_create("toy: fill");
  tcase_add_test(t, blanks_take_the_next_letter);
  tcase_add_test(t, sizes);
  suite_add_tcase(s, t);
  return s;
}
