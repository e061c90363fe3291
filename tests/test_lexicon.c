#include "search/lexicon.h"

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "scratch.h"
#include "tiny.h"

static Scratch scratch;
static Translator *translator; /* source words a b c are 4 5 6, target words x y z likewise */
static const Model *model;

static void set_up(void) {
  scratch_open(&scratch);
  translator = tiny_translator(5, "general", NULL);
  model = translator->model;
}

static void tear_down(void) {
  translator_free(translator);
  scratch_close(&scratch);
}

/* The file's text; freed by the caller. Empty when lexicon_write fails. */
static Str lexicon(const char *source, const char *target, int threads, int batch_size, int n_best, Err *err) {
  Ensemble ensemble = {&translator, &model, 1, {{.tokens = INT_MAX}, {.tokens = INT_MAX}}, {.across = 1}};
  PairFiles files = {.source = scratch_text(&scratch, "source", source),
                     .target = scratch_text(&scratch, "target", target)};
  const char *path = scratch_path(&scratch, "out");
  Str text = {0};
  Pairs *pairs = pairs_open(&files, NULL, err);
  ck_assert_msg(pairs != NULL, "%s", err->text);
  Pool *pool = pool_new(threads);
  if (lexicon_write(&ensemble, pool, pairs, batch_size, n_best, path, err))
    ck_assert_msg(io_read_all(&text, path, 1 << 20, err), "%s", err->text);
  pool_free(pool);
  pairs_close(pairs);
  return text;
}

enum { MOST = TINY_VOCAB };

/* Adds what a pair of sentences has to mass[source][target]. */
static void add_pair(double mass[MOST][MOST], Ids source, Ids target) {
  Arena *arena = arena_new();
  ModelScore s = tiny_score(model, arena, source, target);
  for (int t = 0; t < s.n_target; t++)
    for (int i = 0; i < s.n_source; i++) {
      int32_t from = i < source.n ? source.at[i] : ID_EOS, to = t < target.n ? target.at[t] : ID_EOS;
      mass[from][to] += (double)s.weights[t * s.n_source + i];
    }
  arena_free(arena);
}

/* The next line of *at, which moves on, is `source` with one of its targets; gives the target and the weight. */
static int32_t next_line(const char **at, int32_t source, double *weight) {
  char from[16], to[16];
  int n = 0;
  ck_assert_int_eq(sscanf(*at, "%15[^\t]\t%15[^\t]\t%lf\n%n", from, to, weight, &n), 3);
  *at += n;
  ck_assert_str_eq(from, vocab_token(translator->source_vocab, source));
  for (int32_t id = 0; id < MOST; id++)
    if (strcmp(to, vocab_token(translator->target_vocab, id)) == 0) return id;
  ck_abort_msg("target token %s", to);
}

/* The tokens q are unknown; b stands twice in a line; the last line is empty. */
START_TEST(shares_of_all_lines) {
  static const int32_t from[][4] = {{4, 5, 5, 0}, {5, 3, 0, 0}, {4, 6, 5, 0}}, to[][3] = {{4, 5, 0}, {6, 3, 4}, {5}};
  static const int n_from[] = {3, 2, 3, 0}, n_to[] = {2, 3, 1, 0};
  double mass[MOST][MOST] = {{0}};
  Err err = {0};
  for (int i = 0; i < 3; i++) add_pair(mass, (Ids){from[i], n_from[i]}, (Ids){to[i], n_to[i]});
  add_pair(mass, (Ids){NULL, 0}, (Ids){NULL, 0});
  Str text = lexicon("a b b\nb q\na c b\n\n", "x y\nz q x\ny\n\n", 1, 32, 50, &err);
  const char *at = str_text(&text);
  for (int32_t s = 0; s < MOST; s++) {
    double total = 0, before = 2, sum = 0;
    for (int32_t t = 0; t < MOST; t++) total += mass[s][t];
    for (int32_t t = 0; t < MOST; t++) {
      double weight;
      if (!(mass[s][t] > 0)) continue; /* as many lines as targets */
      int32_t target = next_line(&at, s, &weight);
      ck_assert_double_eq_tol(weight, mass[s][target] / total, TINY_WITHIN);
      ck_assert_double_le(weight, before);
      before = weight;
      sum += weight;
    }
    ck_assert(total == 0 || fabs(sum - 1) < 1e-4);
  }
  ck_assert_str_eq(at, "");
  str_free(&text);
}
END_TEST

START_TEST(only_the_best) {
  Err err = {0};
  Str all = lexicon("a b\nb c\n", "x y\nz x\n", 1, 32, 50, &err);
  Str best = lexicon("a b\nb c\n", "x y\nz x\n", 1, 32, 1, &err);
  ck_assert_int_eq(err.kind, ERR_NONE);
  const char *at = str_text(&best);
  static const char *const tokens[] = {"</s>\t", "a\t", "b\t", "c\t"};
  for (int i = 0; i < 4; i++) { /* the first line of each source token, and no other */
    const char *first = strstr(all.at, tokens[i]), *end = strchr(first, '\n') + 1;
    ck_assert_int_eq(strncmp(at, first, (size_t)(end - first)), 0);
    at += end - first;
  }
  ck_assert_str_eq(at, "");
  str_free(&all);
  str_free(&best);
}
END_TEST

START_TEST(any_threads) {
  Err err = {0};
  Str source = {0}, target = {0};
  for (int i = 0; i < 200; i++) { /* more than is read ahead */
    for (int k = 0; k <= i % 5; k++) str_addf(&source, "%c ", 'a' + (i + k * k) % 3);
    for (int k = 0; k <= i % 3; k++) str_addf(&target, "%c ", 'x' + (i * k + k) % 3);
    str_addc(&source, '\n');
    str_addc(&target, '\n');
  }
  Str one = lexicon(source.at, target.at, 1, 4, 50, &err), three = lexicon(source.at, target.at, 3, 4, 50, &err);
  ck_assert_int_gt((int)one.n, 100);
  ck_assert_str_eq(str_text(&one), str_text(&three));
  str_free(&one);
  str_free(&three);
  str_free(&source);
  str_free(&target);
}
END_TEST

START_TEST(nothing_is_written_on_failure) {
  Err err = {0};
  Str text = lexicon("a\nb\n", "x\n", 1, 4, 50, &err);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert(!io_exists(scratch_path(&scratch, "out")));
  ck_assert(!io_exists(scratch_path(&scratch, "out.tmp")));
  str_free(&text);
}
END_TEST

Suite *test_lexicon(void);
Suite *test_lexicon(void) {
  Suite *suite = suite_create("lexicon");
  TCase *tc = tcase_create("lexicon");
  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, shares_of_all_lines);
  tcase_add_test(tc, only_the_best);
  tcase_add_test(tc, any_threads);
  tcase_add_test(tc, nothing_is_written_on_failure);
  suite_add_tcase(suite, tc);
  return suite;
}
