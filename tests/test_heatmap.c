#include "eval/heatmap.h"

#include <check.h>
#include <math.h>

static void expect(double weight, int red, int green, int blue) {
  HeatmapColour c = heatmap_colour(HEATMAP_DARK, weight);
  ck_assert_int_eq(c.red, red);
  ck_assert_int_eq(c.green, green);
  ck_assert_int_eq(c.blue, blue);
}

/* Stops of viridis as published (#440154 #3B528B #21918C #5DC863 #FDE725), and the middle of two. */
START_TEST(viridis) {
  expect(0, 0x44, 0x01, 0x54);
  expect(0.25, 0x3B, 0x52, 0x8B);
  expect(0.5, 0x21, 0x91, 0x8C);
  expect(0.75, 0x5D, 0xC8, 0x63);
  expect(1, 0xFD, 0xE7, 0x25);
  expect(15.0 / 16, 212, 226, 44); /* (170, 220, 50) to (253, 231, 37): 211.5, 225.5, 43.5 */
  expect(-1, 0x44, 0x01, 0x54);
  expect(2, 0xFD, 0xE7, 0x25);
  expect((double)NAN, 0x44, 0x01, 0x54);
}
END_TEST

/* Luminance with the weights of Rec. 709 on linear light, then CIE lightness 0 .. 100. */
static double lightness(HeatmapColour c) {
  const unsigned char channels[] = {c.red, c.green, c.blue};
  const double shares[] = {0.2126, 0.7152, 0.0722};
  double y = 0;
  for (int i = 0; i < 3; i++) {
    double v = channels[i] / 255.0;
    y += shares[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
  }
  return 116 * cbrt(y) - 16;
}

static void expect_even(HeatmapTheme theme) {
  double whole = lightness(heatmap_colour(theme, 1)) - lightness(heatmap_colour(theme, 0));
  for (int i = 0; i < 16; i++) {
    double step = lightness(heatmap_colour(theme, (i + 1) / 16.0)) - lightness(heatmap_colour(theme, i / 16.0));
    ck_assert_double_gt(step / whole, 0.6 / 16);
    ck_assert_double_lt(step / whole, 1.4 / 16);
  }
}

START_TEST(lightness_changes_evenly) {
  expect_even(HEATMAP_DARK);
  expect_even(HEATMAP_LIGHT);
  ck_assert_double_gt(lightness(heatmap_colour(HEATMAP_LIGHT, 0)), 95);
  ck_assert_double_lt(lightness(heatmap_colour(HEATMAP_LIGHT, 1)), 20);
}
END_TEST

/* Contrast of WCAG: (L1 + 0.05) / (L2 + 0.05), from the luminance that a lightness stands for; 4.5 reads well. */
static double contrast(HeatmapColour a, HeatmapColour b) {
  double la = pow((lightness(a) + 16) / 116, 3), lb = pow((lightness(b) + 16) / 116, 3);
  return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

START_TEST(ink_can_be_read) {
  for (int theme = HEATMAP_DARK; theme <= HEATMAP_LIGHT; theme++)
    for (int i = 0; i <= 32; i++) {
      HeatmapColour ground = heatmap_colour((HeatmapTheme)theme, i / 32.0);
      ck_assert_double_gt(contrast(ground, heatmap_ink(ground)), 4.4);
    }
}
END_TEST

START_TEST(tokens_made_visible) {
  Str out = {0};
  heatmap_visible(&out, "a\t\x7F\xC2\x9B\xFF\xE7\x8C\xAB");
  ck_assert_str_eq(str_text(&out), "a\xE2\x90\x89\xE2\x90\xA1\xEF\xBF\xBD\xEF\xBF\xBD\xE7\x8C\xAB");
  str_free(&out);
}
END_TEST

Suite *test_heatmap(void);
Suite *test_heatmap(void) {
  Suite *s = suite_create("heatmap");
  TCase *t = tcase_create("heatmap");
  tcase_add_test(t, viridis);
  tcase_add_test(t, lightness_changes_evenly);
  tcase_add_test(t, ink_can_be_read);
  tcase_add_test(t, tokens_made_visible);
  suite_add_tcase(s, t);
  return s;
}
