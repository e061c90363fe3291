#include "eval/heatmap.h"

#include <check.h>
#include <math.h>

static void expect(double weight, int red, int green, int blue) {
  HeatmapColour c = heatmap_colour(weight);
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

START_TEST(lightness_grows_evenly) {
  double whole = lightness(heatmap_colour(1)) - lightness(heatmap_colour(0));
  for (int i = 0; i < 16; i++) {
    double step = lightness(heatmap_colour((i + 1) / 16.0)) - lightness(heatmap_colour(i / 16.0));
    ck_assert_double_gt(step, 0.6 * whole / 16);
    ck_assert_double_lt(step, 1.4 * whole / 16);
  }
}
END_TEST

Suite *test_heatmap(void);
Suite *test_heatmap(void) {
  Suite *s = suite_create("heatmap");
  TCase *t = tcase_create("heatmap");
  tcase_add_test(t, viridis);
  tcase_add_test(t, lightness_grows_evenly);
  suite_add_tcase(s, t);
  return s;
}
