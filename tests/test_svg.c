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
  expect(
      "<?xml version=\"1.0\"?>\n<svg width=\"1.23456pt\">\n<g id=\"surface12\">\n<g id=\"surface3\">", "a<b>&c",
      "<?xml version=\"1.0\"?>\n<svg width=\"1.23456pt\">\n<title>a&lt;b&gt;&amp;c</title>\n<g>\n<g id=\"surface3\">");
  expect("<svg><path style=\"fill:rgb(94.901961%,0%,100%);opacity:0.123456\" d=\"M -1.40625 0 L 10.999 -0.001 Z\"/>",
         "", "<svg><path style=\"fill:rgb(94.9%,0%,100%);opacity:0.123456\" d=\"M -1.41 0 L 11 -0 Z\"/>");
  expect("<use transform=\"matrix(0.001234,0,0,1,2.345678,0)\" id=\"1.23456\" d=\"", "",
         "<use transform=\"matrix(0.001234,0,0,1,2.345678,0)\" id=\"1.23456\" d=\"");
  expect("", "title", "");
  /* What is not well-formed XML: ]]> in text, controls, U+FFFE, bytes that are not UTF-8. */
  expect("<svg>", "]]>\x1B[1m\"\xEF\xBF\xBE\xFF\xC2\x85",
         "<svg>\n<title>]]&gt;\xE2\x90\x9B[1m&quot;\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD</title>");
}
END_TEST

START_TEST(text_to_edit) {
  Drawing d = {.width = 40, .height = 20};
  Str out = {0};
  drawing_box(&d, (HeatmapColour){255, 0, 16}, 1, 2.345, 10, 20);
  drawing_add(&d, (DrawingShape){.kind = DRAWING_DASHES, .x = 1, .y = 2, .width = 3, .height = 4, .line = 1.8}, NULL);
  drawing_add(
      &d,
      (DrawingShape){.kind = DRAWING_TEXT, .x = 5, .y = 6, .size = 13, .align = DRAWING_END, .style = DRAWING_ITALIC},
      "a<b]]>");
  drawing_add(&d, (DrawingShape){.kind = DRAWING_TEXT, .x = 5, .y = 6, .size = 13, .degrees = -45}, "c");
  svg_draw(&out, &d, 2, "A \"B\"", "t");
  ck_assert_str_eq(
      str_text(&out),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80.00pt\" height=\"40.00pt\" viewBox=\"0 0 40 20\""
      " font-family=\"A &quot;B&quot;, sans-serif\">\n<title>t</title>\n"
      "<rect x=\"1\" y=\"2.35\" width=\"10\" height=\"20\" fill=\"#ff0010\"/>\n"
      "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" fill=\"none\" stroke=\"#000000\""
      " stroke-width=\"1.8\" stroke-dasharray=\"3 2\"/>\n"
      "<text x=\"5\" y=\"6\" dy=\".35em\" font-size=\"13\" fill=\"#000000\" text-anchor=\"end\""
      " font-style=\"italic\">a&lt;b]]&gt;</text>\n"
      "<text transform=\"translate(5.00 6.00) rotate(-45)\" dy=\".35em\" font-size=\"13\""
      " fill=\"#000000\">c</text>\n"
      "</svg>\n");
  str_free(&out);
  drawing_free(&d);
}
END_TEST

Suite *test_svg(void);
Suite *test_svg(void) {
  Suite *s = suite_create("svg");
  TCase *t = tcase_create("svg");
  tcase_add_test(t, tidy);
  tcase_add_test(t, text_to_edit);
  suite_add_tcase(s, t);
  return s;
}
