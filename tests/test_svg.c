#include "eval/svg.h"

#include <check.h>

static void expect(const char *svg, const char *title, const char *want) {
  Str in = {0}, out = {0};
  str_adds(&in, svg);
  svg_tidy(&out, &in, title);
  ck_assert_str_eq(str_text(&out), want);
  str_free(&in);
  str_free(&out);
}

START_TEST(tidy) {
  expect("<?xml version=\"1.0\"?>\n<svg width=\"1.23456pt\">\n<g id=\"surface12\">\n<g id=\"surface3\">", "a<b>&c",
         "<?xml version=\"1.0\"?>\n<svg width=\"1.23456pt\">\n<title>a&lt;b>&amp;c</title>\n<g>\n<g id=\"surface3\">");
  expect("<svg><path style=\"fill:rgb(94.901961%,0%,100%);opacity:0.123456\" d=\"M -1.40625 0 L 10.999 -0.001 Z\"/>",
         "", "<svg><path style=\"fill:rgb(94.9%,0%,100%);opacity:0.123456\" d=\"M -1.41 0 L 11 -0 Z\"/>");
  expect("<use transform=\"matrix(0.001234,0,0,1,2.345678,0)\" id=\"1.23456\" d=\"", "",
         "<use transform=\"matrix(0.001234,0,0,1,2.345678,0)\" id=\"1.23456\" d=\"");
  expect("", "title", "");
}
END_TEST

Suite *test_svg(void);
Suite *test_svg(void) {
  Suite *s = suite_create("svg");
  TCase *t = tcase_create("svg");
  tcase_add_test(t, tidy);
  suite_add_tcase(s, t);
  return s;
}
