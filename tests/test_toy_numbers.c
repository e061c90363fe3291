#include <check.h>
#include <string.h>

#include "text/toy.h"

/* Stratum of a number: its digits less one; index: its place among those of so many digits. */
static void spell(const char *toy, int value, ToyPair *pair) {
  int stratum = 0, least = 1;
  for (; value >= 10 * least; least *= 10) stratum++;
  toy_make(toy_find(toy), stratum, (uint64_t)(stratum == 0 ? value : value - least), pair);
}

typedef struct Case {
  const char *toy;
  int value;
  const char *words;
} Case;

/* By hand, from the Académie's and Duden's rules and those of 汉语 textbooks. */
static const Case cases[] = {
    {"numbers-en", 0, "zero"},
    {"numbers-en", 10, "ten"},
    {"numbers-en", 13, "thirteen"},
    {"numbers-en", 40, "forty"},
    {"numbers-en", 58, "fifty-eight"},
    {"numbers-en", 100, "one hundred"},
    {"numbers-en", 101, "one hundred one"},
    {"numbers-en", 1000, "one thousand"},
    {"numbers-en", 12012, "twelve thousand twelve"},
    {"numbers-en", 300000, "three hundred thousand"},
    {"numbers-en", 999999, "nine hundred ninety-nine thousand nine hundred ninety-nine"},
    {"numbers-fr", 0, "zéro"},
    {"numbers-fr", 1, "un"},
    {"numbers-fr", 17, "dix-sept"},
    {"numbers-fr", 21, "vingt et un"},
    {"numbers-fr", 61, "soixante et un"},
    {"numbers-fr", 70, "soixante-dix"},
    {"numbers-fr", 71, "soixante et onze"},
    {"numbers-fr", 72, "soixante-douze"},
    {"numbers-fr", 77, "soixante-dix-sept"},
    {"numbers-fr", 80, "quatre-vingts"},
    {"numbers-fr", 81, "quatre-vingt-un"},
    {"numbers-fr", 90, "quatre-vingt-dix"},
    {"numbers-fr", 91, "quatre-vingt-onze"},
    {"numbers-fr", 99, "quatre-vingt-dix-neuf"},
    {"numbers-fr", 100, "cent"},
    {"numbers-fr", 101, "cent un"},
    {"numbers-fr", 180, "cent quatre-vingts"},
    {"numbers-fr", 200, "deux cents"},
    {"numbers-fr", 201, "deux cent un"},
    {"numbers-fr", 1000, "mille"},
    {"numbers-fr", 1001, "mille un"},
    {"numbers-fr", 2200, "deux mille deux cents"},
    {"numbers-fr", 21000, "vingt et un mille"},
    {"numbers-fr", 80000, "quatre-vingt mille"},
    {"numbers-fr", 80080, "quatre-vingt mille quatre-vingts"},
    {"numbers-fr", 200000, "deux cent mille"},
    {"numbers-fr", 999999, "neuf cent quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf"},
    {"numbers-de", 0, "null"},
    {"numbers-de", 1, "eins"},
    {"numbers-de", 16, "sechzehn"},
    {"numbers-de", 17, "siebzehn"},
    {"numbers-de", 21, "einundzwanzig"},
    {"numbers-de", 30, "dreißig"},
    {"numbers-de", 76, "sechsundsiebzig"},
    {"numbers-de", 100, "einhundert"},
    {"numbers-de", 101, "einhunderteins"},
    {"numbers-de", 112, "einhundertzwölf"},
    {"numbers-de", 1000, "eintausend"},
    {"numbers-de", 1001, "eintausendeins"},
    {"numbers-de", 21021, "einundzwanzigtausendeinundzwanzig"},
    {"numbers-de", 101000, "einhunderteintausend"},
    {"numbers-de", 121000, "einhunderteinundzwanzigtausend"},
    {"numbers-de", 999999, "neunhundertneunundneunzigtausendneunhundertneunundneunzig"},
    {"numbers-zh", 0, "零"},
    {"numbers-zh", 10, "十"},
    {"numbers-zh", 11, "十一"},
    {"numbers-zh", 20, "二十"},
    {"numbers-zh", 101, "一百零一"},
    {"numbers-zh", 110, "一百一十"},
    {"numbers-zh", 1001, "一千零一"},
    {"numbers-zh", 1010, "一千零一十"},
    {"numbers-zh", 1100, "一千一百"},
    {"numbers-zh", 10000, "一万"},
    {"numbers-zh", 10001, "一万零一"},
    {"numbers-zh", 10010, "一万零一十"},
    {"numbers-zh", 11000, "一万一千"},
    {"numbers-zh", 20202, "二万零二百零二"},
    {"numbers-zh", 100000, "十万"},
    {"numbers-zh", 100100, "十万零一百"},
    {"numbers-zh", 101000, "十万一千"},
    {"numbers-zh", 110000, "十一万"},
    {"numbers-zh", 201010, "二十万一千零一十"},
    {"numbers-zh", 999999, "九十九万九千九百九十九"},
};

START_TEST(words) {
  ToyPair pair = {0};
  const Case *c = &cases[_i];
  spell(c->toy, c->value, &pair);
  Str source = {0};
  str_addf(&source, "%d", c->value);
  ck_assert_str_eq(pair.source.at, source.at);
  ck_assert_str_eq(pair.target.at, c->words);
  str_free(&source);
  toy_pair_free(&pair);
}
END_TEST

/* For each target character the digits it is linked to, as the letters a (first digit) to f; two digits as a capital of
 * the first; "." for none. */
static void check_digits(const char *toy, int value, const char *expected) {
  ToyPair pair = {0};
  spell(toy, value, &pair);
  Str from = {0};
  for (size_t j = 0; j < strlen(expected); j++) str_addc(&from, '.');
  for (int k = 0; k < pair.n_links; k++) {
    ck_assert_int_lt(pair.links[k].target, (int)from.n);
    char *c = &from.at[pair.links[k].target];
    *c = (char)(*c == '.' ? 'a' + pair.links[k].source : *c - 'a' + 'A');
  }
  ck_assert_str_eq(from.at, expected);
  str_free(&from);
  toy_pair_free(&pair);
}

START_TEST(links) {
  /* twelve thousand three hundred forty-five */
  check_digits("numbers-en", 12345, "AAAAAA.bbbbbbbb.ccccc.ccccccc.ddddd.eeee");
  /* vingt mille soixante et onze */
  check_digits("numbers-fr", 20071, "aaaaa.bbbbb.dddddddd....DDDD");
  /* quatre-vingt-dix-neuf */
  check_digits("numbers-fr", 99, "aaaaaaaaaaaa.aaa.bbbb");
  /* einhunderteinundzwanzigtausend */
  check_digits("numbers-de", 121000, "aaaaaaaaaaccc...bbbbbbbccccccc");
  /* 十 万 零 一 百: the second digit is nobody's but 万's; 零 stands for the zeros at two places (b and c). */
  check_digits("numbers-zh", 100100, "abBdd");
  check_digits("numbers-zh", 110, "aabb");
}
END_TEST

Suite *test_toy_numbers(void);
Suite *test_toy_numbers(void) {
  Suite *s = suite_create("toy_numbers");
  TCase *t = tcase_create("toy_numbers");
  tcase_add_loop_test(t, words, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, links);
  suite_add_tcase(s, t);
  return s;
}
