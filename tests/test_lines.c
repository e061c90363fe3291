#include "text/lines.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "base/utf8.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static void collect(void *ctx, const char *text) { str_addf(ctx, "%s\n", text); }

/* Reads the file and compares its lines, each closed by '$', and what was warned of, paths cut to the file's name. */
static void expect_lines(const char *path, const char *want, const char *want_warnings) {
  Err err = {0};
  Str warned = {0}, got = {0};
  Warnings warnings = {collect, &warned, {0}};
  Lines *lines = lines_open(path, &warnings, &err);
  ck_assert_msg(lines != NULL, "%s", err.text);
  const char *line;
  size_t n;
  int more;
  while ((more = lines_next(lines, &line, &n, &err)) == 1) {
    str_add(&got, line, n);
    str_addc(&got, '$');
  }
  warnings_end(&warnings);
  ck_assert_msg(more == 0, "%s", err.text);
  ck_assert_str_eq(str_text(&got), want);
  ck_assert_str_eq(str_text(&warned), want_warnings);
  lines_close(lines);
  str_free(&got);
  str_free(&warned);
}

START_TEST(line_ends) {
  expect_lines(scratch_text(&scratch, "a", "one\r\ntwo\nthree\r\r\n\n\r\nlast"), "one$two$three\r$$$last$", "");
  expect_lines(scratch_text(&scratch, "a", ""), "", "");
  expect_lines(scratch_text(&scratch, "a", "\n"), "$", "");
  expect_lines(scratch_text(&scratch, "a", "a\rb\n"), "a\rb$", "");
}
END_TEST

START_TEST(byte_order_mark_only_at_the_start) {
  expect_lines(scratch_text(&scratch, "a", "\xEF\xBB\xBFx\n\xEF\xBB\xBFy\n"), "x$\xEF\xBB\xBFy$", "");
  expect_lines(scratch_text(&scratch, "a", "\xEF\xBB\xBF"), "$", "");
}
END_TEST

/* Unicode 15, table 3-8: the maximal subparts of 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64. */
START_TEST(invalid_parts_are_replaced) {
#define R "\xEF\xBF\xBD"
  const char bytes[] =
      "ok\na\xF1\x80\x80\xE1\x80\xC2"
      "b\x80"
      "c\x80\xBF"
      "d\nx\0y\n";
  const char *path = scratch_bytes(&scratch, "bad", bytes, sizeof bytes - 1);
  Str want = {0};
  str_addf(&want, "%s:2: invalid UTF-8 or NUL replaced by U+FFFD (6 places)\n", path);
  str_addf(&want, "%s:3: invalid UTF-8 or NUL replaced by U+FFFD (1 place)\n", path);
  expect_lines(path, "ok$a" R R R "b" R "c" R R "d$x" R "y$", str_text(&want));
  str_free(&want);
}
END_TEST

START_TEST(gzip_is_recognised) {
  expect_lines(scratch_gzip(&scratch, "a.gz", "one\r\ntwo\n"), "one$two$", "");
  expect_lines(scratch_gzip(&scratch, "no-ending", "one\n"), "one$", "");
}
END_TEST

START_TEST(long_line) {
  enum { N = 1 << 20 };
  Str text = {0}, want = {0};
  for (int i = 0; i < N; i++) str_addc(&text, (char)('a' + i % 26));
  str_addf(&want, "%s$end$", str_text(&text));
  str_adds(&text, "\nend\n");
  expect_lines(scratch_text(&scratch, "long", str_text(&text)), str_text(&want), "");
  str_free(&text);
  str_free(&want);
}
END_TEST

START_TEST(many_warnings_become_a_count) {
  Str text = {0}, warned = {0};
  for (int i = 0; i < 13; i++) str_adds(&text, "\xFF\n");
  const char *path = scratch_text(&scratch, "bad", str_text(&text));
  Warnings warnings = {collect, &warned, {0}};
  Err err = {0};
  Lines *lines = lines_open(path, &warnings, &err);
  const char *line;
  size_t n;
  while (lines_next(lines, &line, &n, &err) == 1) continue;
  lines_close(lines);
  Str want = {0};
  for (int i = 1; i <= 10; i++) str_addf(&want, "%s:%d: invalid UTF-8 or NUL replaced by U+FFFD (1 place)\n", path, i);
  ck_assert_str_eq(str_text(&warned), str_text(&want));
  warnings_end(&warnings);
  str_adds(&want, "3 more lines with invalid UTF-8 or NUL\n");
  ck_assert_str_eq(str_text(&warned), str_text(&want));
  warnings_end(&warnings);
  ck_assert_str_eq(str_text(&warned), str_text(&want));
  str_free(&text);
  str_free(&warned);
  str_free(&want);
}
END_TEST

START_TEST(one_kind_of_warning_does_not_hide_another) {
  Str warned = {0};
  Warnings warnings = {collect, &warned, {0}};
  for (int i = 0; i < 11; i++) warnings_add(&warnings, WARNING_TEXT, "text %d", i);
  str_clear(&warned);
  warnings_add(&warnings, WARNING_CUT, "cut");
  warnings_end(&warnings);
  ck_assert_str_eq(str_text(&warned), "cut\n1 more line with invalid UTF-8 or NUL\n");
  warnings_add(NULL, WARNING_CUT, "nobody listens");
  warnings_end(NULL);
  str_free(&warned);
}
END_TEST

/* Whatever the bytes: as many lines as line ends, each valid UTF-8. */
START_TEST(random_bytes) {
  static const char some[] = "\n\r\0 a\xC2\xA0\xE2\x90\xA3\xF0\x9F\x98\x80\xFF\xED\xEF\xBB\xBF";
  char bytes[200];
  for (uint64_t round = 0; round < 200; round++) {
    uint64_t key = rng_key(1, RNG_TEST, round, 0);
    long want = 0, got = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
      bytes[i] = i + 1 == sizeof bytes ? '\n' : some[rng_below(key, i, sizeof some)];
      want += bytes[i] == '\n';
    }
    Err err = {0};
    Lines *lines = lines_open(scratch_bytes(&scratch, "random", bytes, sizeof bytes), NULL, &err);
    const char *line;
    size_t n;
    for (; lines_next(lines, &line, &n, &err) == 1; got++)
      ck_assert(utf8_valid(line, n) && memchr(line, '\n', n) == NULL);
    ck_assert_int_eq(got, want);
    lines_close(lines);
  }
}
END_TEST

START_TEST(missing_file) {
  Err err = {0};
  ck_assert_ptr_null(lines_open(scratch_path(&scratch, "none"), NULL, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, "/none: cannot open: No such file"));
}
END_TEST

Suite *test_lines(void);
Suite *test_lines(void) {
  Suite *s = suite_create("lines");
  TCase *t = tcase_create("lines");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, line_ends);
  tcase_add_test(t, byte_order_mark_only_at_the_start);
  tcase_add_test(t, invalid_parts_are_replaced);
  tcase_add_test(t, gzip_is_recognised);
  tcase_add_test(t, long_line);
  tcase_add_test(t, many_warnings_become_a_count);
  tcase_add_test(t, one_kind_of_warning_does_not_hide_another);
  tcase_add_test(t, random_bytes);
  tcase_add_test(t, missing_file);
  suite_add_tcase(s, t);
  return s;
}
