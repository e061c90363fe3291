/* Subword models made by others: bytes, symbols of the user, white space as a suffix, normalisation, other specials.
 * What pieces spell is compared with SentencePiece 0.2.1 (tests/golden/sentencepiece.tsv, made by
 * tests/peer/subwords.py); words of texts are counted by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "eval/word_alignment.h"
#include "foreign.h"
#include "text/sentencepiece_proto.h"
#include "text/subwords.h"
#include "text/vocab.h"

static bool have(void) { return sentencepiece_missing() == NULL; }

static void split_at(Tokens *out, const char *text, char at) {
  tokens_clear(out);
  while (*text != '\0') {
    const char *end = strchr(text, at);
    size_t n = end == NULL ? strlen(text) : (size_t)(end - text);
    if (n > 0) tokens_add(out, text, n);
    text += n + (end != NULL);
  }
}

static void expect_join(const Sentencepiece *sp, const char *pieces, const char *want) {
  Tokens tokens = {0};
  Str got = {0};
  split_at(&tokens, pieces, ' ');
  sentencepiece_join(sp, &tokens, &got, NULL);
  ck_assert_str_eq(str_text(&got), want);
  tokens_free(&tokens);
  str_free(&got);
}

static void expect_pieces(const Sentencepiece *sp, const char *text, const char *want) {
  Tokens pieces = {0};
  Str got = {0};
  sentencepiece_split(sp, text, strlen(text), &pieces);
  for (int i = 0; i < pieces.n; i++) str_addf(&got, "%s%s", i == 0 ? "" : " ", tokens_get(&pieces, i, NULL));
  ck_assert_str_eq(str_text(&got), want);
  tokens_free(&pieces);
  str_free(&got);
}

/* A unigram model with bytes and a symbol <ph>, its specials <unk> 0, <s> 1, </s> 2. */
START_TEST(model_of_another_release) {
  if (!have()) return;
  Err err = {0};
  Str text = {0};
  Tokens pieces = {0}, columns = {0};
  Sentencepiece *sp = subwords_read("tests/golden/sentencepiece.model", &err);
  ck_assert_msg(sp != NULL && io_read_all(&text, "tests/golden/sentencepiece.tsv", 1 << 16, &err), "%s", err.text);
  ck_assert_int_eq(sentencepiece_type(sp), SENTENCEPIECE_unigram);
  sentencepiece_pieces(sp, &pieces);
  ck_assert_int_eq(pieces.n, 341); /* its 340 pieces, and <pad> */
  static const char *const first[] = {"<pad>", "<s>", "</s>", "<unk>", "<ph>", "<0x00>"};
  for (int i = 0; i < 6; i++) ck_assert_str_eq(tokens_get(&pieces, i, NULL), first[i]);
  ck_assert(sentencepiece_atomic(sp, 4) && sentencepiece_atomic(sp, 5) && !sentencepiece_atomic(sp, 340));
  int n = 0;
  for (char *line = text.at, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    split_at(&columns, line, '\t');
    if (columns.n < 3) continue;
    if (strcmp(tokens_get(&columns, 0, NULL), "-") != 0)
      expect_pieces(sp, tokens_get(&columns, 0, NULL), tokens_get(&columns, 1, NULL));
    expect_join(sp, tokens_get(&columns, 1, NULL), tokens_get(&columns, 2, NULL));
    n++;
  }
  ck_assert_int_eq(n, 13);
  sentencepiece_free(sp);
  tokens_free(&pieces);
  tokens_free(&columns);
  str_free(&text);
}
END_TEST

/* An output is one line of text, whatever bytes it is made of; a special is written out. */
START_TEST(joined_to_one_line) {
  if (!have()) return;
  Err err = {0};
  Sentencepiece *sp = subwords_read("tests/golden/sentencepiece.model", &err);
  expect_join(sp, "\u2581do <0x0A> \u2581ba <0x0D> <0x00>", "do  ba \uFFFD");
  expect_join(sp, "\u2581do <unk> \u2581ba <s> </s>", "do<unk> ba<s></s>");
  expect_join(sp, "<unk> \u2581ba <0xE2> <0x82> <0xAC>", "<unk> ba\u20AC");
  expect_join(sp, "\u2581 \u2581do \u2581", "do ");
  sentencepiece_free(sp);
}
END_TEST

static const struct {
  const char *options[16];
  SentencepieceType type;
} forms[] = {
    {{"model_type", "unigram", "vocab_size", "60", "byte_fallback", "false"}, SENTENCEPIECE_unigram},
    {{"model_type", "bpe", "vocab_size", "60"}, SENTENCEPIECE_bpe},
    {{"model_type", "word", "vocab_size", "60"}, SENTENCEPIECE_WORD},
    {{"model_type", "char", "vocab_size", "60"}, SENTENCEPIECE_CHAR},
    {{"model_type", "unigram", "vocab_size", "400", "byte_fallback", "true", "user_defined_symbols", "<ph>,[X]"},
     SENTENCEPIECE_unigram},
    {{"model_type", "bpe", "vocab_size", "400", "byte_fallback", "true", "user_defined_symbols", "<ph>,[X]"},
     SENTENCEPIECE_bpe},
    {{"model_type", "bpe", "vocab_size", "60", "treat_whitespace_as_suffix", "true"}, SENTENCEPIECE_bpe},
    {{"model_type", "unigram", "vocab_size", "60", "pad_id", "0", "eos_id", "1", "unk_id", "2", "bos_id", "-1"},
     SENTENCEPIECE_unigram},
    {{"model_type", "bpe", "vocab_size", "60", "bos_id", "-1", "eos_id", "0", "unk_id", "1"}, SENTENCEPIECE_bpe},
    {{"model_type", "bpe", "vocab_size", "60", "pad_id", "3", "pad_piece", "[PAD]", "bos_piece", "[BOS]", "eos_piece",
      "[EOS]", "unk_piece", "[UNK]"},
     SENTENCEPIECE_bpe},
    {{"model_type", "bpe", "vocab_size", "60", "user_defined_symbols", "<s>,<pad>"}, SENTENCEPIECE_bpe},
};
enum { N_FORMS = sizeof forms / sizeof *forms };

/* Our four specials once each and first; nothing of the model's own lost; its text comes back; its bytes load again. */
START_TEST(any_form) {
  if (!have()) return;
  Err err = {0};
  Tokens pieces = {0};
  StrMap seen = {0};
  size_t n;
  Sentencepiece *sp = foreign_model(foreign_rhyme, forms[_i].options), *copy = sentencepiece_copy(sp);
  ck_assert_int_eq(sentencepiece_type(sp), forms[_i].type);
  sentencepiece_pieces(sp, &pieces);
  for (int i = 0; i < pieces.n; i++) {
    const char *piece = tokens_get(&pieces, i, &n);
    ck_assert_int_eq((*strmap_at(&seen, piece, n))++, 0);
    ck_assert_msg(strcmp(piece, "[BOS]") != 0 && strcmp(piece, "[UNK]") != 0, "%s", piece);
  }
  static const char *const first[] = {"<pad>", "<s>", "</s>", "<unk>"};
  for (int i = 0; i < 4; i++) ck_assert_str_eq(tokens_get(&pieces, i, NULL), first[i]);
  Vocab *vocab = vocab_from_tokens(&pieces, "vocab", &err);
  ck_assert_msg(vocab != NULL, "%s", err.text);
  for (int i = 0; foreign_rhyme[i] != NULL; i++) {
    Str want = {0}, got = {0};
    Tokens tokens = {0};
    sentencepiece_split(copy, foreign_rhyme[i], strlen(foreign_rhyme[i]), &tokens);
    sentencepiece_join(sp, &tokens, &got, NULL);
    str_adds(&want, foreign_rhyme[i]);
    /* white space as a suffix ends the last word too */
    if (sentencepiece_suffix(sp)) str_addc(&want, ' ');
    ck_assert_str_eq(str_text(&got), str_text(&want));
    for (int k = 0; k < tokens.n; k++) {
      const char *token = tokens_get(&tokens, k, &n);
      ck_assert_msg(forms[_i].type == SENTENCEPIECE_WORD || vocab_id(vocab, token, n) != ID_UNK, "%s", token);
    }
    tokens_free(&tokens);
    str_free(&want);
    str_free(&got);
  }
  vocab_free(vocab);
  sentencepiece_free(sp);
  sentencepiece_free(copy);
  strmap_free(&seen);
  tokens_free(&pieces);
}
END_TEST

/* A model of words meets the name of a control symbol: the library gives an error, the program words. */
START_TEST(what_the_library_refuses) {
  if (!have()) return;
  static const char *const options[] = {"model_type", "word", "vocab_size", "60", "add_dummy_prefix", "false", NULL};
  Sentencepiece *sp = foreign_model(foreign_rhyme, options);
  expect_pieces(sp, "<s>  this </s>", "<s> this </s>");
  sentencepiece_free(sp);
}
END_TEST

/* ---- Words. */

static const struct {
  const char *const *options;
  const char *text;
  const char *want; /* of each word, its pieces without marks; a word of no piece is "-" */
} words_of[] = {
    {foreign_nfkc, "the rat\u00A0cat that", "the ratcat that"},
    {foreign_nfkc, "the rat\u202F? cat", "the rat? cat"},
    {foreign_nfkc, "\u200C the \u200C cat \u200C", "- the - cat -"},
    {foreign_nfkc, "the\u2026 cat", "the... cat"},
    {foreign_nfkc, "  the\t\tcat  ", "the cat"},
    {foreign_suffix, "the cat that", "the cat that"},
    {foreign_suffix, "the \u200C cat \u200C", "the - cat -"},
    {foreign_suffix, "\u200C the  cat", "- the cat"},
    {foreign_nfkc, "this\u2581is the", "thisis the"}, /* one word, which the library cuts in two */
};
enum { N_WORDS = sizeof words_of / sizeof *words_of };

START_TEST(words_are_of_the_text) {
  if (!have()) return;
  Sentencepiece *sp = foreign_model(foreign_rhyme, words_of[_i].options);
  Tokens tokens = {0};
  Str got = {0};
  sentencepiece_split(sp, words_of[_i].text, strlen(words_of[_i].text), &tokens);
  const Words *words = tokens_words(&tokens);
  ck_assert_ptr_nonnull(words);
  for (int k = 0; k < words->texts.n; k++) {
    size_t before = got.n;
    if (k > 0) str_addc(&got, ' ');
    bool any = false;
    for (int i = 0; i < tokens.n; i++) {
      ck_assert_int_eq(words->spans[i].first, words->spans[i].last);
      if (words->spans[i].first == k) foreign_strip(&got, tokens_get(&tokens, i, NULL));
      any = any || got.n > before + (k > 0);
    }
    if (!any) str_addc(&got, '-');
  }
  ck_assert_str_eq(str_text(&got), words_of[_i].want);
  sentencepiece_free(sp);
  tokens_free(&tokens);
  str_free(&got);
}
END_TEST

/* Where words are not told apart before pieces are learned, one piece is of several; the same in what is joined. */
START_TEST(pieces_of_several_words) {
  if (!have()) return;
  Sentencepiece *sp = foreign_model(foreign_rhyme, foreign_phrases);
  Tokens tokens = {0}, joined = {0};
  Str text = {0};
  const char *line = "this is the rat";
  sentencepiece_split(sp, line, strlen(line), &tokens);
  const Words *words = tokens_words(&tokens);
  ck_assert_int_eq(words->texts.n, 4);
  ck_assert_int_lt(tokens.n, 4);
  ck_assert_int_eq(words->spans[0].first, 0);
  ck_assert_int_gt(words->spans[0].last, 0);
  Words *again = tokens_make_words(&joined);
  sentencepiece_join(sp, &tokens, &text, again);
  ck_assert_str_eq(str_text(&text), line);
  ck_assert_int_eq(again->n, tokens.n);
  for (int i = 0; i < tokens.n; i++) {
    ck_assert_int_eq(again->spans[i].first, words->spans[i].first);
    ck_assert_int_eq(again->spans[i].last, words->spans[i].last);
  }
  sentencepiece_free(sp);
  tokens_free(&tokens);
  tokens_free(&joined);
  str_free(&text);
}
END_TEST

/* Source words a and c of pieces A (of a) and AC (of both), target words x and y of one piece: rows by hand. */
START_TEST(weights_of_several_words) {
  static const float weights[] = {0.5F, 0.25F, 0.25F, 0.125F, 0.125F, 0.75F};
  static const double logprob[] = {-3, -1}, want[] = {0.625, 0.125, 0.25, 0.625, 0.125, 0.25, 0.1875, 0.0625, 0.75};
  static const char *const source[] = {"A", "AC", "</s>"}, *const target[] = {"XY", "</s>"};
  Words left = {0}, right = {0};
  words_add(&left, (ByteRange){0, 1});
  words_add(&left, (ByteRange){0, 3});
  words_find(&left, "a c", 3);
  words_add(&right, (ByteRange){0, 3});
  words_find(&right, "x y", 3);
  Alignment a = {.source = source, .n_source = 3, .target = target, .n_target = 2, .text = "x y", .weights = weights};
  a.token_logprob = logprob;
  a.source_words = &left;
  a.target_words = &right;
  WordAlignment w = {0};
  word_alignment_set(&w, &a, true, true);
  ck_assert_int_eq(w.alignment.n_source, 3);
  ck_assert_int_eq(w.alignment.n_target, 3);
  for (int i = 0; i < 9; i++) ck_assert_double_eq_tol((double)w.alignment.weights[i], want[i], 1e-7);
  ck_assert_double_eq(w.alignment.token_logprob[0], -1.5);
  ck_assert_double_eq(w.alignment.token_logprob[1], -1.5);
  ck_assert_double_eq(w.alignment.token_logprob[2], -1);
  ck_assert_str_eq(w.alignment.source[1], "c");
  ck_assert_str_eq(w.alignment.target[1], "y");
  word_alignment_free(&w);
  words_free(&left);
  words_free(&right);
}
END_TEST

/* Three words, of which the second has no piece: no weight and no link, and the third keeps its place. */
START_TEST(words_without_pieces) {
  static const float weights[] = {0.75F, 0.25F, 0, 0.25F, 0.5F, 0.25F, 0, 0, 1};
  static const char *const tokens[] = {"A", "C", "</s>"};
  Words words = {0};
  words_add(&words, (ByteRange){0, 1});
  words_add(&words, (ByteRange){4, 5});
  words_find(&words, "a b c", 5);
  Alignment a = {.source = tokens, .n_source = 3, .target = tokens, .n_target = 3, .text = "a b c", .weights = weights};
  a.source_words = a.target_words = &words;
  WordAlignment w = {0};
  Str links = {0};
  word_alignment_set(&w, &a, true, true);
  ck_assert_int_eq(w.alignment.n_source, 4);
  ck_assert_int_eq(w.alignment.n_target, 4);
  ck_assert_str_eq(w.alignment.source[1], "b");
  ck_assert_str_eq(w.alignment.source[3], "</s>");
  alignment_pharaoh(&links, &w.alignment);
  ck_assert_str_eq(str_text(&links), "0-0 2-2\n");
  word_alignment_free(&w);
  words_free(&words);
  str_free(&links);
}
END_TEST

/* ---- The bytes of a model. */

START_TEST(damaged_bytes) {
  if (!have()) return;
  Str bytes = {0};
  SentencepieceProto proto;
  foreign_bytes(foreign_rhyme, foreign_nfkc, &bytes);
  ck_assert(sentencepiece_proto_read(&proto, bytes.at, bytes.n));
  ck_assert_int_eq(proto.model_type, 2);
  int n_pieces = proto.n_pieces;
  ck_assert_int_eq(proto.kinds[0], SENTENCEPIECE_UNKNOWN);
  ck_assert_int_eq(proto.kinds[1], SENTENCEPIECE_CONTROL);
  sentencepiece_proto_free(&proto);
  for (size_t n = 0; n < 3000 && n < bytes.n; n++) {
    char *cut = malloc(n + 1); /* its end is where the sanitizers see a read beyond it */
    memcpy(cut, bytes.at, n);
    if (sentencepiece_proto_read(&proto, cut, n)) {
      ck_assert_int_le(proto.n_pieces, n_pieces);
      sentencepiece_proto_free(&proto);
    }
    ck_assert_ptr_null(proto.scores);
    free(cut);
  }
  str_free(&bytes);
}
END_TEST

Suite *test_sentencepiece_given(void);
Suite *test_sentencepiece_given(void) {
  Suite *s = suite_create("sentencepiece_given");
  TCase *t = tcase_create("sentencepiece_given");
  tcase_add_test(t, model_of_another_release);
  tcase_add_test(t, joined_to_one_line);
  tcase_add_loop_test(t, any_form, 0, N_FORMS);
  tcase_add_test(t, what_the_library_refuses);
  tcase_add_loop_test(t, words_are_of_the_text, 0, N_WORDS);
  tcase_add_test(t, pieces_of_several_words);
  tcase_add_test(t, weights_of_several_words);
  tcase_add_test(t, words_without_pieces);
  tcase_add_test(t, damaged_bytes);
  suite_add_tcase(s, t);
  return s;
}
