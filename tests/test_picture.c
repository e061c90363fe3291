#include "eval/picture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "eval/heatmap_file.h"
#include "pdf.h"
#include "samples.h"

static Picture *open_picture(void) {
  Err err = {0};
  Picture *p = picture_new(NULL, &err);
  ck_assert_msg(p != NULL, "%s", err.text);
  return p;
}

START_TEST(missing) {
  Err err = {0};
  ck_assert_ptr_null(picture_new(NULL, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "made without Pango and Cairo"));
}
END_TEST

/* A red box over the left half of 20 x 10, and a text. */
static void draw(Picture *p, PictureForm form, Str *out) {
  Err err = {0};
  Drawing d = {0};
  drawing_box(&d, (HeatmapColour){255, 255, 255}, 0, 0, 20, 10);
  drawing_box(&d, (HeatmapColour){255, 0, 0}, 0, 0, 10, 10);
  drawing_add(&d, (DrawingShape){.kind = DRAWING_TEXT, .x = 15, .y = 5, .size = 4, .align = DRAWING_MIDDLE}, "a");
  ck_assert_msg(picture_begin(p, form, "<1 & 2>", 20, 10, &err), "%s", err.text);
  picture_put(p, &d, 0, 0, 1);
  if (form == PICTURE_PDF) {
    picture_page(p);
    picture_put(p, &d, 0, 0, 0.5);
  }
  ck_assert_msg(picture_end(p, out, &err), "%s", err.text);
  drawing_free(&d);
}

START_TEST(svg) {
  Picture *p = open_picture();
  Str out = {0};
  draw(p, PICTURE_SVG, &out);
  ck_assert_ptr_nonnull(strstr(str_text(&out), "<svg "));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "viewBox=\"0 0 20 10\""));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "<title>&lt;1 &amp; 2&gt;</title>"));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "M 0 0 L 10 0 L 10 10 L 0 10 Z"));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "<use ")); /* a glyph */
  str_free(&out);
  picture_free(p);
}
END_TEST

static unsigned long big_endian(const char *at) {
  unsigned long value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | (unsigned char)at[i];
  return value;
}

START_TEST(png) {
  Picture *p = open_picture();
  Str out = {0};
  draw(p, PICTURE_PNG, &out);
  ck_assert_uint_gt(out.n, 24);
  ck_assert_mem_eq(out.at, "\x89PNG\r\n\x1a\n", 8);
  ck_assert_uint_eq(big_endian(out.at + 16), 20 * PICTURE_PIXELS);
  ck_assert_uint_eq(big_endian(out.at + 20), 10 * PICTURE_PIXELS);
  str_free(&out);
  picture_free(p);
}
END_TEST

START_TEST(pdf_of_two_pages) {
  Picture *p = open_picture();
  Str out = {0};
  draw(p, PICTURE_PDF, &out);
  ck_assert_mem_eq(str_text(&out), "%PDF-", 5);
  ck_assert_int_eq(pdf_pages(&out), 2);
  str_free(&out);
  picture_free(p);
}
END_TEST

/* Nothing depends on the clock, nor on what was drawn before. */
START_TEST(same_bytes_again) {
  Picture *p = open_picture();
  for (int form = PICTURE_SVG; form <= PICTURE_PDF; form++) {
    Str one = {0}, two = {0};
    draw(p, (PictureForm)form, &one);
    draw(p, (PictureForm)form, &two);
    ck_assert_uint_eq(one.n, two.n);
    ck_assert_mem_eq(one.at, two.at, one.n);
    str_free(&one);
    str_free(&two);
  }
  picture_free(p);
}
END_TEST

START_TEST(widths) {
  Picture *p = open_picture();
  double e = picture_measure(p, "e", 20, DRAWING_REGULAR);
  ck_assert_double_gt(e, 4);
  ck_assert_double_lt(e, 20);
  ck_assert_double_eq_tol(picture_measure(p, "ee", 20, DRAWING_REGULAR), 2 * e, 0.1);
  ck_assert_double_eq_tol(picture_measure(p, "e", 40, DRAWING_REGULAR), 2 * e, 0.1);
  /* A combining mark stands above its letter. */
  ck_assert_double_eq_tol(picture_measure(p, "e\xCC\x81", 20, DRAWING_REGULAR), e, 0.2 * e);
  picture_free(p);
}
END_TEST

/* No font has anything for plane 16, which is for private use. */
START_TEST(missing_characters_are_named_once) {
  Picture *p = open_picture();
  Drawing d = {0};
  Err err = {0};
  Str out = {0}, told = {0};
  for (int i = 0; i < 2; i++)
    drawing_add(&d, (DrawingShape){.kind = DRAWING_TEXT, .x = 15, .y = 5, .size = 4}, "a\xF4\x8F\xBF\xBDz");
  ck_assert(picture_begin(p, PICTURE_SVG, "", 20, 10, &err));
  picture_missing(p, &told);
  ck_assert_str_eq(str_text(&told), "");
  picture_put(p, &d, 0, 0, 1);
  ck_assert(picture_end(p, &out, &err));
  picture_missing(p, &told);
  ck_assert_str_eq(
      str_text(&told),
      "no font here has \xF4\x8F\xBF\xBD (U+10FFFD): boxes stand in their place; install fonts that do, as "
      "of Debian's fonts-noto-core, and draw anew");
  drawing_free(&d);
  str_free(&told);
  str_free(&out);
  picture_free(p);
}
END_TEST

START_TEST(unknown_font) {
  Err err = {0};
  ck_assert_ptr_null(picture_new("No Such Font", &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "--font No Such Font: there is no such font; there are "));
  Picture *p = picture_new("MonoSpace", &err);
  ck_assert_ptr_nonnull(p);
  ck_assert_double_eq_tol(picture_measure(p, "iiii", 20, DRAWING_REGULAR),
                          picture_measure(p, "mmmm", 20, DRAWING_REGULAR), 0.01);
  picture_free(p);
}
END_TEST

START_TEST(too_large) {
  Picture *p = open_picture();
  Err err = {0};
  ck_assert(!picture_begin(p, PICTURE_PNG, "", 40000, 10, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "--scale"));
  picture_free(p);
}
END_TEST

/* sample_ties has about 200 x 235 points with its title, 140 x 165 at the pages' scale: three a row, four rows. */
START_TEST(several_a_page) {
  Err err = {0};
  HeatmapLook look = {.theme = HEATMAP_DARK, .scale = 1};
  HeatmapFile *file = heatmap_file_new(&look, &err);
  static const int expected[][2] = {{1, 1}, {12, 1}, {13, 2}};
  for (int i = 0; i < 3; i++) {
    Str out = {0};
    ck_assert(heatmap_file_begin(file, &err));
    for (int n = 0; n < expected[i][0]; n++) heatmap_file_add(file, &sample_ties, NULL);
    ck_assert(heatmap_file_end(file, &out, &err));
    ck_assert_int_eq(pdf_pages(&out), expected[i][1]);
    str_free(&out);
  }
  heatmap_file_free(file);
}
END_TEST

/* Whatever fonts there are: nothing is lost or fails. */
START_TEST(every_script) {
  Alignment a = sample_ties;
  Err err = {0};
  Str out = {0};
  HeatmapLook look = {.theme = HEATMAP_LIGHT, .scale = 1, .title = "\xE4\xB8\xAD"};
  HeatmapFile *file = heatmap_file_new(&look, &err);
  a.source = (const char *const[]){"\xE7\x8C\xAB\xE3\x81\xAF", "\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85", "e\xCC\x81",
                                   "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"};
  a.target = (const char *const[]){"", "\xEF\xBF\xBE",
                                   "\xE2\x80\xAE"
                                   "abc",
                                   "\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7", "x"};
  for (int form = PICTURE_SVG; form <= PICTURE_PDF; form++) {
    size_t before = out.n;
    ck_assert_msg(heatmap_file_one(file, (PictureForm)form, &a, NULL, &out, &err), "%s", err.text);
    ck_assert_uint_gt(out.n, before + 500);
  }
  heatmap_file_free(file);
  str_free(&out);
}
END_TEST

Suite *test_picture(void);
Suite *test_picture(void) {
  Suite *s = suite_create("picture");
  TCase *t = tcase_create("picture");
  suite_add_tcase(s, t);
  if (!picture_available()) {
    tcase_add_test(t, missing);
    return s;
  }
  tcase_add_test(t, svg);
  tcase_add_test(t, png);
  tcase_add_test(t, pdf_of_two_pages);
  tcase_add_test(t, same_bytes_again);
  tcase_add_test(t, widths);
  tcase_add_test(t, missing_characters_are_named_once);
  tcase_add_test(t, unknown_font);
  tcase_add_test(t, too_large);
  tcase_add_test(t, several_a_page);
  tcase_add_test(t, every_script);
  return s;
}
