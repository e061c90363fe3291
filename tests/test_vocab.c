#include "text/vocab.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "text/tokenizer.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static void count_words(Counter *counter, const char *text) {
  Tokenizer *tokenizer = tokenizer_new(TOKENIZER_word, false, NULL);
  Tokens tokens = {0};
  tokenizer_split(tokenizer, text, strlen(text), &tokens);
  for (int i = 0; i < tokens.n; i++) {
    size_t n;
    const char *token = tokens_get(&tokens, i, &n);
    (void)counter_add(counter, token, n);
  }
  tokens_free(&tokens);
  tokenizer_free(tokenizer);
}

static Vocab *build(const char *text, int size, int min_count, Err *err) {
  Counter counter = {0};
  count_words(&counter, text);
  Vocab *vocab = vocab_build(&counter, size, min_count, "vocab.source", err);
  counter_free(&counter);
  return vocab;
}

/* The tokens after the specials, with a blank before each. */
static void expect_tokens(const Vocab *vocab, const char *want) {
  static const char *const specials[] = {"<pad>", "<s>", "</s>", "<unk>"};
  Str got = {0};
  for (int id = 0; id < N_SPECIAL; id++) ck_assert_str_eq(vocab_token(vocab, id), specials[id]);
  for (int id = N_SPECIAL; id < vocab_size(vocab); id++) str_addf(&got, " %s", vocab_token(vocab, id));
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

static void expect_built(const char *text, int size, int min_count, const char *want) {
  Err err = {0};
  Vocab *vocab = build(text, size, min_count, &err);
  ck_assert_msg(vocab != NULL, "%s", err.text);
  expect_tokens(vocab, want);
  vocab_free(vocab);
}

START_TEST(counter_numbers_in_order_of_coming) {
  Counter counter = {0};
  ck_assert_int_eq(counter_add(&counter, "b", 1), 0);
  ck_assert_int_eq(counter_add(&counter, "a", 1), 1);
  ck_assert_int_eq(counter_add(&counter, "b", 1), 0);
  ck_assert_int_eq(counter.tokens.n, 2);
  ck_assert_int_eq((int)counter.counts[0], 2);
  ck_assert_int_eq((int)counter.counts[1], 1);
  for (int i = 0; i < 500; i++) (void)counter_add(&counter, (const char *)&i, sizeof i);
  ck_assert_int_eq((int)counter.counts[501], 1);
  counter_free(&counter);
}
END_TEST

START_TEST(order_is_count_then_bytes) {
  expect_built("c c c b a a", 0, 1, " c a b");
  expect_built("ab a b aa Z \xC3\xA9 ~", 0, 1, " Z a aa ab b ~ \xC3\xA9");
  expect_built("\xEF\xBF\xBD \xF0\x9F\x98\x80 z", 0, 1, " z \xEF\xBF\xBD \xF0\x9F\x98\x80");
}
END_TEST

START_TEST(size_and_min_count) {
  const char *text = "d c c b b a a a";
  expect_built(text, 6, 1, " a b");
  expect_built(text, 5, 1, " a");
  expect_built(text, 0, 2, " a b c");
  expect_built(text, 100, 3, " a");
}
END_TEST

START_TEST(specials_in_text_are_unknown_words) {
  Err err = {0};
  Vocab *vocab = build("<unk> <unk> <unk> <s> </s> <pad> <PAD> x <s", 0, 1, &err);
  expect_tokens(vocab, " <PAD> <s x");
  ck_assert_int_eq(vocab_id(vocab, "<s>", 3), ID_UNK);
  ck_assert_int_eq(vocab_id(vocab, "<pad>", 5), ID_UNK);
  ck_assert_int_eq(vocab_id(vocab, "</s>", 4), ID_UNK);
  ck_assert_int_eq(vocab_id(vocab, "<s", 2), 5);
  ck_assert_int_eq(vocab_id(vocab, "xx", 1), 6);
  ck_assert_int_eq(vocab_id(vocab, "xx", 2), ID_UNK);
  vocab_free(vocab);
}
END_TEST

START_TEST(vocabulary_of_nothing) {
  Err err = {0};
  ck_assert_ptr_null(build("a b b", 0, 3, &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(err.text,
                   "vocab.source.min_count: no token comes 3 times; the most frequent, \"b\", comes 2 times: lower it");
  ck_assert_ptr_null(build("<unk> <s>", 0, 1, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
}
END_TEST

START_TEST(encode_and_decode) {
  Err err = {0};
  Vocab *vocab = build("b a", 0, 1, &err);
  Tokens tokens = {0};
  tokens_add(&tokens, "b", 1);
  tokens_add(&tokens, "new", 3);
  tokens_add(&tokens, "a", 1);
  int32_t ids[3];
  vocab_encode(vocab, &tokens, ids);
  ck_assert_int_eq(ids[0], 5);
  ck_assert_int_eq(ids[1], ID_UNK);
  ck_assert_int_eq(ids[2], 4);
  vocab_decode(vocab, ids, 3, &tokens);
  ck_assert_int_eq(tokens.n, 3);
  ck_assert_str_eq(tokens_get(&tokens, 0, NULL), "b");
  ck_assert_str_eq(tokens_get(&tokens, 1, NULL), "<unk>");
  tokens_free(&tokens);
  vocab_free(vocab);
}
END_TEST

START_TEST(json_round_trip) {
  Err err = {0};
  Str json = {0};
  Vocab *vocab = build("\" \\ \xC3\xA9 \xE2\x90\xA3 \x01 a", 0, 1, &err);
  vocab_to_json(vocab, &json);
  ck_assert_str_eq(
      str_text(&json),
      "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"\\u0001\",\"\\\"\",\"\\\\\",\"a\",\"\xC3\xA9\",\"\xE2\x90\xA3\"]");
  Vocab *again = vocab_from_json(json.at, json.n, "model", &err);
  ck_assert_msg(again != NULL, "%s", err.text);
  ck_assert(vocab_equal(vocab, again));
  ck_assert_int_eq(vocab_id(again, "\xC3\xA9", 2), 8);
  Vocab *other = build("\" \\ \xC3\xA9 \xE2\x90\xA3 \x01 b", 0, 1, &err);
  Vocab *shorter = build("\" \\ \xC3\xA9 \xE2\x90\xA3 \x01", 0, 1, &err);
  Vocab *begun = build("\x01 \"", 0, 1, &err);
  ck_assert(!vocab_equal(begun, vocab));
  ck_assert(!vocab_equal(vocab, other));
  ck_assert(!vocab_equal(vocab, shorter));
  vocab_free(begun);
  vocab_free(shorter);
  vocab_free(other);
  vocab_free(again);
  vocab_free(vocab);
  str_free(&json);
}
END_TEST

#define FOUR "\"<pad>\",\"<s>\",\"</s>\",\"<unk>\""
static const struct {
  const char *json, *message;
} refused[] = {
    {"{}", "model: an object, not an array of tokens"},
    {"[", "model:1:2: the JSON text ends too early"},
    {"[]", "model: 0 entries; the four specials and at least one token are wanted"},
    {"[" FOUR "]", "model: 4 entries; the four specials and at least one token are wanted"},
    {"[" FOUR ",3]", "model: entry 4 is a number, not a token"},
    {"[\"<pad>\",\"<s>\",\"<unk>\",\"</s>\",\"a\"]", "model: entry 2 is \"<unk>\", not </s>"},
    {"[\"a\",\"b\",\"c\",\"d\",\"e\"]", "model: entry 0 is \"a\", not <pad>"},
    {"[" FOUR ",\"a\",\"b\",\"a\"]", "model: entry 6, the token \"a\", stands twice"},
    {"[" FOUR ",\"a\",\"<s>\"]", "model: entry 5, the token \"<s>\", is special and belongs in the first four"},
    {"[" FOUR ",\"\"]", "model: entry 4, the token \"\", is empty"},
    {"[" FOUR ",\"a\\nb\"]", "model: entry 4, the token \"a\nb\", holds a line end"},
    {"[" FOUR ",\"\xC3(\"]", "model:1:32: this is not UTF-8"},
};

START_TEST(bad_json_is_refused) {
  Err err = {0};
  ck_assert_ptr_null(vocab_from_json(refused[_i].json, strlen(refused[_i].json), "model", &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_str_eq(err.text, refused[_i].message);
}
END_TEST

START_TEST(vocabulary_file) {
  Err err = {0};
  Vocab *plain = vocab_read(scratch_text(&scratch, "plain",
                                         "\xEF\xBB\xBF"
                                         "b\r\na\n"),
                            NULL, &err);
  ck_assert_msg(plain != NULL, "%s", err.text);
  expect_tokens(plain, " b a");
  Vocab *full = vocab_read(scratch_text(&scratch, "full", "<pad>\n<s>\n</s>\n<unk>\nb\na"), NULL, &err);
  ck_assert_msg(full != NULL, "%s", err.text);
  ck_assert(vocab_equal(plain, full));
  vocab_free(plain);
  vocab_free(full);
}
END_TEST

/* As fairseq, OpenNMT-py, `sort | uniq -c` and SentencePiece's log-probabilities have it. */
static const char *const counted[] = {
    "hello 7\n, 5\n12 3\n", "hello\t7\n,\t5\n12\t3\n",          "      7 hello\n      5 ,\n      3 12\n",
    "7 hello\n5 ,\n3 12\n", "hello\t-1.5\r\n,\t-2e-1\r\n12\t0", "<pad> 0\n<s> 0\n</s> 0\n<unk> 0\nhello 7\n, 5\n12 3\n",
};

START_TEST(counts_beside_the_tokens) {
  Err err = {0};
  Vocab *vocab = vocab_read(scratch_text(&scratch, "v", counted[_i]), NULL, &err);
  ck_assert_msg(vocab != NULL, "%s", err.text);
  expect_tokens(vocab, " hello , 12");
  vocab_free(vocab);
}
END_TEST

/* Signs that look like another form are tokens where the other lines do not. */
START_TEST(signs_are_tokens) {
  Err err = {0};
  Vocab *vocab = vocab_read(scratch_text(&scratch, "v", "[\n\"\n{\n7\n:\n1,5\na:\n\t\n]\n"), NULL, &err);
  ck_assert_msg(vocab != NULL, "%s", err.text);
  expect_tokens(vocab, " [ \" { 7 : 1,5 a: \t ]");
  vocab_free(vocab);
}
END_TEST

#define JOINED \
  "v:1: a token and a number with no white space between, on every line; a vocabulary file holds one token a line"
static const struct {
  const char *text, *message;
} bad_files[] = {
    {"a\nb c\n",
     "v:2: \"b c\" holds white space, which no token does; a vocabulary file holds one token a line, or on "
     "every line a token and its count"},
    {"a 7\nb\n", "v:2: \"b\" is no token and its count, as line 1 is; a file is of one form"},
    {"a 7\n\nb 6\nc 5 x\n", "v:4: \"c 5 x\" is no token and its count, as line 1 is; a file is of one form"},
    {"a\nb \n",
     "v:2: \"b \" holds white space, which no token does; a vocabulary file holds one token a line, or on "
     "every line a token and its count"},
    {"{\"hello\": 7, \"you\": 8}\n",
     "v:1: JSON; a vocabulary file holds one token a line: jq -r '.[]' makes it of an array, jq -r 'to_entries | "
     "sort_by(.value)[].key' of an object of ids"},
    {"[\n  \"hello\",\n  \"you\"\n]\n",
     "v:1: JSON; a vocabulary file holds one token a line: jq -r '.[]' makes it of an array, jq -r 'to_entries | "
     "sort_by(.value)[].key' of an object of ids"},
    {"</s>: 0\n<unk>: 1\n\"hello\": 2\n", "v:1: YAML; a vocabulary file holds one token a line, without an id"},
    {"[\n\"hello\",\n\"you\"\n]\n\n",
     "v:1: JSON; a vocabulary file holds one token a line: jq -r '.[]' makes it of an array, jq -r 'to_entries | "
     "sort_by(.value)[].key' of an object of ids"},
    {"hello,7\nyou,8\n", JOINED},
    {"7,hello\n8,you\n", JOINED},
    {"hello=7\nyou=8\n", JOINED},
    {"hello:7\n:,8\na:b:9\n", JOINED},
    {"\"hello\"\n\"you\"\n",
     "v:1: every line stands in quotes, which no token of a text does; a vocabulary file holds tokens as they are: "
     "tr -d '\"' takes them off"},
    {"\n\016\n\005<unk>\025\001\001\001\001\030\002\n\014\n\003<s>\n",
     "v: a SentencePiece model: set the tokenizer to \"sentencepiece\""},
    {"\n\007\n\005<pad>\n\n", "v: a SentencePiece model: set the tokenizer to \"sentencepiece\""},
    {"<unk>\t0\n<s>\t0\n</s>\t0\n\xE2\x96\x81hello\t-3.2\n",
     "v:1: the pieces of a SentencePiece model, for people to read; name the .model file beside it and set the "
     "tokenizer to \"sentencepiece\""},
    {"", "v: no tokens; a vocabulary file holds one token a line"},
    {"<pad>\n<s>\n", "v: no tokens; a vocabulary file holds one token a line"},
    {"a\nb\na\n", "v:3: the token \"a\" stands twice"},
    {"a\n\nb\n", "v:2: the token \"\" is empty"},
    {"a\n<pad>\n", "v:2: the token \"<pad>\" is special and belongs in the first four"},
    {"<pad>\n<s>\n<unk>\n", "v:3: the token \"<unk>\" stands where the next of <pad> <s> </s> <unk> is due"},
};

START_TEST(bad_vocabulary_file) {
  Err err = {0};
  ck_assert_ptr_null(vocab_read(scratch_text(&scratch, "v", bad_files[_i].text), NULL, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_str_eq(strstr(err.text, "/v:") + 1, bad_files[_i].message);
}
END_TEST

START_TEST(long_token_in_a_message_is_cut_between_scalars) {
  Err err = {0};
  Str token = {0}, text = {0};
  str_addc(&token, 'x');
  for (int i = 0; i < 80; i++) str_adds(&token, "\xC3\xA9");
  str_addf(&text, "%s\n%s\n", token.at, token.at);
  ck_assert_ptr_null(vocab_read(scratch_text(&scratch, "v", str_text(&text)), NULL, &err));
  const char *quote = strchr(err.text, '"') + 1;
  ck_assert_uint_eq(strcspn(quote, "\""), 99);
  str_free(&token);
  str_free(&text);
}
END_TEST

Suite *test_vocab(void);
Suite *test_vocab(void) {
  Suite *s = suite_create("vocab");
  TCase *t = tcase_create("vocab");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, counter_numbers_in_order_of_coming);
  tcase_add_test(t, order_is_count_then_bytes);
  tcase_add_test(t, size_and_min_count);
  tcase_add_test(t, specials_in_text_are_unknown_words);
  tcase_add_test(t, vocabulary_of_nothing);
  tcase_add_test(t, encode_and_decode);
  tcase_add_test(t, json_round_trip);
  tcase_add_loop_test(t, bad_json_is_refused, 0, sizeof refused / sizeof *refused);
  tcase_add_test(t, vocabulary_file);
  tcase_add_loop_test(t, counts_beside_the_tokens, 0, sizeof counted / sizeof *counted);
  tcase_add_test(t, signs_are_tokens);
  tcase_add_loop_test(t, bad_vocabulary_file, 0, sizeof bad_files / sizeof *bad_files);
  tcase_add_test(t, long_token_in_a_message_is_cut_between_scalars);
  suite_add_tcase(s, t);
  return s;
}
