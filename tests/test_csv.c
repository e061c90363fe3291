#include "eval/csv.h"

#include <check.h>
#include <string.h>

/* Every record as [field|field], or the error. */
static void expect(const char *text, size_t n, const char *want) {
  CsvReader reader = csv_open("f.csv", text, n);
  Err err = {0};
  Str got = {0};
  int more;
  while ((more = csv_next(&reader, &err)) == 1) {
    str_addf(&got, "%ld[", reader.line);
    for (int i = 0; i < reader.fields.n; i++)
      str_addf(&got, "%s%s", i > 0 ? "|" : "", tokens_get(&reader.fields, i, NULL));
    str_addc(&got, ']');
  }
  if (more < 0) str_addf(&got, " %s", err.text);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
  csv_close(&reader);
}

START_TEST(records) {
  expect("", 0, "");
  expect("a,b\nc\n", 6, "1[a|b]2[c]");
  expect("a,b\r\nc\r\n", 8, "1[a|b]2[c]");
  expect("a,\n,b", 5, "1[a|]2[|b]");
  expect("\n\n", 2, "1[]2[]");
  expect("\xEF\xBB\xBFx\n", 5, "1[x]");
}
END_TEST

START_TEST(quotes) {
  expect("\"a,b\",\"c\"\"d\"\n", 13, "1[a,b|c\"d]");
  expect("\"a\nb\r\nc\",2\nx\n", 13, "1[a\nb\r\nc|2]4[x]");
  expect("\"\",\"\"\"\"\r\n", 9, "1[|\"]");
  expect("\"\"", 2, "1[]");
}
END_TEST

START_TEST(broken) {
  expect("ok\na\"b\n", 7, "1[ok] f.csv:2: a quote inside a field that does not begin with one (RFC 4180)");
  expect("a,\"b\n", 5, " f.csv:1: the quote that begins in this record is never closed");
  expect("\"a\nb\"c\n", 7, " f.csv:2: text after a closing quote (RFC 4180)");
  expect("\"a\"\r", 4, " f.csv:1: text after a closing quote (RFC 4180)");
  expect("a\n\xFF\n", 4, "1[a] f.csv:2: this is not UTF-8 text");
  expect("a\0b\n", 4, " f.csv:1: this is not UTF-8 text");
}
END_TEST

START_TEST(quoting) {
  static const char *const fields[] = {"a", "", "a b", "a,b", "a\"b", "a\nb", "\r"};
  static const char *const want[] = {"a", "", "a b", "\"a,b\"", "\"a\"\"b\"", "\"a\nb\"", "\"\r\""};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    Str out = {0};
    csv_quote(&out, fields[i]);
    ck_assert_str_eq(str_text(&out), want[i]);
    str_free(&out);
  }
}
END_TEST

Suite *test_csv(void);
Suite *test_csv(void) {
  Suite *s = suite_create("csv");
  TCase *t = tcase_create("csv");
  tcase_add_test(t, records);
  tcase_add_test(t, quotes);
  tcase_add_test(t, broken);
  tcase_add_test(t, quoting);
  suite_add_tcase(s, t);
  return s;
}
