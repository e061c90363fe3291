/* Gold links of a text, sentence by sentence: those of files with a line each, and of files that pass sentences over.
 */
#include "eval/gold.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

static Scratch scratch;

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static Gold *read(const char *text, bool from_1) {
  Err err = {0};
  Gold *gold = gold_read(scratch_text(&scratch, "g", text), from_1, NULL, &err);
  ck_assert_msg(gold != NULL, "%s", err.text);
  return gold;
}

START_TEST(a_line_a_sentence) {
  Err err = {0};
  Gold *gold = read("0-0 2?1\n\n", false);
  ck_assert_int_eq(gold_count(gold), 2);
  ck_assert(gold_fits(gold, 2) && !gold_fits(gold, 1) && !gold_fits(gold, 3));
  const PharaohLinks *links = gold_get(gold, 0, &err);
  ck_assert_int_eq(links->n, 2);
  ck_assert(links->at[1].source == 2 && links->at[1].target == 1 && !links->at[1].sure);
  ck_assert_int_eq(gold_get(gold, 1, &err)->n, 0);
  ck_assert_ptr_null(gold_get(gold, 2, &err));
  ck_assert_msg(strstr(err.text, "g: 2 lines of gold links; there is none for sentence 3") != NULL, "%s", err.text);
  gold_free(gold);
}
END_TEST

/* Sentences after the last that has links may be more, never fewer. */
START_TEST(a_link_a_line) {
  Err err = {0};
  Gold *gold = read("0001 1 1 S\n0003 1 2 P\n", false);
  ck_assert_int_eq(gold_count(gold), 3);
  ck_assert(gold_fits(gold, 3) && gold_fits(gold, 9) && !gold_fits(gold, 2));
  ck_assert_int_eq(gold_get(gold, 0, &err)->n, 1);
  ck_assert_int_eq(gold_get(gold, 1, &err)->n, 0);
  ck_assert_int_eq(gold_get(gold, 2, &err)->at[0].target, 1);
  const PharaohLinks *beyond = gold_get(gold, 8, &err);
  ck_assert(beyond != NULL && beyond->n == 0);
  gold_free(gold);
}
END_TEST

START_TEST(links_of_words_that_are_there) {
  Err err = {0};
  LinkLengths two = {2, 2}, three = {3, 2};
  Gold *gold = read("0-0 2-1\n", false), *from_1 = read("1-1 3-2\n", true);
  ck_assert(gold_check(gold, 0, &three, &err) && gold_check(from_1, 0, &three, &err));
  ck_assert(!gold_check(gold, 0, &two, &err));
  ck_assert_msg(strstr(err.text, "the link from word 3 to word 2 is outside its pair") != NULL, "%s", err.text);
  ck_assert_msg(strstr(err.text, "do its links count from 1? then say --from-1") != NULL, "%s", err.text);
  err_clear(&err);
  ck_assert(!gold_check(from_1, 0, &two, &err));
  ck_assert_msg(strstr(err.text, "do its links count from 0 after all?") != NULL, "%s", err.text);
  gold_free(gold);
  gold_free(from_1);
}
END_TEST

Suite *test_gold(void);
Suite *test_gold(void) {
  Suite *s = suite_create("gold");
  TCase *t = tcase_create("gold");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, a_line_a_sentence);
  tcase_add_test(t, a_link_a_line);
  tcase_add_test(t, links_of_words_that_are_there);
  suite_add_tcase(s, t);
  return s;
}
