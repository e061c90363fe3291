/* Alignments of two directions made one: by hand, and against the output of tests/peer/symmetrise.py. */
#include "eval/symmetrise.h"

#include <check.h>
#include <string.h>

#include "base/io.h"

static PharaohLinks links_of(const char *text, size_t n) {
  PharaohLinks links = {0};
  Err err = {0};
  ck_assert_msg(pharaoh_parse(&links, text, n, "links", 1, &err), "%s", err.text);
  return links;
}

static void expect(SymmetriseMethod method, const PharaohLinks *forward, const PharaohLinks *reverse,
                   const char *want) {
  Symmetrise room = {0};
  PharaohLinks out = {0};
  Str text = {0};
  symmetrise(&room, method, forward, reverse, &out);
  pharaoh_print(&text, &out);
  ck_assert_msg(strcmp(str_text(&text), want) == 0, "%s: %s, expected %s", symmetrise_names[method], str_text(&text),
                want);
  str_free(&text);
  pharaoh_free(&out);
  symmetrise_free(&room);
}

static const struct {
  const char *forward, *reverse;
  const char *want[N_SYMMETRISE];
} by_hand[] = {
    /* intersection, union, grow, grow-diag, grow-diag-final, grow-diag-final-and */
    {"", "", {"", "", "", "", "", ""}},
    {"0-0 1-1", "0-0 1-1", {"0-0 1-1", "0-0 1-1", "0-0 1-1", "0-0 1-1", "0-0 1-1", "0-0 1-1"}},
    /* Reverse links are target-source. */
    {"0-1", "1-0", {"0-1", "0-1", "0-1", "0-1", "0-1", "0-1"}},
    /* A neighbour with a new target word; one at a corner with a new word; a far one that only final adds. */
    {"0-0 0-1", "0-0", {"0-0", "0-0 0-1", "0-0 0-1", "0-0 0-1", "0-0 0-1", "0-0 0-1"}},
    {"0-0 1-1", "0-0", {"0-0", "0-0 1-1", "0-0", "0-0 1-1", "0-0 1-1", "0-0 1-1"}},
    {"0-0 2-2", "0-0", {"0-0", "0-0 2-2", "0-0", "0-0", "0-0 2-2", "0-0 2-2"}},
    /* Far, and one of its words has a link: left, but for grow-diag-final. */
    {"0-0 0-2", "0-0", {"0-0", "0-0 0-2", "0-0", "0-0", "0-0 0-2", "0-0"}},
    /* Growing goes on from what has grown: 0-0, then 1-1, then 2-2. */
    {"0-0 2-2", "0-0 1-1", {"0-0", "0-0 1-1 2-2", "0-0", "0-0 1-1 2-2", "0-0 1-1 2-2", "0-0 1-1 2-2"}},
    /* Both words of 0-1 have links by the time it is looked at. */
    {"0-0 1-1 0-1", "0-0 1-1", {"0-0 1-1", "0-0 0-1 1-1", "0-0 1-1", "0-0 1-1", "0-0 1-1", "0-0 1-1"}},
    /* Nothing in common: final takes the forward links first, then what they leave. */
    {"5-5", "5-6 7-8", {"", "5-5 6-5 8-7", "", "", "5-5 6-5 8-7", "5-5 8-7"}},
    /* Positions may be as large as they can be. */
    {"99999999-0", "0-99999999", {"99999999-0", "99999999-0", "99999999-0", "99999999-0", "99999999-0", "99999999-0"}},
};
enum { N_BY_HAND = sizeof by_hand / sizeof *by_hand };

START_TEST(hand_made) {
  PharaohLinks forward = links_of(by_hand[_i].forward, strlen(by_hand[_i].forward));
  PharaohLinks reverse = links_of(by_hand[_i].reverse, strlen(by_hand[_i].reverse));
  for (int method = 0; method < N_SYMMETRISE; method++)
    expect((SymmetriseMethod)method, &forward, &reverse, by_hand[_i].want[method]);
  pharaoh_free(&forward);
  pharaoh_free(&reverse);
}
END_TEST

/* The text before the next tab or the end of the line, which becomes a NUL; *at moves behind it. */
static const char *field(char **at) {
  char *from = *at, *end = from + strcspn(from, "\t\n");
  *at = end + 1;
  *end = '\0';
  return from;
}

START_TEST(random_links) {
  Str file = {0};
  Err err = {0};
  int n = 0;
  ck_assert_msg(io_read_all(&file, "tests/golden/symmetrise.tsv", 1 << 20, &err), "%s", err.text);
  for (char *at = file.at; at < file.at + file.n; n++) {
    const char *first = field(&at), *second = field(&at);
    PharaohLinks forward = links_of(first, strlen(first)), reverse = links_of(second, strlen(second));
    for (int method = 0; method < N_SYMMETRISE; method++)
      expect((SymmetriseMethod)method, &forward, &reverse, field(&at));
    pharaoh_free(&forward);
    pharaoh_free(&reverse);
  }
  ck_assert_int_eq(n, 60);
  str_free(&file);
}
END_TEST

START_TEST(room_is_used_again) {
  Symmetrise room = {0};
  PharaohLinks out = {0}, none = {0}, two = links_of("0-0 1-1", 7), one = links_of("0-0", 3);
  symmetrise(&room, SYMMETRISE_UNION, &two, &none, &out);
  ck_assert_int_eq(out.n, 2);
  symmetrise(&room, SYMMETRISE_GROW_DIAG_FINAL_AND, &none, &one, &out);
  ck_assert_int_eq(out.n, 1);
  symmetrise(&room, SYMMETRISE_GROW_DIAG_FINAL_AND, &none, &none, &out);
  ck_assert_int_eq(out.n, 0);
  pharaoh_free(&out);
  pharaoh_free(&two);
  pharaoh_free(&one);
  symmetrise_free(&room);
}
END_TEST

Suite *test_symmetrise(void);
Suite *test_symmetrise(void) {
  Suite *s = suite_create("symmetrise");
  TCase *t = tcase_create("symmetrise");
  tcase_add_loop_test(t, hand_made, 0, N_BY_HAND);
  tcase_add_test(t, random_links);
  tcase_add_test(t, room_is_used_again);
  suite_add_tcase(s, t);
  return s;
}
