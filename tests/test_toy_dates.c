#include <check.h>
#include <stdio.h>
#include <string.h>

#include "text/toy.h"

/* Zeller's congruence (1882): 0 is Saturday. */
static int zeller(int year, int month, int day) {
  if (month < 3) month += 12, year--;
  return (day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400) % 7;
}

static const char *const weekdays[] = {"Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"};

/* All days of a form, each date once, in order. */
START_TEST(every_day_once) {
  const Toy *toy = toy_find("dates");
  ToyPair pair = {0};
  Str last = {0};
  for (uint64_t i = 0; i < toy->size(6); i++) { /* Weekday, Month D, YYYY */
    toy_make(toy, 6, i, &pair);
    int year, month, day;
    ck_assert_uint_eq(pair.target.n, 10);
    ck_assert_int_eq(sscanf(pair.target.at, "%4d-%2d-%2d", &year, &month, &day), 3);
    const char *weekday = weekdays[zeller(year, month, day)];
    ck_assert_msg(strncmp(pair.source.at, weekday, strlen(weekday)) == 0, "%s", pair.source.at);
    ck_assert_int_gt(strcmp(pair.target.at, str_text(&last)), 0);
    str_clear(&last);
    str_adds(&last, pair.target.at);
  }
  ck_assert_str_eq(last.at, "2099-12-31");
  ck_assert_str_eq(pair.source.at, "Thursday, December 31, 2099");
  str_free(&last);
  toy_pair_free(&pair);
}
END_TEST

/* Every form, written by hand for two days. */
static const struct {
  int form;
  const char *source, *target;
} cases[] = {
    {0, "March 5, 2019", "2019-03-05"},
    {1, "March 22nd, 2019", "2019-03-22"},
    {2, "5 March 2019", "2019-03-05"},
    {3, "11th March 2019", "2019-03-11"},
    {4, "31st of May 2000", "2000-05-31"},
    {5, "the 3rd of February, 1904", "1904-02-03"},
    {6, "Tuesday, March 5, 2019", "2019-03-05"},
    {7, "Tuesday, 29 February 2000", "2000-02-29"},
    {8, "Monday the 1st of January 1900", "1900-01-01"},
    {9, "Thu, 1 May 2008", "2008-05-01"},
    {10, "Sep 9, 2045", "2045-09-09"},
    {11, "Jun. 30, 1999", "1999-06-30"},
    {12, "5 Mar 2019", "2019-03-05"},
    {13, "5-May-2019", "2019-05-05"},
    {14, "05MAR2019", "2019-03-05"},
    {15, "2019 March 5", "2019-03-05"},
    {16, "2019/03/05", "2019-03-05"},
    {17, "2019.12.31", "2019-12-31"},
    {18, "20190305", "2019-03-05"},
    {19, "the twenty-first of August, 1969", "1969-08-21"},
    {20, "July the twelfth, 2020", "2020-07-12"},
    {21, "5.XI.1955", "1955-11-05"},
};

START_TEST(forms) {
  const Toy *toy = toy_find("dates");
  ck_assert_int_eq(toy->n_strata, (int)(sizeof cases / sizeof *cases));
  ToyPair pair = {0};
  bool found = false;
  for (uint64_t i = 0; !found && i < toy->size(_i); i++) {
    toy_make(toy, _i, i, &pair);
    found = strcmp(pair.target.at, cases[_i].target) == 0;
    if (found) ck_assert_str_eq(pair.source.at, cases[_i].source);
  }
  ck_assert(found);
  toy_pair_free(&pair);
}
END_TEST

static void check_links(int form, uint64_t index, const char *source, const char *expected) {
  ToyPair pair = {0};
  Str links = {0};
  toy_make(toy_find("dates"), form, index, &pair);
  ck_assert_str_eq(pair.source.at, source);
  for (int k = 0; k < pair.n_links; k++) str_addf(&links, " %d-%d", pair.links[k].source, pair.links[k].target);
  ck_assert_str_eq(links.at, expected);
  str_free(&links);
  toy_pair_free(&pair);
}

START_TEST(links) {
  check_links(16, 0, "1900/01/01", " 0-0 1-1 2-2 3-3 5-5 6-6 8-8 9-9");
  check_links(21, 31, "1.II.1900", " 0-8 0-9 2-5 2-6 3-5 3-6 5-0 6-1 7-2 8-3");
  check_links(12, 9, "10 Jan 1900", " 0-8 1-9 3-5 3-6 4-5 4-6 5-5 5-6 7-0 8-1 9-2 10-3");
}
END_TEST

Suite *test_toy_dates(void);
Suite *test_toy_dates(void) {
  Suite *s = suite_create("toy_dates");
  TCase *t = tcase_create("toy_dates");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, every_day_once);
  tcase_add_loop_test(t, forms, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, links);
  suite_add_tcase(s, t);
  return s;
}
