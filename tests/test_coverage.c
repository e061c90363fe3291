/* What a vocabulary lacks of a text, counted by hand. */
#include "text/coverage.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

static Scratch scratch;
static Vocab *vocab;
static Tokenizer *tokenizer;

static void set_up(void) {
  static const char json[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]";
  Err err = {0};
  scratch_open(&scratch);
  vocab = vocab_from_json(json, strlen(json), "vocab", &err);
  tokenizer = tokenizer_new(TOKENIZER_word, false, NULL);
}

static void tear_down(void) {
  vocab_free(vocab);
  tokenizer_free(tokenizer);
  scratch_close(&scratch);
}

/* Of the target side; the source is "a" in every line. */
static Coverage measured(const char *target) {
  Str source = {0};
  for (const char *c = target; *c != '\0'; c++)
    if (*c == '\n') str_adds(&source, "a\n");
  const PairFiles files = {.source = scratch_text(&scratch, "s", str_text(&source)),
                           .target = scratch_text(&scratch, "t", target)};
  const CorpusOptions options = {.source = tokenizer, .target = tokenizer, .keep_text = true};
  Err err = {0};
  Corpus *corpus = corpus_load(&files, &options, vocab, vocab, &err);
  ck_assert_msg(corpus != NULL, "%s", err.text);
  Coverage c;
  coverage_measure(&c, corpus, false, tokenizer, vocab);
  ck_assert(c.n_unknown == 0 && c.n_tokens == corpus_size(corpus) && c.commonest.n == 0);
  coverage_free(&c);
  coverage_measure(&c, corpus, true, tokenizer, vocab);
  corpus_free(corpus);
  str_free(&source);
  return c;
}

static const struct {
  const char *text;
  int n_tokens, n_unknown;
  const char *commonest[COVERAGE_SHOWN + 1];
  int counts[COVERAGE_SHOWN];
} cases[] = {
    {"a b\nc\n", 3, 0, {NULL}, {0}},
    {"a b c a b x\n", 6, 1, {"x"}, {1}},
    {"B a B x\nA c c c\n", 8, 4, {"B", "A", "x"}, {2, 1, 1}},
    {"z y\ny x w v u\na\n", 8, 7, {"y", "u", "v", "w", "x"}, {2, 1, 1, 1, 1}},
    {"<unk> a\n", 2, 1, {"<unk>"}, {1}},
};

START_TEST(counted_by_hand) {
  Coverage c = measured(cases[_i].text);
  ck_assert_int_eq(c.n_tokens, cases[_i].n_tokens);
  ck_assert_int_eq(c.n_unknown, cases[_i].n_unknown);
  for (int i = 0; i < c.commonest.n; i++) {
    ck_assert_ptr_nonnull(cases[_i].commonest[i]);
    ck_assert_str_eq(tokens_get(&c.commonest, i, NULL), cases[_i].commonest[i]);
    ck_assert_int_eq(c.counts[i], cases[_i].counts[i]);
  }
  ck_assert_ptr_null(cases[_i].commonest[c.commonest.n]);
  coverage_free(&c);
}
END_TEST

Suite *test_coverage(void);
Suite *test_coverage(void) {
  Suite *s = suite_create("coverage");
  TCase *t = tcase_create("coverage");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, counted_by_hand, 0, sizeof cases / sizeof *cases);
  suite_add_tcase(s, t);
  return s;
}
