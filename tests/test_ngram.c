#include "eval/ngram.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"

static Pieces words(const char *text) {
  Pieces pieces = {0};
  pieces_words(&pieces, text, strlen(text), pieces_blank);
  return pieces;
}

/* The n-grams as `text*count` with `|` between. */
static void expect(const Ngrams *ngrams, const char *want) {
  Str got = {0};
  for (int i = 0; i < ngrams->n; i++)
    str_addf(&got, "%s%.*s*%d", i > 0 ? "|" : "", (int)ngrams->at[i].n, ngrams->at[i].at, ngrams->at[i].count);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

START_TEST(counting) {
  Pieces p = words("b a b  a ab");
  Ngrams n = {0};
  ngram_count(&n, &p, 1);
  expect(&n, "a*2|ab*1|b*2");
  ngram_count(&n, &p, 2);
  expect(&n, "a ab*1|a b*1|b a*2");
  ngram_count(&n, &p, 5);
  expect(&n, "b a b a ab*1");
  ngram_count(&n, &p, 6);
  expect(&n, "");
  ngram_free(&n);
  pieces_free(&p);
}
END_TEST

START_TEST(two_texts) {
  Pieces p = words("a a b c"), q = words("a d b b a a");
  Ngrams a = {0}, b = {0}, most = {0};
  ngram_count(&a, &p, 1);
  ngram_count(&b, &q, 1);
  ck_assert_int_eq(ngram_matches(&a, &b), 3);
  ck_assert_int_eq(ngram_matches(&b, &a), 3);
  ck_assert_int_eq(ngram_matches(&a, &most), 0);
  ngram_most(&most, &a, &b);
  expect(&most, "a*3|b*2|c*1|d*1");
  ngram_free(&a);
  ngram_free(&b);
  ngram_free(&most);
  pieces_free(&p);
  pieces_free(&q);
}
END_TEST

START_TEST(scalars_without_white_space) {
  const char *text = " \xC3\xA9 b\xE3\x80\x80\xF0\x9F\x98\x80";
  Pieces p = {0};
  Ngrams n = {0};
  pieces_scalars(&p, text, strlen(text));
  ck_assert_str_eq(str_text(&p.text),
                   "\xC3\xA9"
                   "b\xF0\x9F\x98\x80");
  ngram_count(&n, &p, 2);
  expect(&n,
         "b\xF0\x9F\x98\x80*1|\xC3\xA9"
         "b*1");
  ngram_free(&n);
  pieces_free(&p);
}
END_TEST

START_TEST(white_space_and_numbers) {
  const char *text = "\xE3\x80\x80x y\xC2\xA0x ";
  Pieces p = {0};
  StrMap known = {0};
  int *ids = NULL, cap = 0;
  pieces_words(&p, text, strlen(text), pieces_blank);
  ck_assert_int_eq(p.n, 2);
  pieces_words(&p, text, strlen(text), unicode_space);
  ck_assert_str_eq(str_text(&p.text), "x y x");
  pieces_ids(&p, &known, &ids, &cap);
  ck_assert(ids[0] == ids[2] && ids[0] != ids[1]);
  int x = ids[0];
  pieces_words(&p, "z x", 3, unicode_space);
  pieces_ids(&p, &known, &ids, &cap);
  ck_assert(ids[1] == x && ids[0] != x);
  pieces_free(&p);
  strmap_free(&known);
  mem_free(ids);
}
END_TEST

Suite *test_ngram(void);
Suite *test_ngram(void) {
  Suite *s = suite_create("ngram");
  TCase *t = tcase_create("ngram");
  tcase_add_test(t, counting);
  tcase_add_test(t, two_texts);
  tcase_add_test(t, scalars_without_white_space);
  tcase_add_test(t, white_space_and_numbers);
  suite_add_tcase(s, t);
  return s;
}
