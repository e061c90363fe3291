/* Words for <unk>, and the dictionary they come from. */
#include "search/unknown.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "tiny.h"

static Scratch scratch;
static Translator *translator;

static void set_up(void) {
  scratch_open(&scratch);
  translator = tiny_translator(5, "general", NULL);
}

static void tear_down(void) {
  scratch_close(&scratch);
  translator_free(translator);
}

/* The output "x <unk> y <unk>" of three source tokens and `</s>`: the first <unk> attends most to token 1 (`</s>` has
 * more), the second to tokens 0 and 2 alike, or to their word when both are pieces of one. */
static const int32_t tokens[] = {4, ID_UNK, 5, ID_UNK, ID_EOS};
static const double logprob[5] = {0};
static const float weights[] = {1,    0,    0,     0,      0.125F, 0.25F,  0.125F, 0.5F, 0, 0,
                                0.5F, 0.5F, 0.25F, 0.125F, 0.25F,  0.375F, 0,      0,    0, 1};

static const int *chosen; /* what hard attention looked at; NULL: nothing of the kind */

static void expect(const char *line, const Dictionary *dictionary, const char *want) {
  Tokens source = {0};
  Entry entry = {0};
  Unknown unknown = {0};
  Hypothesis h = {.n_target = 5, .tokens = tokens, .token_logprob = logprob, .weights = weights, .chosen = chosen};
  tokenizer_split(translator->source_tokenizer, line, strlen(line), &source);
  ck_assert_int_ge(source.n, 3);
  h.n_source = 4;
  for (int again = 0; again < 2; again++) {
    entry_set(&entry, translator, 0, 0, &source, 3, NULL, &h);
    unknown_replace(&unknown, &entry, translator, line, &source, dictionary);
    ck_assert_str_eq(entry.alignment.text, want);
  }
  ck_assert(alignment_target_unknown(&entry.alignment, 1)); /* it still is */
  entry_free(&entry);
  unknown_free(&unknown);
  tokens_free(&source);
}

static void read_with(Tokenizer *tokenizer) {
  tokenizer_free(translator->source_tokenizer);
  translator->source_tokenizer = tokenizer;
}

START_TEST(source_words) {
  expect("Ga  B\u00C9 ce", NULL, "x B\u00C9 y Ga");
  read_with(tokenizer_new(TOKENIZER_word, true, NULL)); /* as typed, though read in lower case */
  expect("Ga  B\u00C9 ce", NULL, "x B\u00C9 y Ga");
  read_with(tokenizer_new(TOKENIZER_char, false, NULL));
  expect("\u00C9\u00C8\u00C0", NULL, "x \u00C8 y \u00C9");
  expect("cut after three", NULL, "x u y c");
  read_with(tokenizer_new(TOKENIZER_char, true, NULL)); /* U+0130 becomes two scalars: no letter can be found again */
  expect("\u0130BC", NULL, "x \u0307 y i");
}
END_TEST

/* The word that was looked at, whatever its weight; where that is `</s>`, the one of most. */
START_TEST(of_hard_attention) {
  static const int looked[] = {0, 3, 0, 2, 0};
  chosen = looked;
  expect("Ga B ce", NULL, "x B y ce");
  chosen = NULL;
}
END_TEST

START_TEST(entries) {
  Err err = {0};
  Dictionary *d = dictionary_read(scratch_text(&scratch, "d", "ga\tgg gg\nB\tbb\nGa\tG\nga\tno\n"), NULL, &err);
  ck_assert_msg(d != NULL, "%s", err.text);
  ck_assert_str_eq(dictionary_find(d, "ga"), "gg gg");
  ck_assert_ptr_null(dictionary_find(d, "GA"));
  expect("Ga B c", d, "x bb y G");
  expect("GA b c", d, "x b y gg gg");
  dictionary_free(d);
}
END_TEST

START_TEST(bad_dictionaries) {
  static const struct {
    const char *text, *message;
  } bad[] = {{"a\tb\nc\n", "/d:2: 0 tabs"},
             {"a\tb\tc\n", "/d:1: 2 tabs"},
             {"a\tb\n\tc\n", "/d:2: a word is missing"},
             {"a\t\n", "/d:1: a word is missing beside the tab"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Err err = {0};
    ck_assert_ptr_null(dictionary_read(scratch_text(&scratch, "d", bad[i].text), NULL, &err));
    ck_assert_int_eq(err.kind, ERR_FILE);
    ck_assert_msg(strstr(err.text, bad[i].message) != NULL, "%s", err.text);
  }
}
END_TEST

static bool next(void *ctx, const char **line, size_t *n) {
  *line = "ab c";
  *n = 4;
  return --*(int *)ctx > 0;
}

/* Pieces: U+2581, a, b | U+2581, c: the first three are one word, the most attended one. */
START_TEST(words_of_pieces) {
  Err err = {0};
  int left = 10;
  if (sentencepiece_missing() != NULL) return;
  Sentencepiece *sp = sentencepiece_learn((SentencepieceText){next, &left}, SENTENCEPIECE_bpe, 8, "vocab.source", &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  read_with(tokenizer_new(TOKENIZER_sentencepiece, true, sp));
  expect("AB  C", NULL, "x AB y AB");
}
END_TEST

Suite *test_unknown(void);
Suite *test_unknown(void) {
  Suite *s = suite_create("unknown");
  TCase *t = tcase_create("unknown");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, source_words);
  tcase_add_test(t, of_hard_attention);
  tcase_add_test(t, entries);
  tcase_add_test(t, bad_dictionaries);
  tcase_add_test(t, words_of_pieces);
  suite_add_tcase(s, t);
  return s;
}
