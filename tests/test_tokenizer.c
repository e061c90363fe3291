#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "text/tokenizer.h"

/* The tokens of text joined by '|', the way the expectations below are written. */
static void expect_split(TokenizerKind kind, const char *text, const char *want) {
  Tokenizer *tokenizer = tokenizer_new(kind, false, NULL);
  Tokens tokens = {0};
  Str got = {0};
  tokens_add(&tokens, "left over", 9);
  tokenizer_split(tokenizer, text, strlen(text), &tokens);
  for (int i = 0; i < tokens.n; i++) {
    size_t n;
    const char *token = tokens_get(&tokens, i, &n);
    ck_assert_uint_eq(strlen(token), n);
    str_addf(&got, "%s%s", i > 0 ? "|" : "", token);
  }
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
  tokens_free(&tokens);
  tokenizer_free(tokenizer);
}

static void expect_join(TokenizerKind kind, const char *text, const char *want) {
  Tokenizer *tokenizer = tokenizer_new(kind, false, NULL);
  Tokens tokens = {0};
  Str got = {0};
  tokenizer_split(tokenizer, text, strlen(text), &tokens);
  tokenizer_join(tokenizer, &tokens, &got);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
  tokens_free(&tokens);
  tokenizer_free(tokenizer);
}

START_TEST(words_between_ascii_space) {
  expect_split(TOKENIZER_word, "a bc  d", "a|bc|d");
  expect_split(TOKENIZER_word, " \t a\vb\fc\rd\ne ", "a|b|c|d|e");
  expect_split(TOKENIZER_word, "", "");
  expect_split(TOKENIZER_word, " \t ", "");
  expect_split(TOKENIZER_word, "dix\xC2\xA0mille\xE2\x80\xAF! x\x1Fy", "dix\xC2\xA0mille\xE2\x80\xAF!|x\x1Fy");
  expect_join(TOKENIZER_word, "  a \t b ", "a b");
  expect_join(TOKENIZER_word, "", "");
}
END_TEST

START_TEST(characters_with_visible_space) {
  expect_split(TOKENIZER_char, "a b", "a|\xE2\x90\xA3|b");
  expect_split(TOKENIZER_char, "\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80", "\xC3\xA9|\xE6\x97\xA5|\xF0\x9F\x98\x80");
  expect_split(TOKENIZER_char, "e\xCC\x81", "e|\xCC\x81");
  expect_split(TOKENIZER_char, " \t", "\xE2\x90\xA3|\t");
  expect_split(TOKENIZER_char, "", "");
  expect_join(TOKENIZER_char, " a  \xC3\xA9 ", " a  \xC3\xA9 ");
  expect_split(TOKENIZER_char, "a\xE2\x90\xA3 \\b", "a|\\\xE2\x90\xA3|\xE2\x90\xA3|\\|b");
  expect_join(TOKENIZER_char, "x\xE2\x90\xA3y z\\ \\\xE2\x90\xA3", "x\xE2\x90\xA3y z\\ \\\xE2\x90\xA3");
}
END_TEST

START_TEST(lower_case) {
  Tokenizer *tokenizer = tokenizer_new(TOKENIZER_word, true, NULL), *copy = tokenizer_copy(tokenizer);
  Tokenizer *other = tokenizer_new(TOKENIZER_word, false, NULL);
  Tokens tokens = {0};
  Str got = {0};
  ck_assert(tokenizer_equal(tokenizer, copy));
  ck_assert(!tokenizer_equal(tokenizer, other));
  tokenizer_split(copy, "Der \xC3\x84RGER", 11, &tokens);
  tokenizer_join(copy, &tokens, &got);
  ck_assert_str_eq(str_text(&got), "der \xC3\xA4rger");
  tokens_free(&tokens);
  str_free(&got);
  tokenizer_free(tokenizer);
  tokenizer_free(copy);
  tokenizer_free(other);
}
END_TEST

START_TEST(names_as_in_the_config) {
  ck_assert_int_eq(N_TOKENIZERS, 3);
  ck_assert_str_eq(tokenizer_def(TOKENIZER_word)->name, "word");
  ck_assert_str_eq(tokenizer_def(TOKENIZER_char)->name, "char");
  Tokenizer *tokenizer = tokenizer_new(TOKENIZER_char, false, NULL);
  ck_assert_int_eq(tokenizer_kind(tokenizer), TOKENIZER_char);
  tokenizer_free(tokenizer);
}
END_TEST

START_TEST(list_is_reused_without_the_heap) {
  Tokens tokens = {0};
  for (int i = 0; i < 1000; i++) tokens_add(&tokens, "token", 5);
  size_t n;
  tokens_add(&tokens, "", 0);
  ck_assert_str_eq(tokens_get(&tokens, 1000, &n), "");
  ck_assert_uint_eq(n, 0);
  unsigned long calls = mem_calls();
  tokens_clear(&tokens);
  for (int i = 0; i < 1000; i++) tokens_add(&tokens, i % 2 == 0 ? "even" : "odd", i % 2 == 0 ? 4 : 3);
  ck_assert_uint_eq(mem_calls(), calls);
  ck_assert_int_eq(tokens.n, 1000);
  ck_assert_str_eq(tokens_get(&tokens, 0, &n), "even");
  ck_assert_str_eq(tokens_get(&tokens, 999, &n), "odd");
  ck_assert_uint_eq(n, 3);
  tokens_free(&tokens);
}
END_TEST

Suite *test_tokenizer(void);
Suite *test_tokenizer(void) {
  Suite *s = suite_create("tokenizer");
  TCase *t = tcase_create("tokenizer");
  tcase_add_test(t, words_between_ascii_space);
  tcase_add_test(t, characters_with_visible_space);
  tcase_add_test(t, lower_case);
  tcase_add_test(t, names_as_in_the_config);
  tcase_add_test(t, list_is_reused_without_the_heap);
  suite_add_tcase(s, t);
  return s;
}
