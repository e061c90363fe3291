/* Runs of pieces between marks of white space, by hand. */
#include "text/runs.h"

#include <check.h>

#define M "\xE2\x96\x81"
enum { MOST = 4 };
static const struct {
  const char *pieces[MOST]; /* NULL at the end */
  bool suffix;
  int n_runs;
  WordSpan want[MOST];
} cases[] = {
    {{M "a", "b", M "c"}, false, 2, {{0, 0}, {0, 0}, {1, 1}}},
    {{"a", M, "b"}, false, 2, {{0, 0}, {1, 1}, {1, 1}}},
    {{M "a" M "b", "c"}, false, 2, {{0, 1}, {1, 1}}},
    {{M, M, "a"}, false, 1, {{0, 0}, {0, 0}, {0, 0}}},
    {{M "a", M}, false, 1, {{0, 0}, {0, 0}}},
    {{M}, false, 1, {{0, 0}}},
    {{"a" M, "b", "c" M}, true, 2, {{0, 0}, {1, 1}, {1, 1}}},
    {{"a", M, M, "b" M}, true, 2, {{0, 0}, {0, 0}, {0, 0}, {1, 1}}},
    {{"a" M "b", "c" M}, true, 2, {{0, 1}, {1, 1}}},
    {{M, "a" M, "b"}, true, 2, {{0, 0}, {0, 0}, {1, 1}}},
    {{""}, false, 1, {{0, 0}}},
};

START_TEST(runs) {
  WordSpan spans[MOST];
  int n = 0;
  while (n < MOST && cases[_i].pieces[n] != NULL) n++;
  ck_assert_int_eq(runs_find(cases[_i].pieces, n, cases[_i].suffix, spans), cases[_i].n_runs);
  for (int i = 0; i < n; i++) {
    ck_assert_int_eq(spans[i].first, cases[_i].want[i].first);
    ck_assert_int_eq(spans[i].last, cases[_i].want[i].last);
  }
}
END_TEST

Suite *test_runs(void);
Suite *test_runs(void) {
  Suite *s = suite_create("runs");
  TCase *t = tcase_create("runs");
  tcase_add_loop_test(t, runs, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, t);
  return s;
}
