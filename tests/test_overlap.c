/* Sources that two corpora share, against a count by comparing all with all. */
#include "text/overlap.h"

#include <check.h>
#include <string.h>

#include "base/rng.h"
#include "scratch.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

/* A corpus of the lines on both sides. The vocabulary knows a, b, c. */
static Corpus *corpus_of(const char *lines, const Tokenizer *word, const Vocab *vocab) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "text", lines);
  const PairFiles files = {.source = path, .target = path};
  const CorpusOptions options = {.source = word, .target = word};
  Corpus *corpus = corpus_load(&files, &options, vocab, vocab, &err);
  ck_assert_msg(corpus != NULL, "%s", err.text);
  return corpus;
}

static int count(const char *text, const char *other) {
  static const char json[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]";
  Err err = {0};
  Tokenizer *word = tokenizer_new(TOKENIZER_word, false, NULL);
  Vocab *vocab = vocab_from_json(json, strlen(json), "vocab", &err);
  Corpus *x = corpus_of(text, word, vocab), *y = corpus_of(other, word, vocab);
  int n = overlap_count(x, y);
  corpus_free(x);
  corpus_free(y);
  vocab_free(vocab);
  tokenizer_free(word);
  return n;
}

START_TEST(by_hand) {
  ck_assert_int_eq(count("a b\nb a\na b\nc\n", "a  b\na b\nx\n"), 2); /* twice in the text; blanks do not matter */
  ck_assert_int_eq(count("x\na y\n", "x\na y\n"), 0);                 /* unknown words */
  ck_assert_int_eq(count("a b\n", "a\na b c\n"), 0);
}
END_TEST

/* Lines of one to three letters. */
static int draw(Str *out, int n, uint64_t key, char lines[][8]) {
  for (int i = 0; i < n; i++) {
    uint64_t k = rng_key(key, RNG_TEST, (uint64_t)i, 0);
    int length = 1 + (int)rng_below(k, 0, 3);
    for (int j = 0; j < length; j++) {
      lines[i][2 * j] = (char)('a' + (int)rng_below(k, 1 + (uint64_t)j, 3));
      lines[i][2 * j + 1] = j + 1 < length ? ' ' : '\0';
    }
    str_addf(out, "%s\n", lines[i]);
  }
  return n;
}

START_TEST(by_comparing_all) {
  char x[30][8], y[12][8];
  Str text = {0}, other = {0};
  int n = draw(&text, 30, (uint64_t)_i, x), m = draw(&other, 12, 100 + (uint64_t)_i, y), want = 0;
  for (int i = 0; i < n; i++) {
    bool found = false;
    for (int j = 0; j < m; j++) found = found || strcmp(x[i], y[j]) == 0;
    want += found;
  }
  ck_assert_int_eq(count(str_text(&text), str_text(&other)), want);
  str_free(&text);
  str_free(&other);
}
END_TEST

/* Images are the same when their pixels are, whatever file they stand in. */
START_TEST(of_images) {
  static const char json[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"region\"]";
  static const char *const pixels[] = {"P2 2 1 9 1 2", "P2 2 1 9 1 3", "P2 1 2 9 1 2"};
  Err err = {0};
  Str lists[2] = {{0}, {0}};
  for (int i = 0; i < 6; i++) {
    Str name = {0};
    str_addf(&name, "%d.pgm", i);
    const char *path = scratch_text(&scratch, str_text(&name), pixels[i / 2]);
    if (i != 3) str_addf(&lists[i % 2], "%s\n", path); /* the second list lacks the second image */
    str_free(&name);
  }
  Tokenizer *images = tokenizer_of_regions(&(RegionForm){.patch = 1, .max_side = 2}),
            *word = tokenizer_new(TOKENIZER_word, false, NULL);
  Vocab *vocab = vocab_from_json(json, strlen(json), "vocab", &err);
  Corpus *corpora[2];
  char digests[2][65];
  for (int k = 0; k < 2; k++) {
    const PairFiles files = {.source = scratch_text(&scratch, "list", str_text(&lists[k])),
                             .target = scratch_text(&scratch, "words", k == 0 ? "a\na\na\n" : "a\na\n")};
    const CorpusOptions options = {.source = images, .target = word};
    corpora[k] = corpus_load(&files, &options, vocab, vocab, &err);
    ck_assert_msg(corpora[k] != NULL, "%s", err.text);
    ck_assert(corpus_digest(corpora[k], digests[k]));
    ck_assert_int_eq((int)corpus_stats(corpora[k])->n_unknown_source, 0);
  }
  ck_assert_int_eq(overlap_count(corpora[0], corpora[1]), 2);
  ck_assert_str_ne(digests[0], digests[1]);
  for (int k = 0; k < 2; k++) corpus_free(corpora[k]);
  for (int k = 0; k < 2; k++) str_free(&lists[k]);
  vocab_free(vocab);
  tokenizer_free(images);
  tokenizer_free(word);
}
END_TEST

Suite *test_overlap(void);
Suite *test_overlap(void) {
  Suite *s = suite_create("overlap");
  TCase *t = tcase_create("overlap");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, by_hand);
  tcase_add_test(t, of_images);
  tcase_add_loop_test(t, by_comparing_all, 0, 20);
  suite_add_tcase(s, t);
  return s;
}
