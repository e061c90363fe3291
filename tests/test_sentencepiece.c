/* Subword models. In a build without the library all that can be seen is that it says so. */
#include "text/sentencepiece.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "scratch.h"
#include "text/subwords.h"
#include "text/tokenizer.h"

static bool have(void) { return sentencepiece_missing() == NULL; }

/* Lines to learn from. */
typedef struct Source {
  const Tokens *lines;
  int at;
} Source;

static bool next(void *ctx, const char **line, size_t *n) {
  Source *source = ctx;
  if (source->at == source->lines->n) return false;
  *line = tokens_get(source->lines, source->at++, n);
  return true;
}

static Sentencepiece *learn(const Tokens *lines, SentencepieceType type, int size, Err *err) {
  Source source = {lines, 0};
  return sentencepiece_learn((SentencepieceText){next, &source}, type, size, "vocab.source", err);
}

/* Words of 1 to 8 scalars of one script each: Latin, Greek, Cyrillic, Arabic, Devanagari, Han, kana, emoji. */
static void some_line(Str *out, uint64_t key) {
  static const struct {
    uint32_t first, n;
  } scripts[] = {{'a', 26},   {0xC0, 23},   {0x3B1, 25},  {0x430, 32},  {0x627, 20},
                 {0x915, 30}, {0x4E00, 60}, {0x3042, 60}, {0x1F600, 20}};
  int n_words = 1 + (int)rng_below(key, 0, 8);
  for (int w = 0; w < n_words; w++) {
    uint64_t word = rng_subkey(key, (uint64_t)w);
    size_t script = rng_below(word, 0, sizeof scripts / sizeof *scripts);
    int n = 1 + (int)rng_below(word, 1, 8);
    if (w > 0) str_addc(out, ' ');
    for (int i = 0; i < n; i++)
      utf8_add(out, scripts[script].first + (uint32_t)rng_below(word, 2 + (uint64_t)i, scripts[script].n));
  }
}

static void some_lines(Tokens *lines, int n, uint64_t seed) {
  for (int i = 0; i < n; i++) {
    Str line = {0};
    some_line(&line, rng_key(seed, RNG_TEST, (uint64_t)i, 0));
    tokens_add(lines, line.at, line.n);
    str_free(&line);
  }
}

static void expect_round_trip(const Sentencepiece *sp, const char *text, const char *want) {
  Tokens pieces = {0};
  Str got = {0};
  sentencepiece_split(sp, text, strlen(text), &pieces);
  sentencepiece_join(sp, &pieces, &got, NULL);
  ck_assert_str_eq(str_text(&got), want);
  tokens_free(&pieces);
  str_free(&got);
}

static void expect_split(const Sentencepiece *sp, const char *text, const char *want) {
  Tokens pieces = {0};
  Str got = {0};
  sentencepiece_split(sp, text, strlen(text), &pieces);
  for (int i = 0; i < pieces.n; i++) str_addf(&got, "%s%s", i == 0 ? "" : "|", tokens_get(&pieces, i, NULL));
  ck_assert_str_eq(str_text(&got), want);
  tokens_free(&pieces);
  str_free(&got);
}

START_TEST(text_comes_back) {
  if (!have()) return;
  Tokens lines = {0};
  Err err = {0};
  some_lines(&lines, 400, 1);
  Sentencepiece *sp = learn(&lines, _i == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 600, &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  some_lines(&lines, 400, 2); /* lines it has not seen */
  for (int i = 0; i < lines.n; i++) expect_round_trip(sp, tokens_get(&lines, i, NULL), tokens_get(&lines, i, NULL));
  expect_round_trip(sp, " \ta\v b\f\r ", "a b");
  expect_round_trip(sp, "", "");
  expect_round_trip(sp, "   ", "");
  /* What it has never seen: a half-width kana, a ligature, capitals, no-break space. */
  expect_round_trip(sp, "\uFF76 \uFB01 XYZ\u00A0Q", "\uFF76 \uFB01 XYZ\u00A0Q");
  sentencepiece_free(sp);
  tokens_free(&lines);
}
END_TEST

START_TEST(same_text_same_bytes) {
  if (!have()) return;
  Tokens lines = {0};
  Err err = {0};
  size_t n[3];
  some_lines(&lines, 300, 3);
  for (int type = 0; type < 2; type++) {
    Sentencepiece *a = learn(&lines, type == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 500, &err);
    Sentencepiece *b = learn(&lines, type == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 500, &err);
    Sentencepiece *other = learn(&lines, type == 0 ? SENTENCEPIECE_unigram : SENTENCEPIECE_bpe, 500, &err);
    ck_assert_msg(a != NULL && b != NULL && other != NULL, "%s", err.text);
    const char *bytes[3] = {sentencepiece_bytes(a, &n[0]), sentencepiece_bytes(b, &n[1]),
                            sentencepiece_bytes(other, &n[2])};
    ck_assert_uint_eq(n[0], n[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], n[0]);
    ck_assert(n[0] != n[2] || memcmp(bytes[0], bytes[2], n[0]) != 0);
    sentencepiece_free(a);
    sentencepiece_free(b);
    sentencepiece_free(other);
  }
  tokens_free(&lines);
}
END_TEST

static void expect_pieces(const Sentencepiece *sp, int n) {
  static const char *const first[] = {"<pad>", "<s>", "</s>", "<unk>"};
  Tokens pieces = {0};
  sentencepiece_pieces(sp, &pieces);
  ck_assert_int_eq(pieces.n, n);
  for (int i = 0; i < 4; i++) ck_assert_str_eq(tokens_get(&pieces, i, NULL), first[i]);
  tokens_free(&pieces);
}

/* "aaab aab" over and over. Characters: U+2581, a, b, and the four specials: at least 7 pieces. */
START_TEST(sizes) {
  if (!have()) return;
  Tokens lines = {0};
  Err err = {0};
  for (int i = 0; i < 20; i++) tokens_add(&lines, "aaab aab", 8);
  ck_assert_ptr_null(learn(&lines, SENTENCEPIECE_bpe, 6, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(
      err.text,
      "vocab.source.size is 6, but the characters of the training text need at least 7 pieces: set it to 7 "
      "or more");
  Sentencepiece *sp = learn(&lines, SENTENCEPIECE_bpe, 7, &err);
  expect_pieces(sp, 7);
  expect_split(sp, "aab", "\u2581|a|a|b");
  sentencepiece_free(sp);
  ck_assert_ptr_null(learn(&lines, SENTENCEPIECE_bpe, 100, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  const char *said = strstr(err.text, "gives at most ");
  ck_assert_msg(said != NULL && strstr(err.text, "vocab.source.size is 100, ") == err.text, "%s", err.text);
  int most = (int)strtol(said + 14, NULL, 10);
  sp = learn(&lines, SENTENCEPIECE_bpe, most, &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  expect_pieces(sp, most);
  expect_split(sp, "aaab aab", "\u2581aaab|\u2581aab");
  sentencepiece_free(sp);
  sp = learn(&lines, SENTENCEPIECE_bpe, 0, &err);
  expect_pieces(sp, most);
  sentencepiece_free(sp);
  tokens_free(&lines);
}
END_TEST

/* Names of the specials in a text are text. */
START_TEST(text_like_specials) {
  if (!have()) return;
  Tokens lines = {0};
  Err err = {0};
  for (int i = 0; i < 20; i++) tokens_add(&lines, "x <s> y </s> <unk> <pad>", 24);
  tokens_add(&lines, "<a/> dknpsu", 11);
  Sentencepiece *sp = learn(&lines, _i == 0 ? SENTENCEPIECE_bpe : SENTENCEPIECE_unigram, 0, &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  expect_round_trip(sp, "<s> x </s> <pad> <unk>", "<s> x </s> <pad> <unk>");
  Tokens pieces = {0};
  sentencepiece_pieces(sp, &pieces);
  for (int i = 4; i < pieces.n; i++) ck_assert_int_ne(tokens_get(&pieces, i, NULL)[0], '\0');
  tokens_free(&pieces);
  sentencepiece_free(sp);
  tokens_free(&lines);
}
END_TEST

START_TEST(no_models) {
  if (!have()) return;
  Err err = {0};
  ck_assert_ptr_null(sentencepiece_load("nonsense", 8, "x.model", &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_str_eq(err.text, "x.model: not a SentencePiece model, or damaged");
  ck_assert_ptr_null(sentencepiece_load("", 0, "x.model", &err));
}
END_TEST

START_TEST(given_model) {
  if (!have()) return;
  Scratch scratch;
  Tokens lines = {0};
  Err err = {0};
  size_t n[2];
  scratch_open(&scratch);
  for (int i = 0; i < 20; i++) tokens_add(&lines, "aaab aab", 8);
  Sentencepiece *sp = learn(&lines, SENTENCEPIECE_unigram, 0, &err);
  const char *want = sentencepiece_bytes(sp, &n[0]);
  const char *path = scratch_bytes(&scratch, "m.model", want, n[0]);
  Sentencepiece *again = subwords_read(path, &err);
  ck_assert_msg(again != NULL, "%s", err.text);
  const char *bytes = sentencepiece_bytes(again, &n[1]);
  ck_assert_uint_eq(n[0], n[1]);
  ck_assert_mem_eq(bytes, want, n[1]);
  ck_assert_ptr_null(subwords_read("/nowhere/m.model", &err));
  sentencepiece_free(sp);
  sentencepiece_free(again);
  tokens_free(&lines);
  scratch_close(&scratch);
}
END_TEST

/* Pairs with an empty side count for nothing; lower case comes before learning. */
START_TEST(learning_from_pairs) {
  if (!have()) return;
  Scratch scratch;
  Err err = {0};
  scratch_open(&scratch);
  PairFiles files = {.source = scratch_text(&scratch, "s", "AB ab\nq\n \nab\n"),
                     .target = scratch_text(&scratch, "t", "x\n \t\nz\nX y\n")};
  SubwordsOptions o = {.source = true, .lowercase = true, .type = SENTENCEPIECE_bpe, .name = "vocab.source"};
  static const struct {
    bool source, target, lowercase;
    const char *has, *lacks;
  } cases[] = {{true, false, true, "ab", "ABqxyz"},
               {false, true, true, "xy", "Xzab"},
               {false, true, false, "xXy", "zab"},
               {true, true, true, "abxy", "ABXqz"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Tokens pieces = {0};
    o.source = cases[i].source;
    o.target = cases[i].target;
    o.lowercase = cases[i].lowercase;
    Sentencepiece *sp = subwords_learn(&files, &o, &err);
    ck_assert_msg(sp != NULL, "%s", err.text);
    sentencepiece_pieces(sp, &pieces);
    Str all = {0};
    for (int k = 4; k < pieces.n; k++) str_adds(&all, tokens_get(&pieces, k, NULL));
    for (const char *c = cases[i].has; *c != '\0'; c++) ck_assert_ptr_nonnull(strchr(str_text(&all), *c));
    for (const char *c = cases[i].lacks; *c != '\0'; c++) ck_assert_ptr_null(strchr(str_text(&all), *c));
    str_free(&all);
    tokens_free(&pieces);
    sentencepiece_free(sp);
  }
  files.source = scratch_text(&scratch, "s", "\n\n\n\n");
  ck_assert_ptr_null(subwords_learn(&files, &o, &err));
  ck_assert_str_eq(err.text, "vocab.source: the training text holds no pair to learn pieces from");
  files.source = scratch_text(&scratch, "s", "a\n");
  ck_assert_ptr_null(subwords_learn(&files, &o, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "has 1 lines, but"));
  scratch_close(&scratch);
}
END_TEST

START_TEST(without_the_library) {
  Tokens lines = {0};
  Err err = {0};
  if (have()) return;
  ck_assert_ptr_null(learn(&lines, SENTENCEPIECE_bpe, 100, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_ptr_nonnull(strstr(err.text, "vocab.source: this program was built without the SentencePiece library"));
  ck_assert_ptr_null(sentencepiece_load("", 0, "m", &err));
}
END_TEST

Suite *test_sentencepiece(void);
Suite *test_sentencepiece(void) {
  Suite *s = suite_create("sentencepiece");
  TCase *t = tcase_create("sentencepiece");
  tcase_add_loop_test(t, text_comes_back, 0, 2);
  tcase_add_test(t, same_text_same_bytes);
  tcase_add_test(t, sizes);
  tcase_add_loop_test(t, text_like_specials, 0, 2);
  tcase_add_test(t, no_models);
  tcase_add_test(t, given_model);
  tcase_add_test(t, learning_from_pairs);
  tcase_add_test(t, without_the_library);
  suite_add_tcase(s, t);
  return s;
}
