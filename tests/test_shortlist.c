#include "search/shortlist.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "scratch.h"
#include "search/translate.h"
#include "tiny.h"

static Scratch scratch;
static Translator *translator; /* source words a b c are 4 5 6, target words x y z likewise */

static void set_up(void) {
  scratch_open(&scratch);
  translator = tiny_translator(5, "general", NULL);
}

static void tear_down(void) {
  translator_free(translator);
  scratch_close(&scratch);
}

static void note(void *ctx, const char *text) { str_addf(ctx, "%s\n", text); }

static Shortlist *read_text(const char *text, ShortlistOptions options, Str *notes, Err *err) {
  Warnings warnings = {.warn = note, .ctx = notes};
  return shortlist_read(scratch_text(&scratch, "list", text), translator->source_vocab, translator->target_vocab,
                        &options, &warnings, err);
}

static Shortlist *must_read(const char *text, int n_common, int n_best) {
  Str notes = {0};
  Err err = {0};
  Shortlist *s = read_text(text, (ShortlistOptions){n_common, n_best}, &notes, &err);
  ck_assert_msg(s != NULL, "%s", err.text);
  ck_assert_str_eq(str_text(&notes), "");
  return s;
}

/* Of a sentence of the ids that are the digits of `source`, its own tokens are the digits of `want`. */
static void expect_own(const Shortlist *s, const char *source, const char *want) {
  Arena *arena = arena_new();
  int32_t ids[16];
  Str got = {0};
  Ids sentence = {ids, (int)strlen(source)};
  for (int i = 0; i < sentence.n; i++) ids[i] = source[i] - '0';
  NarrowTokens tokens = shortlist_tokens(s, arena, &sentence, 1);
  for (int i = 0; i < tokens.own[0].n; i++) str_addf(&got, "%d", (int)tokens.own[0].at[i]);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
  arena_free(arena);
}

/* ---- Files. */

START_TEST(best_of_each_source_token) {
  Shortlist *s = must_read("a\tz\t0.2\na\tx\t0.5\nb\tz\t1\na\ty\t3e-1\n", 0, 2);
  expect_own(s, "4", "45");
  expect_own(s, "5", "6");
  expect_own(s, "6", "");
  expect_own(s, "6456", "456");
  expect_own(s, "3", "");
  shortlist_free(s);
}
END_TEST

START_TEST(ties_go_to_the_commoner) {
  Shortlist *s = must_read("a\tz\t.5\na\ty\t0.50\na\tx\t5e-1\n", 0, 2);
  expect_own(s, "4", "45");
  shortlist_free(s);
}
END_TEST

START_TEST(specials) {
  Shortlist *s = must_read("</s>\ty\t1\n<unk>\tz\t1\na\t</s>\t0.9\na\t<unk>\t0.8\na\tx\t0.7\n", 0, 2);
  expect_own(s, "6", "5");   /* of </s> */
  expect_own(s, "36", "56"); /* and of an unknown word */
  expect_own(s, "4", "5");   /* all may give the specials, but they take their places */
  shortlist_free(s);
}
END_TEST

START_TEST(common_tokens) {
  Arena *arena = arena_new();
  int32_t a = 4;
  Ids sentence = {&a, 1};
  Shortlist *s = must_read("a\tz\t1\na\tx\t1\n", 1, 50);
  expect_own(s, "4", "6");
  ck_assert_int_eq(shortlist_tokens(s, arena, &sentence, 1).n_common, 5);
  shortlist_free(s);
  s = must_read("a\tz\t1\n", 100, 50);
  expect_own(s, "4", "");
  ck_assert_int_eq(shortlist_tokens(s, arena, &sentence, 1).n_common, TINY_VOCAB);
  shortlist_free(s);
  arena_free(arena);
}
END_TEST

START_TEST(unknown_tokens_are_left_out) {
  Str notes = {0};
  Err err = {0};
  Shortlist *s = read_text("a\tx\t1\nq\tx\t1\na\tq\t1\nb\ty\t1\n", (ShortlistOptions){0, 50}, &notes, &err);
  ck_assert_msg(s != NULL, "%s", err.text);
  expect_own(s, "45", "45");
  ck_assert_ptr_nonnull(strstr(str_text(&notes), "list: 2 of 4 lines left out"));
  ck_assert_ptr_eq(strchr(notes.at, '\n') + 1, notes.at + notes.n);
  shortlist_free(s);
  str_free(&notes);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
    {"a x 1\n", "list:1: "},
    {"", "list: no entry of tokens that the model knows in its 0 lines"},
    {"q\tx\t1\na\tq\t1\n", "list: no entry of tokens that the model knows in its 2 lines"},
    {"a\tx\t1\na\tx\n", "list:2: "},
    {"a\tx\t1\n\n", "list:2: "},
    {"a\tx\t1\t\n", "list:1: "},
    {"a\tx\ty\t1\n", "list:1: "},
    {"\tx\t1\n", "list:1: "},
    {"a\t\t1\n", "list:1: "},
    {"a\tx\t\n", "list:1: "},
    {"a\tx\t1x\n", "list:1: "},
    {"a\tx\t-0.1\n", "list:1: "},
    {"a\tx\tnan\n", "list:1: "},
    {"a\tx\tinf\n", "list:1: "},
    {"a\tx\t1e999\n", "list:1: "},
    {"a\tx\t0x1\n", "list:1: "},
    {"a\tx\t 1\n", "list:1: "},
    {"a\tx\t0.1000000000000000000000000000000000000000000000000000000000000001\n", "list:1: "},
};

START_TEST(bad_lines) {
  Str notes = {0};
  Err err = {0};
  ck_assert_ptr_null(read_text(bad[_i].text, shortlist_usual, &notes, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad[_i].words) != NULL, "%s", err.text);
  str_free(&notes);
}
END_TEST

START_TEST(no_file) {
  Err err = {0};
  ck_assert_ptr_null(shortlist_read(scratch_path(&scratch, "none"), translator->source_vocab, translator->target_vocab,
                                    &shortlist_usual, NULL, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, "none"));
}
END_TEST

/* ---- Searches. */

enum { N = 30 };

static void some_sources(Ids *sources, int32_t tokens[N][8]) {
  for (int i = 0; i < N; i++) {
    uint64_t key = rng_key(9, RNG_TEST, (uint64_t)i, 0);
    sources[i] = (Ids){tokens[i], 1 + (int)rng_below(key, 8, 5)};
    for (int k = 0; k < 8; k++) tokens[i][k] = 3 + (int32_t)rng_below(key, (uint64_t)k, 4);
  }
}

static BeamOptions options_of(const Shortlist *shortlist, bool sample) {
  return (BeamOptions){.beam_size = 3,
                       .n_best = 3,
                       .length_penalty = 1,
                       .max_length_ratio = 1,
                       .sample = sample,
                       .temperature = 1,
                       .weights = true,
                       .shortlist = shortlist};
}

static void expect_same(const BeamResult *a, const BeamResult *b) {
  ck_assert_int_eq(a->n, b->n);
  for (int i = 0; i < a->n; i++) {
    const Hypothesis *x = &a->best[i], *y = &b->best[i];
    ck_assert_int_eq(x->n_target, y->n_target);
    ck_assert_mem_eq(x->tokens, y->tokens, (size_t)x->n_target * sizeof *x->tokens);
    ck_assert_double_eq_tol(x->score, y->score, TINY_WITHIN);
    ck_assert_double_eq_tol(x->logprob, y->logprob, TINY_WITHIN);
    for (int k = 0; k < x->n_target * x->n_source; k++)
      ck_assert_double_eq_tol((double)x->weights[k], (double)y->weights[k], TINY_WITHIN);
  }
}

typedef struct Run {
  Pool *pool;
  Translate *translate;
  BeamResult results[N];
} Run;

static Run translate(const Model *const *models, int n_models, const BeamOptions *o, int threads, int batch_size) {
  int32_t tokens[N][8];
  Ids sources[N];
  Run run = {.pool = pool_new(threads)};
  some_sources(sources, tokens);
  run.translate = translate_new(models, n_models, run.pool);
  translate_ids(run.translate, sources, N, 0, o, batch_size, run.results);
  return run;
}

static void run_end(Run *run) {
  translate_free(run->translate);
  pool_free(run->pool);
}

static const char everything[] =
    "a\tx\t1\na\ty\t1\na\tz\t1\nb\tx\t1\nb\ty\t1\nb\tz\t1\nc\tx\t1\nc\ty\t1\nc\tz\t1\n</s>\tx\t1\n</s>\ty\t1\n</"
    "s>\tz\t1\n";

/* A list of all tokens changes nothing, for one model and for an ensemble, searching and drawing. */
START_TEST(all_tokens_as_without) {
  Model *a = tiny_model(_i, 2), *b = tiny_model((_i + 1) % TINY_KINDS, 3);
  const Model *const models[] = {a, b};
  for (int way = 0; way < 12; way++) {
    int n_models = 1 + way % 2, n_common = way / 4;
    bool sample = way / 2 % 2 == 1;
    Shortlist *s = must_read(everything, n_common, 50);
    BeamOptions with = options_of(s, sample), without = options_of(NULL, sample);
    Run want = translate(models, n_models, &without, 1, 4), got = translate(models, n_models, &with, 1, 4);
    for (int i = 0; i < N; i++) expect_same(&got.results[i], &want.results[i]);
    run_end(&want);
    run_end(&got);
    shortlist_free(s);
  }
  model_free(a);
  model_free(b);
}
END_TEST

static const char some[] = "a\tx\t1\nb\ty\t0.6\nb\tz\t0.4\n<unk>\tz\t1\n";

static bool may_give(const Ids *source, int32_t token) {
  if (token == ID_EOS || token == ID_UNK) return true;
  for (int i = 0; i < source->n; i++) {
    int32_t s = source->at[i];
    if ((s == 4 && token == 4) || (s == 5 && token >= 5) || (s == ID_UNK && token == 6)) return true;
  }
  return false;
}

START_TEST(nothing_else_is_given) {
  const Model *model = translator->model;
  int32_t tokens[N][8], unlike = 0;
  Ids sources[N];
  Shortlist *s = must_read(some, 0, 50);
  some_sources(sources, tokens);
  for (int sample = 0; sample < 2; sample++) {
    BeamOptions o = options_of(s, sample), free = options_of(NULL, sample);
    Run got = translate(&model, 1, &o, 2, 7), other = translate(&model, 1, &free, 2, 7);
    for (int i = 0; i < N; i++) {
      ck_assert_int_ge(got.results[i].n, 1);
      for (int k = 0; k < got.results[i].n; k++)
        for (int t = 0; t < got.results[i].best[k].n_target; t++)
          ck_assert(may_give(&sources[i], got.results[i].best[k].tokens[t]));
      for (int t = 0; t < other.results[i].best[0].n_target; t++)
        unlike += !may_give(&sources[i], other.results[i].best[0].tokens[t]);
    }
    run_end(&got);
    run_end(&other);
  }
  ck_assert_int_ge(unlike, 5);
  shortlist_free(s);
}
END_TEST

/* log p of token as the one after prefix [n], under the model as it is. */
static double whole_logprob(const Model *model, Arena *arena, Ids source, const int32_t *prefix, int n, int32_t token) {
  int32_t target[64];
  memcpy(target, prefix, (size_t)n * sizeof *target);
  target[n] = token;
  return (double)tiny_score(model, arena, source, (Ids){target, n + 1}).logprob[n];
}

/* p of a token is its share of what all the tokens of the list and the specials have. */
START_TEST(probabilities_are_of_the_list) {
  static const int32_t tokens[] = {5, 6}, listed[] = {ID_PAD, ID_BOS, ID_EOS, ID_UNK, 5, 6};
  const Model *model = translator->model;
  Arena *arena = arena_new();
  Ids source = {tokens, 2};
  BeamResult result;
  Shortlist *s = must_read(some, 0, 50);
  Beam *beam = beam_new(&model, 1);
  BeamOptions o = options_of(s, false);
  beam_search(beam, &source, (uint64_t[]){0}, 1, &o, arena, &result);
  for (int k = 0; k < result.n; k++)
    for (int t = 0; t < result.best[k].n_target; t++) {
      const Hypothesis *h = &result.best[k];
      double sum = 0;
      for (int i = 0; i < 6; i++) sum += exp(whole_logprob(model, arena, source, h->tokens, t, listed[i]));
      double want = whole_logprob(model, arena, source, h->tokens, t, h->tokens[t]) - log(sum);
      ck_assert_double_eq_tol(h->token_logprob[t], want, TINY_WITHIN);
    }
  beam_free(beam);
  shortlist_free(s);
  arena_free(arena);
}
END_TEST

START_TEST(any_threads_and_batches) {
  static const int ways[][2] = {{1, 1}, {3, 4}, {2, 13}, {1, 100}};
  const Model *model = translator->model;
  Shortlist *s = must_read(some, 0, 50);
  BeamOptions o = options_of(s, _i == 1);
  Run want = translate(&model, 1, &o, 1, 4);
  for (int w = 0; w < 4; w++) {
    Run got = translate(&model, 1, &o, ways[w][0], ways[w][1]);
    for (int i = 0; i < N; i++) expect_same(&got.results[i], &want.results[i]);
    run_end(&got);
  }
  run_end(&want);
  shortlist_free(s);
}
END_TEST

START_TEST(no_heap_once_warm) {
  const Model *const models[] = {translator->model, translator->model};
  int32_t tokens[N][8];
  Ids sources[N];
  uint64_t numbers[N] = {0};
  BeamResult results[N];
  Shortlist *s = must_read(some, 0, 50);
  Beam *beam = beam_new(models, 2);
  Arena *arena = arena_new();
  BeamOptions o = options_of(s, false);
  unsigned long calls = 0;
  some_sources(sources, tokens);
  for (int round = 0; round < 6; round++) {
    if (round == 3) calls = mem_calls();
    arena_reset(arena);
    beam_search(beam, sources, numbers, N, &o, arena, results);
  }
  ck_assert_uint_eq(mem_calls(), calls);
  arena_free(arena);
  beam_free(beam);
  shortlist_free(s);
}
END_TEST

Suite *test_shortlist(void);
Suite *test_shortlist(void) {
  Suite *suite = suite_create("shortlist");
  TCase *tc = tcase_create("shortlist");
  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, best_of_each_source_token);
  tcase_add_test(tc, ties_go_to_the_commoner);
  tcase_add_test(tc, specials);
  tcase_add_test(tc, common_tokens);
  tcase_add_test(tc, unknown_tokens_are_left_out);
  tcase_add_loop_test(tc, bad_lines, 0, sizeof bad / sizeof *bad);
  tcase_add_test(tc, no_file);
  tcase_add_loop_test(tc, all_tokens_as_without, 0, TINY_KINDS);
  tcase_add_test(tc, nothing_else_is_given);
  tcase_add_test(tc, probabilities_are_of_the_list);
  tcase_add_loop_test(tc, any_threads_and_batches, 0, 2);
  tcase_add_test(tc, no_heap_once_warm);
  suite_add_tcase(suite, tc);
  return suite;
}
