#include "eval/pharaoh.h"

#include <check.h>
#include <string.h>

static void expect(const char *text, const char *want) {
  PharaohLinks links = {0};
  Err err = {0};
  Str out = {0};
  ck_assert_msg(pharaoh_parse(&links, text, strlen(text), "f", 7, &err), "%s", err.text);
  pharaoh_print(&out, &links);
  ck_assert_str_eq(str_text(&out), want);
  str_free(&out);
  pharaoh_free(&links);
}

START_TEST(good_links) {
  expect("", "");
  expect("0-0 1-2", "0-0 1-2");
  expect(" \t3?1  10-2\t", "3?1 10-2");
  expect("10-0 2-5 2-1 2?3", "2-1 2?3 2-5 10-0");
  expect("99999999-0", "99999999-0");
}
END_TEST

/* Sure wins whatever the order, and a link counts once. */
START_TEST(repeated_links) {
  expect("1?1 0-0 1-1 0-0", "0-0 1-1");
  expect("1-1 1?1", "1-1");
  expect("1?1 1?1", "1?1");
}
END_TEST

START_TEST(broken_links) {
  static const char *const bad[] = {"0",
                                    "0-",
                                    "-0",
                                    "0-0-0",
                                    "0_0",
                                    "a-b",
                                    "0-0,1-1",
                                    "-1-0",
                                    "0?-1",
                                    "0 - 0",
                                    "0-1x",
                                    "100000000-0",
                                    "0-99999999999999999999",
                                    "0x1-1",
                                    "+1-0",
                                    "0-0 |||",
                                    "\xC2\xA0 0-0"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    PharaohLinks links = {0};
    Err err = {0};
    ck_assert_msg(!pharaoh_parse(&links, bad[i], strlen(bad[i]), "gold.txt", 7, &err), "%s", bad[i]);
    ck_assert_int_eq(err.kind, ERR_FILE);
    ck_assert_int_eq(strncmp(err.text, "gold.txt:7: \"", 13), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "\" is not a link; write i-j (sure) or i?j (possible)"));
    pharaoh_free(&links);
  }
}
END_TEST

Suite *test_pharaoh(void);
Suite *test_pharaoh(void) {
  Suite *s = suite_create("pharaoh");
  TCase *t = tcase_create("pharaoh");
  tcase_add_test(t, good_links);
  tcase_add_test(t, repeated_links);
  tcase_add_test(t, broken_links);
  suite_add_tcase(s, t);
  return s;
}
