/* An image as JSON and back. */
#include "eval/pixels.h"

#include <check.h>
#include <string.h>

static const float greys[] = {0, 1, .5F, .2F, 1, 1, 0, 0};
static const Regions image = {.at = greys, .n = 2, .size = 4, .columns = 2};
static const char text[] = "{\"columns\":2,\"patch\":2,\"pixels\":\"00ff8033ffff0000\"}";

START_TEST(by_hand) {
  Str out = {0};
  pixels_add(&out, &image);
  ck_assert_str_eq(str_text(&out), text);
  str_free(&out);
}
END_TEST

START_TEST(what_is_shown) {
  ck_assert(pixels_shown(&image));
  ck_assert(!pixels_shown(NULL));
  ck_assert(!pixels_shown(&(Regions){.at = greys, .n = 2, .size = 4})); /* a matrix */
  ck_assert(pixels_shown(&(Regions){.n = 256, .size = 256, .columns = 16}));
  ck_assert(!pixels_shown(&(Regions){.n = 257, .size = 256, .columns = 1}));
  ck_assert(!pixels_shown(&(Regions){.n = 100000, .size = 65536, .columns = 1}));
}
END_TEST

static bool read(RegionFile *file, int n, const char *json) {
  Err err = {0};
  Json *object = json_parse(json, strlen(json), "image", ERR_FILE, &err);
  ck_assert_msg(object != NULL, "%s", err.text);
  bool ok = pixels_read(file, n, object);
  json_free(object);
  return ok;
}

START_TEST(and_back) {
  RegionFile file = {0};
  ck_assert(read(&file, 2, text));
  ck_assert(file.regions.n == 2 && file.regions.size == 4 && file.regions.columns == 2);
  for (int i = 0; i < 8; i++) ck_assert_double_eq_tol((double)file.regions.at[i], (double)greys[i], 0.51 / 255);
  region_file_free(&file);
}
END_TEST

START_TEST(what_is_none) {
  static const char *const bad[] = {"[]",
                                    "{}",
                                    "{\"columns\":2,\"patch\":2}",
                                    "{\"columns\":2,\"patch\":2,\"pixels\":3}",
                                    "{\"columns\":2,\"patch\":2,\"pixels\":\"00ff8033ffff000\"}",
                                    "{\"columns\":2,\"patch\":2,\"pixels\":\"00ff8033ffff00000\"}",
                                    "{\"columns\":2,\"patch\":2,\"pixels\":\"00ff8033ffff00g0\"}",
                                    "{\"columns\":0,\"patch\":2,\"pixels\":\"00ff8033ffff0000\"}",
                                    "{\"columns\":3,\"patch\":2,\"pixels\":\"00ff8033ffff0000\"}",
                                    "{\"columns\":1.5,\"patch\":2,\"pixels\":\"00ff8033ffff0000\"}",
                                    "{\"columns\":2,\"patch\":257,\"pixels\":\"00ff8033ffff0000\"}",
                                    "{\"columns\":2,\"patch\":-2,\"pixels\":\"00ff8033ffff0000\"}"};
  RegionFile file = {0};
  ck_assert(read(&file, 2, text));
  ck_assert(!read(&file, 3, text));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ck_assert_msg(!read(&file, 2, bad[i]), "%s", bad[i]);
  ck_assert_int_eq(file.regions.n, 0);
  region_file_free(&file);
}
END_TEST

Suite *test_pixels(void);
Suite *test_pixels(void) {
  Suite *suite = suite_create("pixels");
  TCase *tcase = tcase_create("pixels");
  tcase_add_test(tcase, by_hand);
  tcase_add_test(tcase, what_is_shown);
  tcase_add_test(tcase, and_back);
  tcase_add_test(tcase, what_is_none);
  suite_add_tcase(suite, tcase);
  return suite;
}
