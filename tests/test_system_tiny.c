/* The trained models that come with the program. Run from the top folder. */
#include <check.h>
#include <string.h>

#include "base/io.h"
#include "session.h"

static const struct {
  const char *model, *source, *target;
} cases[] = {
    {"tiny-dates", "Aug. 4, 2094", "2094-08-04\n"},
    {"tiny-dates", "March 5, 2021", "2021-03-05\n"},
    {"tiny-en-fr", "this king is rich .", "ce roi est riche .\n"},
    {"tiny-en-fr", "the black cat sees a small house .", "le chat noir voit une petite maison .\n"},
    {"tiny-en-fr", "a boy does not swim today .", "un gar\xC3\xA7on ne nage pas aujourd'hui .\n"},
};
enum { N_CASES = sizeof cases / sizeof *cases };

START_TEST(they_translate) {
  Str line = {0};
  str_addf(&line, "echo '%s' | $A translate -m models/%s.safetensors", cases[_i].source, cases[_i].model);
  Ran ran = session_run(".", str_text(&line));
  ck_assert_int_eq(ran.status, 0);
  ck_assert_str_eq(str_text(&ran.said), "");
  ck_assert_str_eq(str_text(&ran.out), cases[_i].target);
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* Words are asked for, and cannot be had. */
START_TEST(characters_are_no_pieces) {
  static const char line[] = "echo '5 May 1999' | $A translate -m models/%s.safetensors --format jsonl%s";
  static const char told[] = "the characters of this model stay as they are";
  for (int i = 0; i < 4; i++) {
    Str text = {0};
    str_addf(&text, line, i < 2 ? "tiny-dates" : "tiny-en-fr", i % 2 == 0 ? " --alignment-units word" : "");
    Ran ran = session_run(".", str_text(&text));
    ck_assert_int_eq(ran.status, 0);
    ck_assert_int_eq(strstr(str_text(&ran.said), told) != NULL, i == 0);
    session_end(&ran);
    str_free(&text);
  }
}
END_TEST

START_TEST(they_are_small) {
  static const char *const paths[] = {"models/tiny-dates.safetensors", "models/tiny-en-fr.safetensors"};
  Str bytes = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&bytes, paths[_i], 400000, &err), "%s", err.text);
  str_free(&bytes);
}
END_TEST

Suite *test_system_tiny(void);
Suite *test_system_tiny(void) {
  Suite *s = suite_create("system_tiny");
  TCase *t = tcase_create("system_tiny");
  tcase_add_loop_test(t, they_translate, 0, N_CASES);
  tcase_add_test(t, characters_are_no_pieces);
  tcase_add_loop_test(t, they_are_small, 0, 2);
  suite_add_tcase(s, t);
  return s;
}
