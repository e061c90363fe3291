#include "text/corpus.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

static Scratch scratch;
static Tokenizer *word, *letter;

static void set_up(void) {
  scratch_open(&scratch);
  word = tokenizer_new(TOKENIZER_word, false, NULL);
  letter = tokenizer_new(TOKENIZER_char, false, NULL);
}

static void tear_down(void) {
  tokenizer_free(word);
  tokenizer_free(letter);
  scratch_close(&scratch);
}

static PairFiles two_files(const char *source, const char *target) {
  return (PairFiles){.source = scratch_text(&scratch, "src", source), .target = scratch_text(&scratch, "tgt", target)};
}

static CorpusOptions words(int max_length) {
  return (CorpusOptions){
      .source = word, .target = word, .max_source = max_length, .max_target = max_length, .longer = "data.max_length"};
}

/* A corpus with vocabularies of its own. */
typedef struct Trained {
  Counter source_counter, target_counter;
  Vocab *source, *target;
  Corpus *corpus;
} Trained;

static void train(Trained *t, const PairFiles *files, const CorpusOptions *options) {
  Err err = {0};
  *t = (Trained){0};
  t->corpus = corpus_count(files, options, &t->source_counter, &t->target_counter, &err);
  ck_assert_msg(t->corpus != NULL, "%s", err.text);
  t->source = vocab_build(&t->source_counter, 0, 1, "vocab.source", &err);
  t->target = vocab_build(&t->target_counter, 0, 1, "vocab.target", &err);
  ck_assert_msg(t->source != NULL && t->target != NULL, "%s", err.text);
  corpus_map(t->corpus, &t->source_counter, t->source, &t->target_counter, t->target);
}

static void train_free(Trained *t) {
  counter_free(&t->source_counter);
  counter_free(&t->target_counter);
  vocab_free(t->source);
  vocab_free(t->target);
  corpus_free(t->corpus);
}

static void add_ids(Str *out, Ids ids) {
  for (int i = 0; i < ids.n; i++) str_addf(out, "%d ", (int)ids.at[i]);
}

/* The pairs written as "4 5 = 6 ; ". */
static void expect_pairs(const Corpus *corpus, const char *want) {
  Str got = {0};
  for (int i = 0; i < corpus_size(corpus); i++) {
    IdPair pair = corpus_pair(corpus, i);
    add_ids(&got, pair.source);
    str_adds(&got, "= ");
    add_ids(&got, pair.target);
    str_adds(&got, "; ");
  }
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

static void expect_failure(const PairFiles *files, const CorpusOptions *options, const char *message) {
  Err err = {0};
  Counter source = {0}, target = {0};
  ck_assert_ptr_null(corpus_count(files, options, &source, &target, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, message) != NULL, "\"%s\" is not in \"%s\"", message, err.text);
  counter_free(&source);
  counter_free(&target);
}

/* Counts: source a 3, b 2, c 1; target x 2, y 1, z 1. */
START_TEST(ids_by_count_then_bytes) {
  PairFiles files = two_files("c b a\nb a\na\n", "z x\nx\ny");
  CorpusOptions options = words(0);
  Trained t;
  train(&t, &files, &options);
  expect_pairs(t.corpus, "6 5 4 = 6 4 ; 5 4 = 4 ; 4 = 5 ; ");
  const CorpusStats *stats = corpus_stats(t.corpus);
  ck_assert_int_eq(stats->n_read, 3);
  ck_assert_int_eq((int)stats->n_source, 6);
  ck_assert_int_eq((int)stats->n_target, 4);
  ck_assert_int_eq((int)stats->n_unknown_source, 0);
  ck_assert_uint_eq(corpus_lengths(t.corpus)[0].source, 3);
  ck_assert_uint_eq(corpus_lengths(t.corpus)[0].target, 2);
  train_free(&t);
}
END_TEST

START_TEST(left_out_pairs_do_not_count) {
  PairFiles files = two_files("a b c\na\n\nb\nb\n \nx y z\n", "u\nv\nv\n\nu u u\n\n\n");
  CorpusOptions options = words(2);
  Trained t;
  train(&t, &files, &options);
  expect_pairs(t.corpus, "4 = 4 ; ");
  ck_assert_int_eq(vocab_size(t.source), 5);
  ck_assert_str_eq(vocab_token(t.source, 4), "a");
  const CorpusStats *stats = corpus_stats(t.corpus);
  ck_assert_int_eq(stats->n_read, 7);
  ck_assert_int_eq(stats->n_long, 2);
  ck_assert_int_eq(stats->n_empty, 4);
  train_free(&t);
}
END_TEST

/* With a separator, pairs are a document, a query, and a word of the document; the separator itself is none. */
START_TEST(questions_have_answers) {
  PairFiles files =
      two_files("a b | c\na b | c\na b c\n| c\na | b\na | b | c\na b |\n\n", "b\na b\na\nc\nb\n|\na\na\n");
  CorpusOptions options = words(6);
  options.separator = "|";
  Trained t;
  train(&t, &files, &options);
  ck_assert_int_eq(corpus_size(t.corpus), 2);
  const CorpusStats *stats = corpus_stats(t.corpus);
  ck_assert_int_eq(stats->n_read, 8);
  ck_assert_int_eq(stats->n_unanswered, 5);
  ck_assert_int_eq(stats->n_empty, 1);
  train_free(&t);
}
END_TEST

START_TEST(each_side_has_its_limit) {
  PairFiles files = two_files("a b\na b c\na\n", "x x x x\nx\nx\n");
  CorpusOptions options = {.source = word, .target = word, .max_source = 2};
  Trained t;
  train(&t, &files, &options);
  expect_pairs(t.corpus, "4 5 = 4 4 4 4 ; 4 = 4 ; ");
  train_free(&t);
}
END_TEST

START_TEST(shared_vocabulary) {
  Err err = {0};
  PairFiles files = two_files("a b\n", "b c\n");
  CorpusOptions options = words(0);
  Counter counter = {0};
  Corpus *corpus = corpus_count(&files, &options, &counter, &counter, &err);
  Vocab *vocab = vocab_build(&counter, 0, 1, "vocab.source", &err);
  corpus_map(corpus, &counter, vocab, &counter, vocab);
  expect_pairs(corpus, "5 4 = 4 6 ; ");
  corpus_free(corpus);
  vocab_free(vocab);
  counter_free(&counter);
}
END_TEST

START_TEST(given_vocabularies_and_unknown_words) {
  Err err = {0};
  PairFiles files = two_files("a b <unk>\n", "x <s>\n");
  CorpusOptions options = words(0);
  Vocab *vocab = vocab_read(scratch_text(&scratch, "vocab", "b\nx\n"), NULL, &err);
  Corpus *corpus = corpus_load(&files, &options, vocab, vocab, &err);
  ck_assert_msg(corpus != NULL, "%s", err.text);
  expect_pairs(corpus, "3 4 3 = 5 3 ; ");
  ck_assert_int_eq((int)corpus_stats(corpus)->n_unknown_source, 2);
  ck_assert_int_eq((int)corpus_stats(corpus)->n_unknown_target, 1);
  corpus_free(corpus);
  vocab_free(vocab);
}
END_TEST

START_TEST(tsv_gzip_crlf_characters_and_text) {
  PairFiles files = {.tsv = scratch_gzip(&scratch, "both.tsv.gz",
                                         "\xEF\xBB\xBF"
                                         "b a\tu v\r\na\tv\r\n")};
  CorpusOptions options = {.source = letter, .target = word, .keep_text = true};
  Trained t;
  train(&t, &files, &options);
  ck_assert_str_eq(vocab_token(t.source, 6), "\xE2\x90\xA3");
  expect_pairs(t.corpus, "5 6 4 = 5 4 ; 4 = 4 ; ");
  Pair text = corpus_text(t.corpus, 0);
  ck_assert_str_eq(text.source, "b a");
  ck_assert_str_eq(text.target, "u v");
  ck_assert_uint_eq(text.n_target, 3);
  ck_assert_str_eq(corpus_text(t.corpus, 1).target, "v");
  train_free(&t);
}
END_TEST

static const struct {
  const char *source, *target, *message;
} bad[] = {
    {"", "", "/tgt: empty; a sentence a line is wanted"},
    {"a\nb\nc\n", "x\n", "/src has 3 lines, but "},
    {"a\nb\nc\n", "x\n", "/tgt has 1: line for line they must be translations of each other"},
    {"a\n", "x\ny\nz", "/tgt has 3: line for line"},
    {"", "x\n", "/src has 0 lines, but "},
    {"\n \n", "x\ny\n", "/tgt: no pair can be used: of 2, 2 have an empty side; fill the empty lines"},
    {"\na a a\nb\n", "x\ny\nx x x x\n",
     "no pair can be used: of 3, 1 has an empty side and 2 are longer than 2 source tokens or 2 target "
     "tokens; "
     "allow longer ones (data.max_length)"},
};

START_TEST(bad_files) {
  PairFiles files = two_files(bad[_i].source, bad[_i].target);
  CorpusOptions options = words(2);
  expect_failure(&files, &options, bad[_i].message);
}
END_TEST

START_TEST(bad_tsv) {
  CorpusOptions options = words(0);
  PairFiles files = {.tsv = scratch_text(&scratch, "t.tsv", "a\tb\na\tb\tc\n")};
  expect_failure(&files, &options, "/t.tsv:2: 2 tabs; a line is the source, exactly one tab, and the target");
  files.tsv = scratch_text(&scratch, "t.tsv", "a\tb\n\n");
  expect_failure(&files, &options, "/t.tsv:2: 0 tabs");
  files.tsv = scratch_text(&scratch, "t.tsv", "");
  expect_failure(&files, &options, "/t.tsv: empty");
}
END_TEST

START_TEST(missing_files) {
  CorpusOptions options = words(0);
  PairFiles files = {.source = scratch_text(&scratch, "src", "a\n"), .target = scratch_path(&scratch, "none")};
  expect_failure(&files, &options, "/none: cannot open");
  files = (PairFiles){.source = scratch_path(&scratch, "none"), .target = scratch_text(&scratch, "tgt", "a\n")};
  expect_failure(&files, &options, "/none: cannot open");
  files = (PairFiles){.source = scratch.folder.at, .target = scratch_path(&scratch, "tgt")};
  expect_failure(&files, &options, "is a folder");
}
END_TEST

/* Pair i has i % 7 + 1 source tokens "s<i>" and i % 5 + 1 target tokens: views must be right on both sides of every
 * stored offset, and memory within 1.2 times the ids for sentences of 12 tokens. */
START_TEST(many_pairs) {
  enum { N = 100 };
  Str source = {0}, target = {0};
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i % 7 + 1; j++) str_addf(&source, "s%d ", i);
    for (int j = 0; j < i % 5 + 1; j++) str_addf(&target, "t%d ", i);
    str_addc(&source, '\n');
    str_addc(&target, '\n');
  }
  PairFiles files = two_files(str_text(&source), str_text(&target));
  CorpusOptions options = words(0);
  Trained t;
  train(&t, &files, &options);
  ck_assert_int_eq(corpus_size(t.corpus), N);
  for (int i = 0; i < N; i++) {
    IdPair pair = corpus_pair(t.corpus, i);
    Str name = {0};
    str_addf(&name, "t%d", i);
    ck_assert_int_eq(pair.source.n, i % 7 + 1);
    ck_assert_int_eq(pair.target.n, i % 5 + 1);
    ck_assert_int_eq(pair.target.at[i % 5], vocab_id(t.target, name.at, name.n));
    name.at[0] = 's';
    ck_assert_int_eq(pair.source.at[0], vocab_id(t.source, name.at, name.n));
    str_free(&name);
  }
  train_free(&t);
  str_free(&source);
  str_free(&target);
}
END_TEST

START_TEST(little_memory_beside_the_ids) {
  Str text = {0};
  for (int i = 0; i < 5000; i++) str_adds(&text, "a b c d e f g h i j k l\n");
  PairFiles files = two_files(str_text(&text), str_text(&text));
  CorpusOptions options = words(0);
  Trained t;
  train(&t, &files, &options);
  const CorpusStats *stats = corpus_stats(t.corpus);
  ck_assert_int_eq((int)(stats->n_source + stats->n_target), 5000 * 24);
  ck_assert_uint_ge(corpus_bytes(t.corpus), 4 * 5000 * 24);
  ck_assert_uint_lt(corpus_bytes(t.corpus), 4 * 5000 * 24 * 12 / 10);
  train_free(&t);
  str_free(&text);
}
END_TEST

static void count_warning(void *ctx, const char *text) {
  ck_assert_ptr_nonnull(strstr(text, "invalid UTF-8"));
  ++*(int *)ctx;
}

START_TEST(each_bad_line_warns_once) {
  int n = 0;
  Warnings warnings = {count_warning, &n, {0}};
  PairFiles files = two_files("a \xFF\nb\n", "x\n\xC3\n");
  CorpusOptions options = words(0);
  options.warnings = &warnings;
  Trained t;
  train(&t, &files, &options);
  ck_assert_int_eq(n, 2);
  ck_assert_int_eq(vocab_id(t.target, "\xEF\xBF\xBD", 3), 5);
  train_free(&t);
}
END_TEST

Suite *test_corpus(void);
Suite *test_corpus(void) {
  Suite *s = suite_create("corpus");
  TCase *t = tcase_create("corpus");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, ids_by_count_then_bytes);
  tcase_add_test(t, left_out_pairs_do_not_count);
  tcase_add_test(t, questions_have_answers);
  tcase_add_test(t, each_side_has_its_limit);
  tcase_add_test(t, shared_vocabulary);
  tcase_add_test(t, given_vocabularies_and_unknown_words);
  tcase_add_test(t, tsv_gzip_crlf_characters_and_text);
  tcase_add_loop_test(t, bad_files, 0, sizeof bad / sizeof *bad);
  tcase_add_test(t, bad_tsv);
  tcase_add_test(t, missing_files);
  tcase_add_test(t, many_pairs);
  tcase_add_test(t, little_memory_beside_the_ids);
  tcase_add_test(t, each_bad_line_warns_once);
  suite_add_tcase(s, t);
  return s;
}
