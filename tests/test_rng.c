#include "base/rng.h"

#include <check.h>

/* Test vectors of the FNV authors for 64-bit FNV-1a. */
START_TEST(names_are_fnv1a) {
  ck_assert(rng_name("") == 0xcbf29ce484222325u);
  ck_assert(rng_name("a") == 0xaf63dc4c8601ec8cu);
  ck_assert(rng_name("foobar") == 0x85944171f73967e8u);
}
END_TEST

Suite *test_rng(void);
Suite *test_rng(void) {
  Suite *suite = suite_create("rng");
  TCase *tc = tcase_create("rng");
  tcase_add_test(tc, names_are_fnv1a);
  suite_add_tcase(suite, tc);
  return suite;
}
