#include "train/exhibit_list.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

static Scratch scratch;
static Heldout pairs;
static ExhibitList list;

static void set_up(void) {
  static const char *const texts[][2] = {{"a b", "x"}, {"c", "y z"}, {"a b", "w"}};
  scratch_open(&scratch);
  pairs = (Heldout){0};
  list = (ExhibitList){0};
  for (int i = 0; i < 3; i++) {
    tokens_add(&pairs.sources, texts[i][0], strlen(texts[i][0]));
    tokens_add(&pairs.targets, texts[i][1], strlen(texts[i][1]));
  }
}
static void tear_down(void) {
  exhibit_list_free(&list);
  heldout_free(&pairs);
  scratch_close(&scratch);
}

static void expect(int i, const char *source, const char *target, int id, bool held_out) {
  Pair pair = exhibit_list_pair(&list, i);
  ck_assert_str_eq(pair.source, source);
  ck_assert_str_eq(pair.target, target);
  ck_assert_int_eq(list.id[i], id);
  ck_assert_int_eq(list.held_out[i], held_out);
}

/* A source alone is that of a held-out pair, with its links; so is a whole pair; any other has none. */
START_TEST(sentences_of_a_file) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "s", "c\r\n\n  \na b\tw\na b\nnew\tones\n");
  ck_assert_msg(exhibit_list_read(&list, path, &pairs, &err), "%s", err.text);
  ck_assert_int_eq(exhibit_list_count(&list), 4);
  expect(0, "c", "y z", 1, true);
  expect(1, "a b", "w", 2, true);
  expect(2, "a b", "x", 0, true);
  expect(3, "new", "ones", 5, false);
  Gold *gold = gold_read(scratch_text(&scratch, "g", "0-0\n0-1\n1-0\n"), false, NULL, &err);
  ck_assert_msg(gold != NULL, "%s", err.text);
  ck_assert_int_eq(exhibit_list_gold(&list, 0, gold)->at[0].target, 1);
  ck_assert_int_eq(exhibit_list_gold(&list, 1, gold)->at[0].source, 1);
  ck_assert_ptr_null(exhibit_list_gold(&list, 3, gold));
  ck_assert_ptr_null(exhibit_list_gold(&list, 0, NULL));
  gold_free(gold);
}
END_TEST

static const struct {
  const char *text, *said;
} bad[] = {{"", "no sentence to show"},
           {"\n \n", "no sentence to show"},
           {"c\nd\n", ":2: no validation pair"},
           {"a\t\n", "one tab and its translation"},
           {"\tx\n", "one tab"},
           {"a\tb\tc\n", "one tab"}};

START_TEST(refused) {
  Err err = {0};
  ck_assert(!exhibit_list_read(&list, scratch_text(&scratch, "s", bad[_i].text), &pairs, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad[_i].said) != NULL, "%s", err.text);
}
END_TEST

START_TEST(too_many) {
  Err err = {0};
  Str text = {0};
  for (int i = 0; i < EXHIBIT_LIST_MOST; i++) str_adds(&text, "c\n");
  ck_assert(exhibit_list_read(&list, scratch_text(&scratch, "s", text.at), &pairs, &err));
  str_adds(&text, "c\n");
  exhibit_list_free(&list);
  list = (ExhibitList){0};
  ck_assert(!exhibit_list_read(&list, scratch_text(&scratch, "s", text.at), &pairs, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "more than 100 sentences"));
  str_free(&text);
}
END_TEST

Suite *test_exhibit_list(void);
Suite *test_exhibit_list(void) {
  Suite *s = suite_create("exhibit_list");
  TCase *t = tcase_create("exhibit_list");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, sentences_of_a_file);
  tcase_add_loop_test(t, refused, 0, sizeof bad / sizeof *bad);
  tcase_add_test(t, too_many);
  suite_add_tcase(s, t);
  return s;
}
