#include "base/str.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

START_TEST(grows_and_formats) {
  Str s = {0};
  ck_assert_str_eq(str_text(&s), "");
  for (int i = 0; i < 100; i++) str_addf(&s, "%d,", i);
  ck_assert_uint_eq(s.n, 290);
  ck_assert_int_eq(strncmp(str_text(&s), "0,1,2,", 6), 0);
  str_clear(&s);
  str_addc(&s, 'x');
  ck_assert_str_eq(str_text(&s), "x");
  str_free(&s);
}
END_TEST

START_TEST(map_keeps_all_entries) {
  StrMap map = {0};
  char key[16];
  for (int i = 0; i < 1000; i++) strmap_put(&map, key, (size_t)snprintf(key, sizeof key, "k%d", i), i);
  int value = -1;
  for (int i = 0; i < 1000; i++) {
    ck_assert(strmap_get(&map, key, (size_t)snprintf(key, sizeof key, "k%d", i), &value));
    ck_assert_int_eq(value, i);
  }
  ck_assert(!strmap_get(&map, "k1000", 5, &value));
  *strmap_at(&map, "k7", 2) += 1;
  ck_assert(strmap_get(&map, "k7", 2, &value) && value == 8);
  ck_assert_uint_eq(map.n, 1000);
  strmap_free(&map);
}
END_TEST

START_TEST(nearest_name) {
  const char *const names[] = {"dot", "scaled_dot", "general", "additively", "additive"};
  ck_assert_str_eq(str_nearest("genral", names, 5), "general");
  ck_assert_str_eq(str_nearest("dto", names, 5), "dot");
  ck_assert_ptr_null(str_nearest("zebra", names, 5));
  ck_assert_str_eq(str_nearest("add", names, 5), "additive");
  ck_assert_ptr_null(str_nearest("ad", names, 5));
  ck_assert_str_eq(str_nearest("SCALED_DOT", names, 5), "scaled_dot");
}
END_TEST

Suite *test_str(void);
Suite *test_str(void) {
  Suite *s = suite_create("str");
  TCase *t = tcase_create("str");
  tcase_add_test(t, grows_and_formats);
  tcase_add_test(t, map_keeps_all_entries);
  tcase_add_test(t, nearest_name);
  suite_add_tcase(s, t);
  return s;
}
