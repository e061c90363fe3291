#include "search/translate_lines.h"

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/rng.h"
#include "child.h"
#include "scratch.h"
#include "tiny.h"

static Scratch scratch;
static Translator *translator;
static const Model *model;
static Ensemble ensemble; /* of translator alone */

static void open_with(const char *score) {
  scratch_open(&scratch);
  translator = tiny_translator(5, score, NULL);
  model = translator->model;
  ensemble =
      (Ensemble){&translator, &model, 1, model_config_longest(&model->config), model_config_room(&model->config)};
}

static void open_general(void) { open_with("general"); }
static void open_location(void) { open_with("location"); }

static void close_all(void) {
  scratch_close(&scratch);
  translator_free(translator);
}

static TranslateOptions some_options(void) {
  BeamOptions beam = {.beam_size = 3, .n_best = 2, .length_penalty = 1, .max_length_ratio = 1, .temperature = 1};
  return (TranslateOptions){.beam = beam, .batch_size = 4, .max_length = 100};
}

enum { N = 50 };

static void expect_same(const BeamResult *a, const BeamResult *b) {
  ck_assert_int_eq(a->n, b->n);
  for (int i = 0; i < a->n; i++) {
    ck_assert_int_eq(a->best[i].n_target, b->best[i].n_target);
    ck_assert_mem_eq(a->best[i].tokens, b->best[i].tokens, (size_t)a->best[i].n_target * sizeof(int32_t));
    ck_assert_double_eq_tol(a->best[i].score, b->best[i].score, 1e-4);
  }
}

/* Every third sentence has no tokens. */
static void some_sources(Ids *sources, int32_t tokens[N][8]) {
  for (int i = 0; i < N; i++) {
    uint64_t key = rng_key(9, RNG_TEST, (uint64_t)i, 0);
    sources[i] = (Ids){tokens[i], i % 3 == 0 ? 0 : 1 + (int)rng_below(key, 8, 8)};
    for (int k = 0; k < 8; k++) tokens[i][k] = 3 + (int32_t)rng_below(key, (uint64_t)k, 4);
  }
}

START_TEST(any_threads_and_batches) {
  static const struct { int threads, batch_size; } ways[] = {{1, 4}, {3, 4}, {2, 1}, {1, 100}};
  int32_t tokens[N][8];
  Ids sources[N];
  BeamResult want[N], got[N];
  TranslateOptions o = some_options();
  some_sources(sources, tokens);
  for (int sample = 0; sample < 2; sample++) {
    o.beam.sample = sample;
    Pool *single = pool_new(1);
    Translate *first = translate_new(&model, 1, single);
    for (int w = 0; w < 4; w++) {
      Pool *pool = pool_new(ways[w].threads);
      Translate *t = translate_new(&model, 1, pool);
      translate_ids(first, sources, N, 10, &o.beam, 4, want);
      translate_ids(t, sources, N, 10, &o.beam, ways[w].batch_size, got);
      for (int i = 0; i < N; i++) {
        ck_assert_int_eq(got[i].n, i % 3 == 0 ? 0 : 2);
        expect_same(&got[i], &want[i]);
      }
      translate_free(t);
      pool_free(pool);
    }
    translate_free(first);
    pool_free(single);
  }
}
END_TEST

/* Kilobytes that this process held at most. */
static long most_memory(void) {
  struct rusage usage;
  ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

/* Sentences with 1,000 hypotheses each: all 50 at once take eight times what 4 at a time do, and asking for 50 takes no
 * more than asking for 4. */
static void search_widely(void *unused) {
  (void)unused;
  int32_t tokens[N][8];
  Ids sources[N];
  BeamResult results[N];
  TranslateOptions o = some_options();
  o.beam.beam_size = 1000;
  o.beam.max_length = 8;
  some_sources(sources, tokens);
  for (int i = 0; i < N; i++) sources[i].n = 7;
  Pool *pool = pool_new(1);
  Translate *t = translate_new(&model, 1, pool);
  long start = most_memory();
  translate_ids(t, sources, N, 0, &o.beam, 4, results);
  long few = most_memory();
  translate_ids(t, sources, N, 0, &o.beam, N, results);
  fprintf(stderr, "%g", (double)(most_memory() - few) / (double)(few - start));
  translate_free(t);
  pool_free(pool);
}

START_TEST(wide_beams_take_few_sentences_at_a_time) {
  char said[64];
  ck_assert_int_eq(child_run(search_widely, NULL, said, sizeof said), 0);
  ck_assert_msg(atof(said) < 2, "%s times as much", said);
}
END_TEST

START_TEST(draws_go_by_number) {
  int32_t tokens[N][8];
  Ids sources[N];
  BeamResult all[N], rest[N];
  TranslateOptions o = some_options();
  o.beam.sample = true;
  some_sources(sources, tokens);
  Pool *pool = pool_new(1);
  Translate *a = translate_new(&model, 1, pool), *b = translate_new(&model, 1, pool);
  translate_ids(a, sources, N, 0, &o.beam, 4, all);
  translate_ids(b, sources + 20, N - 20, 20, &o.beam, 4, rest);
  for (int i = 20; i < N; i++) expect_same(&all[i], &rest[i - 20]);
  translate_free(a);
  translate_free(b);
  pool_free(pool);
}
END_TEST

/* What came out, as text: per line its id, the source tokens used, and the best output's ids. */
typedef struct Heard {
  Str text;
  int n_lines, n_flushes;
  int stop_at;             /* refuse this line; -1: none */
  int fd;                  /* where to write the next line at a flush; 0: nowhere */
  const char *const *next; /* lines to write, NULL-terminated */
} Heard;

static bool hear(void *ctx, const SessionLine *line, Err *err) {
  (void)err;
  Heard *heard = ctx;
  if (heard->n_lines == heard->stop_at) return false;
  str_addf(&heard->text, "%d:", line->id);
  const Tokens *source = &session_source(line->session, line->at)->tokens;
  const BeamResult result = session_result(line->session, line->at);
  for (int i = 0; i < session_ids(line->session, line->at)->source.n; i++)
    str_addf(&heard->text, " %s", tokens_get(source, i, NULL));
  str_addf(&heard->text, " =");
  for (int t = 0; result.n > 0 && t < result.best[0].n_target; t++)
    str_addf(&heard->text, " %d", (int)result.best[0].tokens[t]);
  str_addc(&heard->text, '\n');
  heard->n_lines++;
  return true;
}

static bool hear_flush(void *ctx, Err *err) {
  (void)err;
  Heard *heard = ctx;
  heard->n_flushes++;
  if (heard->fd == 0) return true;
  if (*heard->next == NULL) {
    ck_assert_int_eq(close(heard->fd), 0);
    heard->fd = 0;
  } else {
    ck_assert_int_eq(write(heard->fd, *heard->next, strlen(*heard->next)), (int)strlen(*heard->next));
    heard->next++;
  }
  return true;
}

static bool run(const char *path, const TranslateOptions *o, Warnings *warnings, Heard *heard) {
  Err err = {0};
  Lines *lines = lines_open(path, warnings, &err);
  ck_assert_msg(lines != NULL, "%s", err.text);
  Pool *pool = pool_new(2);
  bool ok = translate_lines(&ensemble, pool, lines, warnings, o, &(TranslateSink){heard, hear, hear_flush}, &err);
  ck_assert_int_eq(err.kind, ERR_NONE);
  pool_free(pool);
  lines_close(lines);
  return ok;
}

/* The lines, each up to " =": what was translated. */
static void expect_sources(const Heard *heard, const char *want) {
  Str got = {0};
  for (const char *at = str_text(&heard->text); *at != '\0'; at = strchr(at, '\n') + 1) {
    str_add(&got, at, (size_t)(strstr(at, " =") - at));
    str_addc(&got, '\n');
  }
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

/* Though to the tokenizer of characters a blank is a token. */
START_TEST(every_line_in_order) {
  static const char *const words[] = {"a", "b", "c", "d"};
  Str text = {0}, want = {0};
  Heard heard = {.stop_at = -1};
  TranslateOptions o = some_options();
  for (int i = 0; i < 200; i++) { /* more than is read ahead */
    uint64_t key = rng_key(3, RNG_TEST, (uint64_t)i, 0);
    Heard alone = {.stop_at = -1};
    Str line = {0};
    int n = (int)rng_below(key, 0, 6);
    for (int k = 1; k <= n; k++) str_addf(&line, "%s ", words[rng_below(key, (uint64_t)k, 4)]);
    str_addf(&line, "%s\n", i % 7 == 0 ? " \t" : "");
    str_add(&text, line.at, line.n);
    ck_assert(run(scratch_text(&scratch, "alone", line.at), &o, NULL, &alone));
    str_addf(&want, "%d%s", i, strchr(alone.text.at, ':'));
    str_free(&alone.text);
    str_free(&line);
  }
  ck_assert(run(scratch_text(&scratch, "text", text.at), &o, NULL, &heard));
  ck_assert_str_eq(heard.text.at, want.at);
  ck_assert_int_eq(heard.n_flushes, 3); /* 80 + 80 + 40 lines */
  str_free(&text);
  str_free(&want);
  str_free(&heard.text);
}
END_TEST

START_TEST(blank_lines) {
  TranslateOptions o = some_options();
  Heard heard = {.stop_at = -1};
  ck_assert(run(scratch_text(&scratch, "text", "\n \t\v\f\n\r\n"), &o, NULL, &heard));
  ck_assert_str_eq(heard.text.at, "0: =\n1: =\n2: =\n");
  Heard none = {.stop_at = -1};
  ck_assert(run(scratch_text(&scratch, "text", ""), &o, NULL, &none));
  ck_assert_int_eq(none.n_lines, 0);
  str_free(&heard.text);
}
END_TEST

static void note(void *ctx, const char *text) {
  Str *notes = ctx;
  str_addf(notes, "%s\n", text);
}

START_TEST(blank_lines_of_characters) {
  TranslateOptions o = some_options();
  Heard heard = {.stop_at = -1};
  tokenizer_free(translator->source_tokenizer);
  translator->source_tokenizer = tokenizer_new(TOKENIZER_char, false, NULL);
  ck_assert(run(scratch_text(&scratch, "text", " \n a\n"), &o, NULL, &heard));
  expect_sources(&heard, "0:\n1: \u2423 a\n");
  ck_assert_ptr_nonnull(strstr(heard.text.at, "0: =\n"));
  str_free(&heard.text);
}
END_TEST

START_TEST(long_lines_are_cut) {
  TranslateOptions o = some_options();
  Str notes = {0};
  Warnings warnings = {.warn = note, .ctx = &notes};
  Heard heard = {.stop_at = -1};
  o.max_length = 3;
  ck_assert(run(scratch_text(&scratch, "text", "a b c\na b c a\n"), &o, &warnings, &heard));
  expect_sources(&heard, "0: a b c\n1: a b c\n");
  ck_assert_ptr_nonnull(strstr(str_text(&notes), "text:2: 4 tokens, cut to the first 3"));
  ck_assert_int_eq(warnings.n[WARNING_CUT], 1);
  str_free(&notes);
  str_free(&heard.text);
}
END_TEST

START_TEST(no_positions_for_more) {
  TranslateOptions o = some_options();
  Heard heard = {.stop_at = -1};
  ck_assert(run(scratch_text(&scratch, "text", "a b c a b\na b c a b c a\n"), &o, NULL, &heard));
  expect_sources(&heard, "0: a b c a b\n1: a b c a b\n");
  str_free(&heard.text);
}
END_TEST

START_TEST(sink_that_has_enough) {
  TranslateOptions o = some_options();
  Heard heard = {.stop_at = 1};
  ck_assert(!run(scratch_text(&scratch, "text", "a\nb\nc\n"), &o, NULL, &heard));
  ck_assert_int_eq(heard.n_lines, 1);
  ck_assert_int_eq(heard.n_flushes, 0);
  str_free(&heard.text);
}
END_TEST

/* The next line is only written when the one before has come out: waiting for more would never end. */
START_TEST(what_is_there_comes_out) {
  static const char *const next[] = {"b\nc\n", "a b\n", NULL};
  int ends[2], kept = dup(0);
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(dup2(ends[0], 0), 0);
  ck_assert_int_eq(write(ends[1], "a\n", 2), 2);
  TranslateOptions o = some_options();
  Heard heard = {.stop_at = -1, .fd = ends[1], .next = next};
  ck_assert(run("-", &o, NULL, &heard));
  ck_assert_int_eq(dup2(kept, 0), 0);
  expect_sources(&heard, "0: a\n1: b\n2: c\n3: a b\n");
  ck_assert_int_ge(heard.n_flushes, 3);
  ck_assert_int_eq(close(ends[0]) + close(kept), 0);
  str_free(&heard.text);
}
END_TEST

Suite *test_translate(void);
Suite *test_translate(void) {
  Suite *suite = suite_create("translate");
  TCase *tc = tcase_create("translate");
  tcase_add_checked_fixture(tc, open_general, close_all);
  tcase_add_test(tc, any_threads_and_batches);
  tcase_add_test(tc, wide_beams_take_few_sentences_at_a_time);
  tcase_add_test(tc, draws_go_by_number);
  tcase_add_test(tc, every_line_in_order);
  tcase_add_test(tc, blank_lines);
  tcase_add_test(tc, blank_lines_of_characters);
  tcase_add_test(tc, long_lines_are_cut);
  tcase_add_test(tc, sink_that_has_enough);
  tcase_add_test(tc, what_is_there_comes_out);
  suite_add_tcase(suite, tc);
  TCase *location = tcase_create("location");
  tcase_add_checked_fixture(location, open_location, close_all);
  tcase_add_test(location, no_positions_for_more);
  suite_add_tcase(suite, location);
  return suite;
}
