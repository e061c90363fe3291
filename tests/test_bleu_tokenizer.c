#include "eval/bleu_tokenizer.h"

#include <check.h>
#include <string.h>

enum { T_13A, T_INTL, T_ZH, T_CHAR, T_NONE };

/* By the rules of mteval-v13a.pl and mteval-v14.pl; tokens shown with one blank between. */
static const struct {
  int tokenizer;
  const char *text, *want;
} cases[] = {
    {T_13A, "", ""},
    {T_13A, " Hi, you.  ", "Hi , you ."},
    {T_13A, "1,000.5 a,b .5 5.", "1,000.5 a , b . 5 5 ."},
    {T_13A, "1990-2000 well-known", "1990 - 2000 well-known"},
    {T_13A, "it's (a/b) \"x\" 5%", "it's ( a / b ) \" x \" 5 %"},
    {T_13A, "&quot;a&amp;lt;b&gt;", "\" a < b >"},
    {T_13A, "a<skipped>b", "ab"},
    {T_13A, "\xC3\xA9. \xE2\x80\x9Cx\xE2\x80\x9D", "\xC3\xA9 . \xE2\x80\x9Cx\xE2\x80\x9D"},
    {T_13A, "a...", "a . . ."},
    {T_INTL, "Hi, 1,000. \xE2\x80\x9Cx\xE2\x80\x9D", "Hi , 1,000 . \xE2\x80\x9C x \xE2\x80\x9D"},
    {T_INTL, "in 1990.", "in 1990."}, /* nothing follows the stop */
    {T_INTL, "5\xE2\x82\xAC+1", "5 \xE2\x82\xAC + 1"},
    {T_INTL, "\xE5\xA5\xBD\xE3\x80\x82", "\xE5\xA5\xBD \xE3\x80\x82"},
    {T_INTL, "&amp;", "& amp ;"},
    /* As sacrebleu 2.6.0 prints them; extension B (U+20000) stays in its word, an em dash does not. */
    {T_ZH, "\xE4\xBD\xA0\xE5\xA5\xBD\xEF\xBC\x8C\x61\x62\x63\xE3\x80\x82",
     "\xE4\xBD\xA0 \xE5\xA5\xBD \xEF\xBC\x8C abc \xE3\x80\x82"},
    {T_ZH, "a\xE2\x80\x94\x62 \xF0\xA0\x80\x80\x63 1.5 a.", "a \xE2\x80\x94 b \xF0\xA0\x80\x80\x63 1.5 a ."},
    {T_ZH, " .5 &amp;", ".5 & amp ;"},
    {T_CHAR, "a b\xC3\xA9.", "a b \xC3\xA9 ."},
    {T_NONE, " a,b  c. ", "a,b c."},
    {T_NONE, "a\xC2\xA0\x62\xE3\x80\x80", "a b"},
};

START_TEST(tokens) {
  BleuTokenizer tokenizer = {0};
  Pieces pieces = {0};
  Str got = {0};
  bleu_tokenizer_cut(&tokenizer, cases[_i].tokenizer, cases[_i].text, strlen(cases[_i].text), &pieces);
  for (int i = 0; i < pieces.n; i++) {
    if (i > 0) str_addc(&got, ' ');
    str_add(&got, pieces.text.at + pieces.from[i], pieces.to[i] - pieces.from[i]);
  }
  ck_assert_str_eq(str_text(&got), cases[_i].want);
  str_free(&got);
  pieces_free(&pieces);
  bleu_tokenizer_free(&tokenizer);
}
END_TEST

Suite *test_bleu_tokenizer(void);
Suite *test_bleu_tokenizer(void) {
  Suite *s = suite_create("bleu_tokenizer");
  TCase *t = tcase_create("bleu_tokenizer");
  tcase_add_loop_test(t, tokens, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, t);
  return s;
}
