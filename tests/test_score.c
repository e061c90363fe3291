#include "search/score_lines.h"

#include <check.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "scratch.h"
#include "tiny.h"

enum { N = 30 };

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

/* Pairs of 0 to 6 tokens a side. */
static void some_pairs(IdPair *pairs, int32_t tokens[2 * N][8]) {
  for (int i = 0; i < N; i++) {
    uint64_t key = rng_key(4, RNG_TEST, (uint64_t)i, 0);
    for (int k = 0; k < 16; k++) tokens[2 * i + k / 8][k % 8] = 3 + (int32_t)rng_below(key, (uint64_t)k, 4);
    pairs[i].source = (Ids){tokens[2 * i], (int)rng_below(key, 16, 7)};
    pairs[i].target = (Ids){tokens[2 * i + 1], (int)rng_below(key, 17, 7)};
  }
}

/* h is the mean of n members' forced scoring of the pair. */
static void expect_mean(const Hypothesis *h, const IdPair *pair, const Model *const *models, int n, Arena *arena) {
  ModelScore scores[2];
  double sum = 0;
  for (int m = 0; m < n; m++) scores[m] = tiny_score(models[m], arena, pair->source, pair->target);
  ck_assert_int_eq(h->n_target, pair->target.n + 1);
  ck_assert_int_eq(h->n_source, pair->source.n + 1);
  ck_assert_int_eq(h->tokens[h->n_target - 1], ID_EOS);
  for (int t = 0; t < h->n_target; t++) {
    double p = 0;
    for (int m = 0; m < n; m++) p += exp((double)scores[m].logprob[t]) / n;
    ck_assert_double_eq_tol(h->token_logprob[t], log(p), TINY_WITHIN);
    sum += log(p);
    if (t < pair->target.n) ck_assert_int_eq(h->tokens[t], pair->target.at[t]);
  }
  ck_assert_double_eq_tol(h->logprob, sum, TINY_WITHIN);
  ck_assert_double_eq(h->score, h->logprob);
  for (int i = 0; i < h->n_target * h->n_source; i++) {
    double mean = 0;
    for (int m = 0; m < n; m++) mean += (double)scores[m].weights[i] / n;
    ck_assert_double_eq_tol((double)h->weights[i], mean, TINY_WITHIN);
  }
}

START_TEST(as_forced_scoring) {
  static const int batch_sizes[] = {1, 4, 100};
  int n = _i % 2 + 1;
  Model *a = tiny_model(_i, 2), *b = tiny_model((_i + 1) % TINY_KINDS, 3);
  const Model *const models[] = {a, b};
  int32_t tokens[2 * N][8];
  IdPair pairs[N];
  Hypothesis results[N];
  Arena *arena = arena_new();
  Pool *pool = pool_new(2);
  Score *s = score_new(models, n, pool);
  some_pairs(pairs, tokens);
  for (int k = 0; k < 3; k++) {
    score_pairs(s, pairs, N, batch_sizes[k], results);
    for (int i = 0; i < N; i++) expect_mean(&results[i], &pairs[i], models, n, arena);
  }
  score_free(s);
  pool_free(pool);
  arena_free(arena);
  model_free(a);
  model_free(b);
}
END_TEST

/* Pairs of six tokens a side, with `</s>`: 36 weights each of a look, twice that of two models, or where heads are
 * given as well; a Transformer's of tiny.h has 2 heads in each of 2 layers, on either side and between them, 432. */
START_TEST(batches_are_bounded) {
  static const struct {
    int kind, models;
    bool heads;
    double most;
    int pairs;
  } rows[] = {{0, 1, false, 36, 1},
              {0, 1, false, 107, 2},
              {0, 1, false, 108, 3},
              {0, 2, false, 143, 1},
              {0, 2, false, 144, 2},
              {0, 1, true, 143, 1},
              {0, 1, true, 144, 2},
              {0, 1, false, 1, 1},
              {0, 1, false, 1e9, 12},
              {TINY_RECURRENT, 1, false, 863, 1},
              {TINY_RECURRENT, 1, false, 864, 2},
              {TINY_RECURRENT, 1, true, 864, 1}};
  int32_t tokens[2 * N][8];
  IdPair pairs[N];
  some_pairs(pairs, tokens);
  for (int i = 0; i < 12; i++) pairs[i].source.n = pairs[i].target.n = 5;
  Model *a = tiny_model(rows[_i].kind, 2), *b = tiny_model(rows[_i].kind, 3);
  Pool *pool = pool_new(2);
  Score *s = score_new((const Model *const[]){a, b}, rows[_i].models, pool);
  Hypothesis results[12];
  score_heads(s, rows[_i].heads);
  score_pairs(s, pairs, 12, 12, results);
  ck_assert_int_eq(score_batches(s), 1);
  score_most(s, rows[_i].most);
  score_pairs(s, pairs, 12, 12, results);
  ck_assert_int_eq(score_batches(s), 12 / rows[_i].pairs);
  score_free(s);
  pool_free(pool);
  model_free(a);
  model_free(b);
}
END_TEST
enum { BOUNDS = 12 };

typedef struct Heard {
  Str text; /* id, tokens of both sides */
  int n, stop_at;
} Heard;

static bool hear(void *ctx, const SessionLine *line, Err *err) {
  (void)err;
  Heard *heard = ctx;
  if (heard->n++ == heard->stop_at) return false;
  const Hypothesis *h = &session_result(line->session, line->at).best[0];
  str_addf(&heard->text, "%d: %d,%d of %d,%d\n", line->id, h->n_source, h->n_target,
           session_source(line->session, line->at)->tokens.n, session_target(line->session, line->at)->tokens.n);
  return true;
}

static bool run(const char *source, const char *target, const char *score, Heard *heard, Err *err) {
  Translator *t = tiny_translator(1, score, NULL);
  const Model *model = t->model;
  Ensemble ensemble = {&t, &model, 1, model_config_longest(&model->config), model_config_room(&model->config)};
  PairFiles files = {.source = scratch_text(&scratch, "source", source),
                     .target = scratch_text(&scratch, "target", target)};
  Pairs *pairs = pairs_open(&files, NULL, err);
  ck_assert_msg(pairs != NULL, "%s", err->text);
  Pool *pool = pool_new(2);
  bool ok = score_lines(&ensemble, pool, pairs, &(ScoreOptions){.batch_size = 1}, hear, heard, err);
  pool_free(pool);
  pairs_close(pairs);
  translator_free(t);
  return ok;
}

START_TEST(lines_in_order) {
  Heard heard = {.stop_at = -1};
  Str source = {0}, target = {0}, want = {0};
  Err err = {0};
  for (int i = 0; i < 50; i++) { /* more than is read ahead */
    for (int k = 0; k < i % 5; k++) str_adds(&source, "a ");
    for (int k = 0; k < i % 4; k++) str_adds(&target, "x ");
    str_addc(&source, '\n');
    str_addc(&target, '\n');
    str_addf(&want, "%d: %d,%d of %d,%d\n", i, i % 5 + 1, i % 4 + 1, i % 5, i % 4);
  }
  ck_assert_msg(run(source.at, target.at, "general", &heard, &err), "%s", err.text);
  ck_assert_str_eq(heard.text.at, want.at);
  str_free(&source);
  str_free(&target);
  str_free(&want);
  str_free(&heard.text);
}
END_TEST

START_TEST(too_long_names_the_line) {
  Heard heard = {.stop_at = -1};
  Err err = {0};
  ck_assert(!run("a b c a b\na b c a b c\na\n", "x\nx\nx\n", "location", &heard, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, ":2: 6 source tokens"));
  ck_assert_str_eq(str_text(&heard.text), "0: 6,2 of 5,1\n");
  str_free(&heard.text);
}
END_TEST

START_TEST(unequal_files) {
  Heard heard = {.stop_at = -1};
  Err err = {0};
  ck_assert(!run("a\nb\nc\n", "x\n", "general", &heard, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, "3 lines"));
  str_free(&heard.text);
}
END_TEST

START_TEST(who_has_heard_enough) {
  Heard heard = {.stop_at = 1};
  Err err = {0};
  ck_assert(!run("a\nb\nc\n", "x\ny\nz\n", "general", &heard, &err));
  ck_assert_int_eq(err.kind, ERR_NONE);
  ck_assert_int_eq(heard.n, 2);
  str_free(&heard.text);
}
END_TEST

Suite *test_score(void);
Suite *test_score(void) {
  Suite *suite = suite_create("score");
  TCase *tc = tcase_create("score");
  tcase_add_checked_fixture(tc, open_scratch, close_scratch);
  tcase_add_loop_test(tc, as_forced_scoring, 0, TINY_KINDS);
  tcase_add_loop_test(tc, batches_are_bounded, 0, BOUNDS);
  tcase_add_test(tc, lines_in_order);
  tcase_add_test(tc, too_long_names_the_line);
  tcase_add_test(tc, unequal_files);
  tcase_add_test(tc, who_has_heard_enough);
  suite_add_tcase(suite, tc);
  return suite;
}
