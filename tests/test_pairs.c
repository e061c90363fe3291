/* Pairs held out of a text for validation. */
#include "text/pairs.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

enum { LINES = 23, EVERY = 5 };

/* held[i]: line i is given. */
static void read_all(const char *path, PairFiles files, bool held[LINES + 1]) {
  Err err = {0};
  Pair pair;
  files.tsv = path;
  memset(held, 0, (LINES + 1) * sizeof *held);
  Pairs *pairs = pairs_open(&files, NULL, &err);
  ck_assert_msg(pairs != NULL, "%s", err.text);
  while (pairs_next(pairs, &pair, &err) == 1) held[strtol(pair.source, NULL, 10)] = true;
  pairs_close(pairs);
}

/* Every line is in one fold, each fold has one line of every five whole ones, and what is not held out is trained on.
 */
START_TEST(folds_share_out_the_lines) {
  Scratch scratch;
  Str text = {0};
  int times[LINES + 1] = {0}, at_end = 0;
  for (int i = 1; i <= LINES; i++) str_addf(&text, "%d\tx\n", i);
  scratch_open(&scratch);
  const char *path = scratch_text(&scratch, "t.tsv", str_text(&text));
  for (int fold = 1; fold <= EVERY; fold++) {
    bool held[LINES + 1], left[LINES + 1];
    int n = 0;
    read_all(path, (PairFiles){.every = EVERY, .fold = fold, .held_out = true}, held);
    read_all(path, (PairFiles){.every = EVERY, .fold = fold}, left);
    for (int i = 1; i <= LINES; i++) {
      ck_assert(held[i] != left[i]);
      times[i] += held[i];
      n += held[i];
      if (i % EVERY == 0 && i <= LINES - LINES % EVERY) {
        ck_assert_int_eq(n, i / EVERY);
        at_end += held[i] && fold == EVERY;
      }
    }
  }
  for (int i = 1; i <= LINES; i++) ck_assert_int_eq(times[i], 1);
  ck_assert_int_lt(at_end, LINES / EVERY); /* drawn, and not the last of each */
  str_free(&text);
  scratch_close(&scratch);
}
END_TEST

Suite *test_pairs(void);
Suite *test_pairs(void) {
  Suite *s = suite_create("pairs");
  TCase *t = tcase_create("pairs");
  tcase_add_test(t, folds_share_out_the_lines);
  suite_add_tcase(s, t);
  return s;
}
