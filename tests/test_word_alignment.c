#include "eval/word_alignment.h"

#include <check.h>
#include <string.h>

#define S "\u2581"

static const struct {
  const char *pieces; /* blanks between them */
  const char *spans;
  int n;
} cases[] = {
    {S "a", "0", 1},
    {S "a b " S "c d e " S "f", "001112", 3},
    {"a b " S "c", "001", 2},                 /* a text need not begin with U+2581 */
    {S " a " S "b", "001", 2},                /* alone it belongs to what follows, */
    {S "a " S " b " S " " S "c", "01122", 3}, /* however often it stands there, */
    {S "a " S "b " S " " S, "0111", 2},       /* at the end to what was before */
    {S, "0", 1},
    {S " " S, "00", 1},
    {"<unk> " S "a <unk>", "011", 2},
    {"", "", 0},
};

START_TEST(spans) {
  const char *pieces[16];
  char text[128], got[17] = "";
  int word[16], n = 0;
  ck_assert_uint_lt(strlen(cases[_i].pieces), sizeof text);
  memcpy(text, cases[_i].pieces, strlen(cases[_i].pieces) + 1);
  for (char *at = text; *at != '\0';) {
    size_t k = strcspn(at, " ");
    pieces[n++] = at;
    if (at[k] == '\0') break;
    at[k] = '\0';
    at += k + 1;
  }
  ck_assert_int_eq(word_alignment_spans(pieces, n, word), cases[_i].n);
  for (int i = 0; i < n; i++) got[i] = (char)('0' + word[i]);
  ck_assert_str_eq(got, cases[_i].spans);
}
END_TEST

static const char *const source[] = {S "the", S "mal", "t", "</s>"};
static const char *const target[] = {S "M", "al", "z", S, "x", "</s>"};
static const double logprob[] = {-1, -0.5, -0.25, -2, -4, -0.125};
static const float weights[] = {0.5F,  0.25F, 0.125F, 0.125F, 0,     0.5F, 0.5F,  0, 0.25F, 0, 0.25F, 0.5F,
                                0.25F, 0.25F, 0.25F,  0.25F,  0.75F, 0,    0.25F, 0, 0,     0, 0,     1};
static const bool known[6] = {false, false, true, false, false, false};

static const double position[6] = {0};
static const int chosen[6] = {3, 3, 3, 3, 3, 3};

static Alignment pieces(void) {
  return (Alignment){.id = 7,
                     .source = source,
                     .n_source = 4,
                     .target = target,
                     .n_target = 6,
                     .text = "Malz x",
                     .score = -3,
                     .token_logprob = logprob,
                     .weights = weights,
                     .position = position,
                     .chosen = chosen,
                     .source_unknown = known,
                     .target_unknown = known};
}

/* Rows of Malz: (0.5 0.375 0.125), (0 1 0), (0.25 0.25 0.5) over the, malt, </s>; their mean is 0.25, 1.625/3, 0.625/3.
 * Rows of x: (0.25 0.5 0.25), (0.75 0.25 0); mean 0.5 0.375 0.125. */
START_TEST(summed_and_averaged) {
  static const double want[] = {0.25, 1.625 / 3, 0.625 / 3, 0.5, 0.375, 0.125, 0, 0, 1};
  WordAlignment w = {0};
  Alignment a = pieces();
  word_alignment_set(&w, &a, true, true);
  const Alignment *b = &w.alignment;
  ck_assert_int_eq(b->n_source, 3);
  ck_assert_int_eq(b->n_target, 3);
  ck_assert_str_eq(b->source[0], "the");
  ck_assert_str_eq(b->source[1], "malt");
  ck_assert_str_eq(b->source[2], "</s>");
  ck_assert_str_eq(b->target[0], "Malz");
  ck_assert_str_eq(b->target[1], "x");
  ck_assert_str_eq(b->target[2], "</s>");
  for (int i = 0; i < 9; i++) ck_assert_double_eq_tol((double)b->weights[i], want[i], 1e-7);
  ck_assert_double_eq(b->token_logprob[0], -1.75);
  ck_assert_double_eq(b->token_logprob[1], -6);
  ck_assert_double_eq(b->token_logprob[2], -0.125);
  ck_assert(!alignment_source_unknown(b, 0) && alignment_source_unknown(b, 1) && alignment_target_unknown(b, 0));
  ck_assert(!alignment_target_unknown(b, 1));
  ck_assert_str_eq(b->text, "Malz x");
  ck_assert_int_eq(b->id, 7);
  ck_assert(b->position == NULL && b->chosen == NULL); /* places among pieces, of which words have fewer */
  word_alignment_free(&w);
}
END_TEST

/* Heads are summed up like the alignment: here the first is it, the second turned round from target to target. */
START_TEST(heads_of_words) {
  WordAlignment w = {0};
  Alignment a = pieces(), other = pieces();
  float heads[2 * 24], turned[24];
  for (int t = 0; t < 6; t++) memcpy(turned + 4 * t, weights + 4 * ((t + 2) % 6), 4 * sizeof *weights);
  memcpy(heads, weights, sizeof weights);
  memcpy(heads + 24, turned, sizeof turned);
  a.heads.of[HEADS_CROSS] = (HeadWeights){2, (const HeadName[]){{1, 1}, {1, 2}}, heads};
  word_alignment_set(&w, &a, true, true);
  const HeadWeights *h = &w.alignment.heads.of[HEADS_CROSS];
  ck_assert_uint_eq(head_weights_count(h), 2);
  for (int i = 0; i < 9; i++) ck_assert_double_eq((double)head_weights_of(h, 9, 0)[i], (double)w.alignment.weights[i]);
  WordAlignment v = {0};
  other.weights = turned;
  word_alignment_set(&v, &other, true, true);
  ck_assert_uint_eq(head_weights_count(&v.alignment.heads.of[HEADS_CROSS]), 0);
  for (int i = 0; i < 9; i++) ck_assert_double_eq((double)head_weights_of(h, 9, 1)[i], (double)v.alignment.weights[i]);
  word_alignment_free(&v);
  word_alignment_free(&w);
}
END_TEST

/* One side of pieces; then a smaller one in the same memory; then an empty line. */
START_TEST(sides_and_reuse) {
  WordAlignment w = {0};
  Alignment a = pieces();
  word_alignment_set(&w, &a, true, false);
  ck_assert_int_eq(w.alignment.n_source, 3);
  ck_assert_int_eq(w.alignment.n_target, 6);
  ck_assert_str_eq(w.alignment.target[3], S);
  ck_assert_double_eq((double)w.alignment.weights[1], 0.375);
  word_alignment_set(&w, &a, false, true);
  ck_assert_int_eq(w.alignment.n_source, 4);
  ck_assert_str_eq(w.alignment.source[1], S "mal");
  a.n_target = 0;
  a.source = source + 3;
  a.n_source = 1;
  word_alignment_set(&w, &a, true, true);
  ck_assert_int_eq(w.alignment.n_source, 1);
  ck_assert_str_eq(w.alignment.source[0], "</s>");
  ck_assert_int_eq(w.alignment.n_target, 0);
  word_alignment_free(&w);
}
END_TEST

static bool wanted_of(const char *const *tokens, int n) {
  Alignment a = {.source = tokens, .n_source = n, .target = tokens, .n_target = n};
  ck_assert_int_eq(word_alignment_wanted(&a, true), word_alignment_wanted(&a, false));
  return word_alignment_wanted(&a, true);
}

START_TEST(wanted) {
  ck_assert(wanted_of(target, 6));
  ck_assert(!wanted_of(target, 4)); /* one word */
  ck_assert(!wanted_of((const char *const[]){"the", "mal", "t", "</s>"}, 4));
  ck_assert(!wanted_of((const char *const[]){"</s>"}, 1));
  const char *const few[] = {S "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", S "m", "</s>"};
  ck_assert(!wanted_of(few, 14)); /* 13 pieces of two words: a script without blanks */
  ck_assert(wanted_of(few + 1, 13));
}
END_TEST

/* Alignments that were read have no log-probabilities. */
START_TEST(without_logprobs) {
  WordAlignment w = {0};
  Alignment a = pieces();
  a.token_logprob = NULL;
  word_alignment_set(&w, &a, true, true);
  ck_assert_ptr_null(w.alignment.token_logprob);
  ck_assert_int_eq(w.alignment.n_target, 3);
  word_alignment_free(&w);
}
END_TEST

/* What source words look at in the source, by source words on both sides, with target words and without: the, ma lt,
 * </s>. Row ma lt is the mean of the middle ones, its middle column their sum. */
START_TEST(self_attention_of_words) {
  static const float self[] = {1, 0, 0, 0, 0.25F, 0.25F, 0.5F, 0, 0, 0.5F, 0.25F, 0.25F, 0, 0, 0, 1};
  static const double want[] = {1, 0, 0, 0.125, 0.75, 0.125, 0, 0, 1};
  WordAlignment w = {0};
  Alignment a = pieces();
  ck_assert_int_eq(a.n_source, 4);
  a.heads.of[HEADS_ENCODER] = (HeadWeights){1, (const HeadName[]){{1, 1}}, self};
  const HeadWeights *h = &w.alignment.heads.of[HEADS_ENCODER];
  for (int both = 0; both <= 1; both++) {
    word_alignment_set(&w, &a, true, both == 1);
    ck_assert_uint_eq(head_weights_count(h), 1);
    for (int i = 0; i < 9; i++) ck_assert_double_eq((double)h->at[i], want[i]);
  }
  a.n_target = 0;
  word_alignment_set(&w, &a, true, true);
  for (int i = 0; i < 9; i++) ck_assert_double_eq((double)h->at[i], want[i]);
  word_alignment_free(&w);
}
END_TEST

/* What target words look at in what was read: rows Malz, x, </s>, columns <s>, Malz, x, of six pieces each. The first
 * row is the mean of (1 0 0), (0.5 0.5 0), (0.25 0.75 0), the second that of (0 1 0), (0.5 0.25 0.25). */
START_TEST(what_was_read_in_words) {
  static const float own[] = {1,     0,     0,    0,     0,     0, 0.5F, 0.5F, 0,     0,     0,     0,
                              0.25F, 0.25F, 0.5F, 0,     0,     0, 0,    0,    0.25F, 0.75F, 0,     0,
                              0.5F,  0,     0,    0.25F, 0.25F, 0, 0,    0,    0.5F,  0,     0.25F, 0.25F};
  static const double want[] = {1.75 / 3, 1.25 / 3, 0, 0.25, 0.625, 0.125, 0, 0.5, 0.5};
  static const float cross[24] = {0};
  WordAlignment w = {0};
  Alignment a = pieces();
  a.heads.of[HEADS_CROSS] = (HeadWeights){1, (const HeadName[]){{1, 1}}, cross};
  a.heads.of[HEADS_DECODER] = (HeadWeights){1, (const HeadName[]){{1, 1}}, own};
  const HeadWeights *h = &w.alignment.heads.of[HEADS_DECODER];
  for (int both = 0; both <= 1; both++) {
    word_alignment_set(&w, &a, both == 1, true);
    ck_assert_int_eq(w.alignment.n_target, 3);
    for (int i = 0; i < 9; i++) ck_assert_double_eq_tol((double)h->at[i], want[i], 1e-6);
  }
  word_alignment_set(&w, &a, true, false);
  for (int i = 0; i < 36; i++) ck_assert_double_eq((double)h->at[i], (double)own[i]);
  word_alignment_free(&w);
}
END_TEST

Suite *test_word_alignment(void);
Suite *test_word_alignment(void) {
  Suite *s = suite_create("word_alignment");
  TCase *t = tcase_create("word_alignment");
  tcase_add_loop_test(t, spans, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, summed_and_averaged);
  tcase_add_test(t, heads_of_words);
  tcase_add_test(t, self_attention_of_words);
  tcase_add_test(t, what_was_read_in_words);
  tcase_add_test(t, wanted);
  tcase_add_test(t, without_logprobs);
  tcase_add_test(t, sides_and_reuse);
  suite_add_tcase(s, t);
  return s;
}
