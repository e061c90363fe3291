/* Links of a training corpus: which pair and which tokens they come to, and files that are wrong. */
#include "train/guide.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "scratch.h"
#include "text/corpus.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

/* A corpus read with the links beside it. */
typedef struct Read {
  Tokenizer *source, *target;
  Counter source_counter, target_counter;
  Vocab *source_vocab, *target_vocab;
  Corpus *corpus;
  Guide *guide;
  Arena *arena;
} Read;

static Vocab *vocab_of(const Tokenizer *t, const Counter *counter) {
  Err err = {0};
  Tokens pieces = {0};
  if (tokenizer_model(t) == NULL) return vocab_build(counter, 0, 1, "vocab", &err);
  sentencepiece_pieces(tokenizer_model(t), &pieces);
  Vocab *vocab = vocab_from_tokens(&pieces, "vocab", &err);
  tokens_free(&pieces);
  return vocab;
}

/* Takes over the tokenizers. False when the links are refused. */
static bool read_with(Read *r, Tokenizer *source, Tokenizer *target, const char *const text[3], Err *err) {
  *r = (Read){.source = source, .target = target, .arena = arena_new()};
  PairFiles files = {.source = scratch_text(&scratch, "s", text[0]), .target = scratch_text(&scratch, "t", text[1])};
  r->guide = guide_open(scratch_text(&scratch, "links", text[2]), source, target, NULL, err);
  ck_assert_msg(r->guide != NULL, "%s", err->text);
  CorpusOptions options = {
      .source = source, .target = target, .max_source = 12, .max_target = 12, .told = guide_take, .ctx = r->guide};
  r->corpus = corpus_count(&files, &options, &r->source_counter, &r->target_counter, err);
  if (r->corpus == NULL) return false;
  r->source_vocab = vocab_of(source, &r->source_counter);
  r->target_vocab = vocab_of(target, &r->target_counter);
  corpus_map(r->corpus, &r->source_counter, r->source_vocab, &r->target_counter, r->target_vocab);
  return guide_end(r->guide, corpus_stats(r->corpus), r->source_vocab, r->target_vocab, err);
}

static void read_free(Read *r) {
  tokenizer_free(r->source);
  tokenizer_free(r->target);
  counter_free(&r->source_counter);
  counter_free(&r->target_counter);
  vocab_free(r->source_vocab);
  vocab_free(r->target_vocab);
  corpus_free(r->corpus);
  guide_free(r->guide);
  arena_free(r->arena);
}

static Tokenizer *words(void) { return tokenizer_new(TOKENIZER_word, false, NULL); }

/* Pair i's links as "0,1 | | 2": for each target token, </s> last, its source positions. */
static void expect(const Read *r, int i, const char *want) {
  IdPair pair = corpus_pair(r->corpus, i);
  const Linked *links = guide_links(r->guide, i, &pair, r->arena);
  Str got = {0};
  for (int t = 0; t <= pair.target.n; t++) {
    if (t > 0) str_adds(&got, " | ");
    for (int k = 0; k < links[t].n; k++) str_addf(&got, "%s%d", k > 0 ? "," : "", links[t].at[k]);
  }
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

START_TEST(links_of_words) {
  static const char *const text[] = {"a b c\na b\na\n", "x y\nx y z\ny\n", "2-0 0-1 1?1 0-1\n1-2 0-0\n\n"};
  Read r;
  Err err = {0};
  ck_assert_msg(read_with(&r, words(), words(), text, &err), "%s", err.text);
  expect(&r, 0, "2 | 0,1 | 3");
  expect(&r, 1, "0 |  | 1 | 2");
  expect(&r, 2, " | "); /* no link, none of </s> */
  read_free(&r);
}
END_TEST

/* The second pair has an empty side, the third is too long: their lines are read and left. */
START_TEST(pairs_left_out) {
  static const char *const text[] = {"a\n\n1 2 3 4 5 6 7 8 9 10 11 12 13\nb a\n", "x\ny\ny\nx\n", "0-0\n\n12-0\n1-0"};
  Read r;
  Err err = {0};
  ck_assert_msg(read_with(&r, words(), words(), text, &err), "%s", err.text);
  ck_assert_int_eq(corpus_size(r.corpus), 2);
  expect(&r, 0, "0 | 1");
  expect(&r, 1, "1 | 2");
  read_free(&r);
}
END_TEST

/* The same links as other programs write them: Marian, with those of `</s>`; NAACL 2003; SimAlign; Marian's weights. */
static const char *const other_forms[] = {
    "2-0 0-1 3-2\n0-0 1-1 1-2 2-3\n", "0001 3 1 S\n0001 1 2 P\n0002 1 1\n0002 2 2\n0002 2 3\n",
    "0\t2-0 0p1\n1\t0-0 1-1 1-2\n", "0,0,1,0 1,0,0,0 0,0,0,1\n1,0,0 0,1,0 .1,.8,.1 0,0,1\n"};

START_TEST(links_in_other_forms) {
  const char *const text[] = {"a b c\na b\n", "x y\nx y z\n", other_forms[_i]};
  Read r;
  Err err = {0};
  ck_assert_msg(read_with(&r, words(), words(), text, &err), "%s", err.text);
  expect(&r, 0, "2 | 0 | 3");
  expect(&r, 1, "0 | 1 | 1 | 2");
  read_free(&r);
}
END_TEST

START_TEST(links_of_letters) {
  static const char *const text[] = {"ab c\n", "xyz\n", "0-0 2-1 3-2\n"};
  Read r;
  Err err = {0};
  ck_assert_msg(
      read_with(&r, tokenizer_new(TOKENIZER_char, false, NULL), tokenizer_new(TOKENIZER_char, false, NULL), text, &err),
      "%s", err.text);
  expect(&r, 0, "0 | 2 | 3 | 4");
  read_free(&r);
}
END_TEST

static const struct {
  const char *links, *message;
} bad[] = {
    {"0-0\n", "links has 1 lines, but the training text has 2"},
    {"0-0\n0-0\n\n", "links has 3 lines, but the training text has 2"},
    {"", "links has 0 lines, but the training text has 2"},
    {"0-0\n2-0\n", "links:2: the link 2-0 is outside its pair, which has 2 words of source and 1 of target"},
    {"0-1 0-0\n0-1\n", "links:2: the link 0-1 is outside its pair, which has 2 words of source and 1 of target"},
    {"0-0\n1?9\n", "links:2: the link 1?9"},
    {"0-0\n0:0\n", "links:2: \"0:0\" is not a link"},
    {"1-1\n2-1\n", "if they count from 1, `attn-seq2seq align --from-1 FILE > NEW` makes them count from 0"},
    {"0-0\n0002 1 1\n", "links:2: \"0002 1 1\" looks like a link a line"},
    {"0001 1 1\n0003 1 1\n", "links has 3 lines, but the training text has 2"},
};
enum { N_BAD = sizeof bad / sizeof *bad };

START_TEST(wrong_files) {
  const char *const text[] = {"a\na b\n", "x y\ny\n", bad[_i].links};
  Read r;
  Err err = {0};
  ck_assert(!read_with(&r, words(), words(), text, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad[_i].message) != NULL, "%s", err.text);
  read_free(&r);
}
END_TEST

START_TEST(no_file) {
  Err err = {0};
  Tokenizer *t = words();
  ck_assert_ptr_null(guide_open(scratch_path(&scratch, "none"), t, t, NULL, &err));
  ck_assert_msg(strstr(err.text, "none") != NULL, "%s", err.text);
  tokenizer_free(t);
}
END_TEST

/* ---- Pieces. */

static bool have(void) { return sentencepiece_missing() == NULL; }

static bool next(void *ctx, const char **line, size_t *n) {
  const char *const **at = ctx;
  if (**at == NULL) return false;
  *line = *(*at)++;
  *n = strlen(*line);
  return true;
}

/* A tokenizer that splits "aab" and the like into "_aa", "b": of merges it knows only the first ones. */
static Tokenizer *pieces(void) {
  static const char *const lines[] = {"aa aab baa", "aab b a", "aa aa b", NULL};
  const char *const *at = lines;
  Err err = {0};
  Sentencepiece *sp = sentencepiece_learn((SentencepieceText){next, &at}, SENTENCEPIECE_bpe, 9, "vocab", &err);
  ck_assert_msg(sp != NULL, "%s", err.text);
  return tokenizer_new(TOKENIZER_sentencepiece, false, sp);
}

/* The word that each token belongs to, from the tokens' own text. */
static int word_at(const Vocab *vocab, Ids ids, int i) {
  int word = -1;
  for (int k = 0; k <= i; k++) word += strncmp(vocab_token(vocab, ids.at[k]), "\xE2\x96\x81", 3) == 0;
  return word;
}

/* Every piece of a linked word is linked with every piece of the other, and no other. */
static void check_pair(const Read *r, int i, const IdPair *pair, const bool want[3][3]) {
  const Linked *links = guide_links(r->guide, i, pair, r->arena);
  for (int t = 0; t < pair->target.n; t++) {
    int k = 0;
    for (int s = 0; s < pair->source.n; s++) {
      bool linked = k < links[t].n && links[t].at[k] == s;
      k += linked;
      ck_assert(linked == want[word_at(r->source_vocab, pair->source, s)][word_at(r->target_vocab, pair->target, t)]);
    }
    ck_assert_int_eq(k, links[t].n);
  }
  ck_assert_int_eq(links[pair->target.n].n, 1);
  ck_assert_int_eq(links[pair->target.n].at[0], pair->source.n);
}

static const char *const spelt[] = {"baa aab b\n", "aab baab a\n", "0-1 1-1 2-0\n"};
static const bool wanted[3][3] = {{false, true, false}, {false, true, false}, {true, false, false}};

START_TEST(links_of_pieces) {
  if (!have()) return;
  Read r;
  Err err = {0};
  ck_assert_msg(read_with(&r, pieces(), pieces(), spelt, &err), "%s", err.text);
  IdPair pair = corpus_pair(r.corpus, 0);
  ck_assert_int_gt(pair.source.n, 3);
  ck_assert_int_gt(pair.target.n, 3);
  check_pair(&r, 0, &pair, wanted);
  read_free(&r);
}
END_TEST

/* However the pieces are drawn. */
START_TEST(links_of_drawn_pieces) {
  if (!have()) return;
  Read r;
  Err err = {0};
  ck_assert_msg(read_with(&r, pieces(), pieces(), spelt, &err), "%s", err.text);
  SubwordSampler *source = subword_sampler_new(tokenizer_model(r.source), r.source_vocab, 0.5);
  SubwordSampler *target = subword_sampler_new(tokenizer_model(r.target), r.target_vocab, 0.5);
  Pool *pool = pool_new(1);
  r.corpus = corpus_sampled(r.corpus, &(CorpusSampling){.source = source, .target = target, .seed = 1});
  int fewest = 100, most = 0;
  for (uint64_t epoch = 1; epoch <= 20; epoch++) {
    corpus_draw(r.corpus, pool, epoch);
    IdPair pair = corpus_pair(r.corpus, 0);
    check_pair(&r, 0, &pair, wanted);
    if (pair.source.n < fewest) fewest = pair.source.n;
    if (pair.source.n > most) most = pair.source.n;
  }
  ck_assert_int_lt(fewest, most);
  pool_free(pool);
  subword_sampler_free(source);
  subword_sampler_free(target);
  read_free(&r);
}
END_TEST

/* Positions are those of words, not of pieces. */
START_TEST(positions_of_words) {
  if (!have()) return;
  static const char *const text[] = {"baa aab b\n", "aab baab a\n", "3-0\n"};
  Read r;
  Err err = {0};
  ck_assert(!read_with(&r, pieces(), pieces(), text, &err));
  ck_assert_msg(
      strstr(err.text, "links:1: the link 3-0 is outside its pair, which has 3 words of source and 3") != NULL, "%s",
      err.text);
  read_free(&r);
}
END_TEST

Suite *test_guide(void);
Suite *test_guide(void) {
  Suite *s = suite_create("guide");
  TCase *t = tcase_create("guide");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, links_of_words);
  tcase_add_test(t, pairs_left_out);
  tcase_add_loop_test(t, links_in_other_forms, 0, sizeof other_forms / sizeof *other_forms);
  tcase_add_test(t, links_of_letters);
  tcase_add_loop_test(t, wrong_files, 0, N_BAD);
  tcase_add_test(t, no_file);
  tcase_add_test(t, links_of_pieces);
  tcase_add_test(t, links_of_drawn_pieces);
  tcase_add_test(t, positions_of_words);
  suite_add_tcase(s, t);
  return s;
}
