#include "base/utf8.h"

#include <check.h>
#include <string.h>

#define R "\xEF\xBF\xBD"

static void expect_next(const char *bytes, size_t n, size_t length, uint32_t scalar, bool valid) {
  uint32_t got;
  bool ok;
  ck_assert_uint_eq(utf8_next(bytes, n, &got, &ok), length);
  ck_assert_int_eq(ok, valid);
  if (valid) ck_assert_uint_eq(got, scalar);
}

/* First and last scalar of each length, and those around the surrogates. */
START_TEST(scalars) {
  expect_next("\0", 1, 1, 0, true);
  expect_next("\x7F", 1, 1, 0x7F, true);
  expect_next("\xC2\x80", 2, 2, 0x80, true);
  expect_next("\xDF\xBF", 2, 2, 0x7FF, true);
  expect_next("\xE0\xA0\x80", 3, 3, 0x800, true);
  expect_next("\xED\x9F\xBF", 3, 3, 0xD7FF, true);
  expect_next("\xEE\x80\x80", 3, 3, 0xE000, true);
  expect_next("\xEF\xBF\xBF", 3, 3, 0xFFFF, true);
  expect_next("\xF0\x90\x80\x80", 4, 4, 0x10000, true);
  expect_next("\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF, true);
  expect_next("ab", 2, 1, 'a', true);
}
END_TEST

START_TEST(invalid_starts) {
  expect_next("\x80", 1, 1, 0, false);
  expect_next("\xC0\xAF", 2, 1, 0, false);
  expect_next("\xC1\xBF", 2, 1, 0, false);
  expect_next("\xC2", 1, 1, 0, false);
  expect_next("\xE0\x9F\xBF", 3, 1, 0, false);
  expect_next("\xED\xA0\x80", 3, 1, 0, false);
  expect_next("\xE1\x80", 2, 2, 0, false);
  expect_next("\xF0\x8F\xBF\xBF", 4, 1, 0, false);
  expect_next("\xF4\x90\x80\x80", 4, 1, 0, false);
  expect_next("\xF1\x80\x80", 3, 3, 0, false);
  expect_next("\xF5\x80\x80\x80", 4, 1, 0, false);
  expect_next("\xFF", 1, 1, 0, false);
}
END_TEST

/* Unicode 15, section 3.9: tables 3-8 (maximal subparts), 3-9 (non-shortest forms), 3-10 (ill-formed sequences for
 * surrogates) and 3-11 (other ill-formed sequences, truncated ones). */
static const struct {
  const char *bytes;
  size_t n;
  const char *want;
  int replaced;
} repaired[] = {
    {"\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 13, "a" R R R "b" R "c" R R "d", 6},
    {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9, R R R R R R R R "A", 8},
    {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9, R R R R R R R R "A", 8},
    {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9, R R R R R "A" R R "B", 7},
    {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9, R R R R "A", 4},
    {"a\0b", 3, "a" R "b", 1},
    {"", 0, "", 0},
    {"caf\xC3\xA9", 5, "caf\xC3\xA9", 0},
    {"\xF0\x9F\x98", 3, R, 1},
};

START_TEST(repair) {
  Str out = {0};
  bool valid = repaired[_i].replaced == 0;
  ck_assert_int_eq(utf8_repair(&out, repaired[_i].bytes, repaired[_i].n), repaired[_i].replaced);
  ck_assert_str_eq(str_text(&out), repaired[_i].want);
  ck_assert_int_eq(utf8_valid(repaired[_i].bytes, repaired[_i].n), valid);
  ck_assert(utf8_valid(str_text(&out), out.n));
  str_free(&out);
}
END_TEST

START_TEST(every_scalar_there_and_back) {
  Str out = {0};
  for (uint32_t scalar = 1; scalar <= 0x10FFFF; scalar++) {
    if (scalar >= 0xD800 && scalar <= 0xDFFF) continue;
    uint32_t got;
    bool valid;
    str_clear(&out);
    utf8_add(&out, scalar);
    if (utf8_next(out.at, out.n, &got, &valid) != out.n || !valid || got != scalar)
      ck_abort_msg("U+%04X comes back as U+%04X", scalar, got);
  }
  str_free(&out);
}
END_TEST

START_TEST(count_and_width) {
  const char *text = "e\xCC\x81\xE6\x97\xA5z\xF0\x9F\x98\x80";
  ck_assert_uint_eq(utf8_count(text, strlen(text)), 5);
  ck_assert_int_eq(utf8_width(text, strlen(text)), 1 + 0 + 2 + 1 + 2);
  ck_assert_uint_eq(utf8_count("", 0), 0);
  ck_assert_int_eq(utf8_width("\xEF\xBC\xA1\xE2\x90\xA3", 6), 2 + 1);
}
END_TEST

Suite *test_utf8(void);
Suite *test_utf8(void) {
  Suite *s = suite_create("utf8");
  TCase *t = tcase_create("utf8");
  tcase_add_test(t, scalars);
  tcase_add_test(t, invalid_starts);
  tcase_add_loop_test(t, repair, 0, sizeof repaired / sizeof *repaired);
  tcase_add_test(t, every_scalar_there_and_back);
  tcase_add_test(t, count_and_width);
  suite_add_tcase(s, t);
  return s;
}
