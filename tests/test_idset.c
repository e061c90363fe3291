#include "num/idset.h"

#include <check.h>

START_TEST(rising_and_once) {
  static const int32_t first[] = {64, 0, 130, 63, 64}, second[] = {63, 1, 199}, want[] = {0, 1, 63, 64, 130, 199};
  Arena *arena = arena_new();
  IdSet set = idset_new(arena, 200);
  idset_add(&set, (Ids){first, 5});
  idset_add(&set, (Ids){second, 3});
  Ids got = idset_take(&set, arena);
  ck_assert_int_eq(got.n, 6);
  ck_assert_mem_eq(got.at, want, sizeof want);
  arena_free(arena);
}
END_TEST

START_TEST(empty_after_taking) {
  static const int32_t ids[] = {3}, other[] = {5};
  Arena *arena = arena_new();
  IdSet set = idset_new(arena, 6);
  ck_assert_int_eq(idset_take(&set, arena).n, 0);
  idset_add(&set, (Ids){ids, 1});
  (void)idset_take(&set, arena);
  idset_add(&set, (Ids){other, 1});
  Ids got = idset_take(&set, arena);
  ck_assert_int_eq(got.n, 1);
  ck_assert_int_eq(got.at[0], 5);
  arena_free(arena);
}
END_TEST

Suite *test_idset(void);
Suite *test_idset(void) {
  Suite *suite = suite_create("idset");
  TCase *tc = tcase_create("idset");
  tcase_add_test(tc, rising_and_once);
  tcase_add_test(tc, empty_after_taking);
  suite_add_tcase(suite, tc);
  return suite;
}
