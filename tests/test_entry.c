#include "search/entry.h"

#include <check.h>

#include "tiny.h"

static Translator *translator;
static Entry entry;
static Tokens source;

static void open_entry(void) {
  translator = tiny_translator(1, "general", NULL);
  entry = (Entry){0};
  source = (Tokens){0};
  tokens_add(&source, "a", 1);
  tokens_add(&source, "unheard", 7);
  tokens_add(&source, "c", 1);
}

static void close_entry(void) {
  tokens_free(&source);
  entry_free(&entry);
  translator_free(translator);
}

static const int32_t ids[] = {4, 3, 6, 2};
static const double logprob[] = {-0.5, -1, -0.25, -0.125};
static const float weights[16] = {1};
static const double centre[4] = {0.5};
static const int chosen[4] = {0};
static const float heads[32] = {0.5};
static const HeadName names[] = {{1, 1}, {1, 2}};
static const Hypothesis hypothesis = {.n_target = 4,
                                      .n_source = 4,
                                      .tokens = ids,
                                      .logprob = -1.875,
                                      .score = -0.46875,
                                      .token_logprob = logprob,
                                      .weights = weights,
                                      .centre = centre,
                                      .chosen = chosen,
                                      .heads.of[HEADS_CROSS] = {2, names, heads}};

START_TEST(spelled) {
  entry_set(&entry, translator, 7, 2, &source, 3, NULL, &hypothesis);
  const Alignment *a = &entry.alignment;
  static const char *const want_source[] = {"a", "unheard", "c", "</s>"}, *const want[] = {"x", "<unk>", "z", "</s>"};
  ck_assert_int_eq(a->n_source, 4);
  ck_assert_int_eq(a->n_target, 4);
  for (int i = 0; i < 4; i++) {
    ck_assert_str_eq(a->source[i], want_source[i]);
    ck_assert_str_eq(a->target[i], want[i]);
  }
  ck_assert_str_eq(a->text, "x <unk> z");
  ck_assert_int_eq(a->id, 7);
  ck_assert_int_eq(a->rank, 2);
  ck_assert_double_eq(a->score, -0.46875);
  ck_assert_ptr_eq(a->token_logprob, logprob);
  ck_assert_ptr_eq(a->weights, weights);
  ck_assert_ptr_eq(a->position, centre);
  ck_assert_ptr_eq(a->chosen, chosen);
  ck_assert_int_eq(a->window, 10); /* the default of model.attention.window */
}
END_TEST

START_TEST(given_target) {
  Tokens target = {0};
  static const char *const words[] = {"x", "unseen", "z"};
  for (int i = 0; i < 3; i++) tokens_add(&target, words[i], i == 1 ? 6 : 1);
  entry_set(&entry, translator, 0, 0, &source, 3, &target, &hypothesis);
  ck_assert_str_eq(entry.alignment.text, "x unseen z");
  ck_assert_str_eq(entry.alignment.target[1], "unseen");
  ck_assert_str_eq(entry.alignment.target[3], "</s>");
  tokens_free(&target);
}
END_TEST

START_TEST(cut_and_empty_after_full) {
  entry_set(&entry, translator, 0, 0, &source, 3, NULL, &hypothesis);
  Hypothesis cut = hypothesis;
  cut.n_source = 2;
  entry_set(&entry, translator, 1, 0, &source, 1, NULL, &cut);
  ck_assert_int_eq(entry.alignment.n_source, 2);
  ck_assert_str_eq(entry.alignment.source[1], "</s>");
  entry_set(&entry, translator, 2, 1, &source, 0, NULL, NULL);
  ck_assert_int_eq(entry.alignment.n_source, 1);
  ck_assert_str_eq(entry.alignment.source[0], "</s>");
  ck_assert_int_eq(entry.alignment.n_target, 0);
  ck_assert_str_eq(entry.alignment.text, "");
  ck_assert_double_eq(entry.alignment.score, 0);
}
END_TEST

Suite *test_entry(void);
Suite *test_entry(void) {
  Suite *suite = suite_create("entry");
  TCase *tc = tcase_create("entry");
  tcase_add_checked_fixture(tc, open_entry, close_entry);
  tcase_add_test(tc, spelled);
  tcase_add_test(tc, given_target);
  tcase_add_test(tc, cut_and_empty_after_full);
  suite_add_tcase(suite, tc);
  return suite;
}
