#include "train/exhibit.h"

#include <check.h>
#include <string.h>

#include "base/json.h"
#include "tiny.h"

/* A place in each sixth of the pairs, the first that fits a page, else the first. */
START_TEST(choosing) {
  PairLength lengths[18];
  int index[EXHIBITS];
  for (int i = 0; i < 18; i++) lengths[i] = (PairLength){5, 5};
  lengths[3].source = 2;
  lengths[4].target = 99;
  lengths[6].source = lengths[7].target = lengths[8].target = 50;
  ck_assert_int_eq(exhibit_choose(lengths, 18, index), 6);
  static const int want[] = {0, 5, 6, 9, 12, 15};
  for (int k = 0; k < 6; k++) ck_assert_int_eq(index[k], want[k]);
  ck_assert_int_eq(exhibit_choose(lengths, 4, index), 4);
  for (int k = 0; k < 4; k++) ck_assert_int_eq(index[k], k);
  ck_assert_int_eq(exhibit_choose(lengths, 0, index), 0);
}
END_TEST

static Json *shown(Exhibit *e, const char *source, const char *target) {
  Str text = {0};
  Err err = {0};
  PharaohLinks gold = {0};
  pharaoh_add(&gold, (PharaohLink){1, 0, false});
  Pair pair = {source, target, strlen(source), strlen(target)};
  exhibit_add(e, &text, 6, &pair, &gold);
  Json *json = json_parse(str_text(&text), text.n, "exhibit", ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s: %s", err.text, str_text(&text));
  str_free(&text);
  pharaoh_free(&gold);
  return json;
}

START_TEST(a_pair_on_show) {
  Translator *t = tiny_translator(3, "location", NULL); /* six positions */
  Pool *pool = pool_new(2);
  Exhibit *e = exhibit_new(t, pool);
  Json *json = shown(e, "a q b", "y nothing");
  Str text = {0};
  ck_assert_double_eq(json_number(json_get(json, "n")), 7);
  json_print(&text, json_get(json, "s"), false);
  json_print(&text, json_get(json, "u"), false);
  json_print(&text, json_get(json, "g"), false);
  const Json *given = json_next(json_first(json_get(json, "o")));
  json_print(&text, json_get(given, "t"), false);
  json_print(&text, json_get(given, "u"), false);
  ck_assert_str_eq(str_text(&text), "[\"a\",\"q\",\"b\",\"</s>\"][1][1,0,0][\"y\",\"nothing\",\"</s>\"][1]");
  ck_assert_int_eq(json_count(json_get(given, "w")), 3);
  ck_assert_int_eq(json_count(json_get(json, "o")), 2);
  json_free(json);
  Json *none[] = {shown(e, "a a a a a a", "x"), shown(e, "", "x"), shown(e, "a", "")};
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(json_type(none[i]), JSON_NULL);
    json_free(none[i]);
  }
  json_free(shown(e, "a a a a a", "x"));
  str_free(&text);
  exhibit_free(e);
  pool_free(pool);
  translator_free(t);
}
END_TEST

Suite *test_exhibit(void);
Suite *test_exhibit(void) {
  Suite *s = suite_create("exhibit");
  TCase *t = tcase_create("exhibit");
  tcase_add_test(t, choosing);
  tcase_add_test(t, a_pair_on_show);
  suite_add_tcase(s, t);
  return s;
}
