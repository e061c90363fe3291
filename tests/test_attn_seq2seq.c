#include "library/attn_seq2seq.h"

#include <check.h>
#include <locale.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "scratch.h"
#include "tiny.h"

static Scratch scratch;
static const char *path;

static void set_up(void) {
  Err err = {0};
  scratch_open(&scratch);
  path = scratch_path(&scratch, "m.safetensors");
  Translator *t = tiny_translator(5, "general", NULL);
  ck_assert_msg(translator_save(t, path, &err), "%s", err.text);
  translator_free(t);
}

static void tear_down(void) { scratch_close(&scratch); }

static AttnSeq2Seq *open_well(int threads) {
  AttnSeq2SeqError error;
  AttnSeq2Seq *model = attn_seq2seq_open(&path, 1, threads, &error);
  ck_assert_msg(model != NULL, "%s", error.text);
  ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_OK);
  return model;
}

static const char *const lines[] = {"a b", "", "c a b\nc", "b \xff"};
enum { N = 4 };

/* All that came of the lines, numbers so that they are the same bytes only when they are the same. */
static Str told(AttnSeq2Seq *model, const AttnSeq2SeqOptions *options) {
  AttnSeq2SeqError error;
  Str out = {0};
  AttnSeq2SeqOutputs *outputs = attn_seq2seq_translate(model, lines, N, options, &error);
  ck_assert_msg(outputs != NULL, "%s", error.text);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < attn_seq2seq_count(outputs, i); k++) {
      const char *json = attn_seq2seq_json(outputs, i, k);
      str_addf(&out, "%d %d %s %a %a %s\n", i, k, attn_seq2seq_text(outputs, i, k),
               attn_seq2seq_rank_score(outputs, i, k), attn_seq2seq_logprob(outputs, i, k), json == NULL ? "" : json);
    }
  attn_seq2seq_outputs_free(outputs);
  return out;
}

static void set(AttnSeq2SeqOptions *options, const char *name, double value) {
  AttnSeq2SeqError error;
  ck_assert_msg(attn_seq2seq_set(options, name, value, &error), "%s", error.text);
}

static AttnSeq2SeqOptions *n_best_with_heads(const AttnSeq2Seq *model) {
  AttnSeq2SeqOptions *options = attn_seq2seq_options(model, NULL);
  set(options, "beam_size", 4);
  set(options, "n_best", 3);
  set(options, "attention", 2);
  return options;
}

START_TEST(translations_are_scored_as_they_were_found) {
  AttnSeq2Seq *model = open_well(2);
  AttnSeq2SeqOptions *options = n_best_with_heads(model);
  AttnSeq2SeqOutputs *found = attn_seq2seq_translate(model, lines, N, options, NULL);
  ck_assert_int_eq(attn_seq2seq_count(found, 0), 3);
  ck_assert_int_eq(attn_seq2seq_count(found, 1), 1); /* blank */
  ck_assert_str_eq(attn_seq2seq_text(found, 1, 0), "");
  for (int k = 0; k < 3; k++) {
    const char *text = attn_seq2seq_text(found, 0, k);
    AttnSeq2SeqOutputs *given = attn_seq2seq_score(model, lines, &text, 1, options, NULL);
    int n_target, n_source, same_target, same_source;
    const float *a = attn_seq2seq_alignment(found, 0, k, &n_target, &n_source);
    const float *b = attn_seq2seq_alignment(given, 0, 0, &same_target, &same_source);
    ck_assert_double_eq_tol(attn_seq2seq_logprob(given, 0, 0), attn_seq2seq_logprob(found, 0, k), 1e-4);
    ck_assert_double_eq(attn_seq2seq_rank_score(given, 0, 0), attn_seq2seq_logprob(given, 0, 0));
    ck_assert_int_eq(n_source, 3);
    ck_assert_int_eq(same_source, 3);
    ck_assert_int_eq(n_target, same_target);
    for (int i = 0; i < n_target * n_source; i++) ck_assert_double_eq_tol((double)a[i], (double)b[i], 1e-4);
    ck_assert_str_eq(attn_seq2seq_target(given, 0, 0, &n_target)[n_target - 1], "</s>");
    ck_assert_str_eq(attn_seq2seq_source(given, 0, 0, &n_source)[0], "a");
    attn_seq2seq_outputs_free(given);
  }
  attn_seq2seq_outputs_free(found);
  attn_seq2seq_options_free(options);
  attn_seq2seq_close(model);
}
END_TEST

START_TEST(what_is_not_there_is_nothing) {
  AttnSeq2Seq *model = open_well(1);
  AttnSeq2SeqOutputs *outputs = attn_seq2seq_translate(model, lines, 1, NULL, NULL);
  int n = 1, m = 1;
  ck_assert_int_eq(attn_seq2seq_count(outputs, 1), 0);
  ck_assert_int_eq(attn_seq2seq_count(outputs, -1), 0);
  ck_assert_ptr_null(attn_seq2seq_text(outputs, 0, 1));
  ck_assert_ptr_null(attn_seq2seq_text(outputs, 0, -1));
  ck_assert_ptr_null(attn_seq2seq_json(outputs, 0, 0)); /* nobody asked */
  ck_assert_ptr_null(attn_seq2seq_alignment(outputs, 0, 0, &n, &m));
  ck_assert_int_eq(n, 0);
  ck_assert_int_eq(m, 0);
  attn_seq2seq_outputs_free(outputs);
  outputs = attn_seq2seq_translate(model, NULL, 0, NULL, NULL);
  ck_assert_ptr_nonnull(outputs);
  attn_seq2seq_outputs_free(outputs);
  attn_seq2seq_outputs_free(NULL);
  attn_seq2seq_close(model);
  attn_seq2seq_close(NULL);
}
END_TEST

START_TEST(errors_are_values) {
  static const struct {
    const char *name;
    double value;
    const char *says;
  } bad[] = {{"beam_size", 0, "beam_size: 0 is not an integer from 1 to 1000"},
             {"beam_size", 2.5, "beam_size: 2.5 is not an integer from 1 to 1000"},
             {"beam-size", 5, "\"beam-size\": no such option; did you mean \"beam_size\"?"},
             {"length_penalty", -1, "length_penalty: -1 is not a number of at least 0"},
             {"attention", 3, "attention: 3 is not an integer from 0 to 2"}};
  AttnSeq2SeqError error;
  const char *none = scratch_path(&scratch, "none");
  ck_assert_ptr_null(attn_seq2seq_open(&none, 1, 0, &error));
  ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_FILE);
  ck_assert_ptr_nonnull(strstr(error.text, "/none: cannot open: No such file or directory"));
  ck_assert_ptr_null(attn_seq2seq_open(&none, 0, 0, &error));
  ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_USAGE);
  AttnSeq2Seq *model = open_well(1);
  AttnSeq2SeqOptions *options = attn_seq2seq_options(model, &error);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ck_assert(!attn_seq2seq_set(options, bad[i].name, bad[i].value, &error));
    ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_USAGE);
    ck_assert_str_eq(error.text, bad[i].says);
  }
  set(options, "n_best", 900);
  ck_assert_ptr_null(attn_seq2seq_translate(model, lines, N, options, &error));
  ck_assert_str_eq(error.text, "n_best 900 is more than beam_size, 5: give a larger one, or draw with sample");
  ck_assert_ptr_null(attn_seq2seq_translate(model, lines, N, options, NULL));
  set(options, "n_best", 3);
  set(options, "sample", 1);
  attn_seq2seq_outputs_free(attn_seq2seq_translate(model, lines, N, options, NULL));
  set(options, "beam_size", 7);
  ck_assert_ptr_null(attn_seq2seq_translate(model, lines, N, options, &error));
  ck_assert_str_eq(error.text, "beam_size is of the search for the best, and sample draws: leave one of them out");
  attn_seq2seq_options_free(options);
  attn_seq2seq_close(model);
}
END_TEST

/* One of those with a comma in numbers, if the system has one. */
static bool take_comma(void) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8", "ru_RU.UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (setlocale(LC_ALL, names[i]) != NULL) return true;
  return false;
}

/* The JSON of the first output, and of an error with a number in it. */
static Str numbers(void) {
  AttnSeq2SeqError error;
  AttnSeq2Seq *model = open_well(1);
  AttnSeq2SeqOptions *options = n_best_with_heads(model);
  AttnSeq2SeqOutputs *outputs = attn_seq2seq_translate(model, lines, N, options, NULL);
  ck_assert(!attn_seq2seq_set(options, "beam_size", 2.5, &error));
  Str out = {0};
  str_addf(&out, "%s %s", attn_seq2seq_json(outputs, 0, 0), error.text);
  attn_seq2seq_outputs_free(outputs);
  attn_seq2seq_options_free(options);
  attn_seq2seq_close(model);
  return out;
}

START_TEST(numbers_do_not_depend_on_the_locale) {
  Str want = numbers();
  ck_assert_ptr_nonnull(strstr(str_text(&want), "2.5 is not"));
  if (take_comma()) {
    Str got = numbers(), half = {0};
    str_addf(&half, "%g", 0.5);
    ck_assert_str_eq(str_text(&half), "0,5"); /* the caller's is as it was */
    ck_assert_str_eq(str_text(&got), str_text(&want));
    (void)setlocale(LC_ALL, "C");
    str_free(&got);
    str_free(&half);
  }
  str_free(&want);
}
END_TEST

typedef struct Course {
  AttnSeq2Seq *model; /* NULL: one of its own */
  Str *want;
  int n_wrong;
} Course;

enum { ROUNDS = 20 };

static void *take_course(void *ctx) {
  Course *c = ctx;
  for (int i = 0; i < ROUNDS; i++) {
    AttnSeq2Seq *model = c->model != NULL ? c->model : attn_seq2seq_open(&path, 1, 2, NULL);
    AttnSeq2SeqOptions *options = n_best_with_heads(model);
    Str got = told(model, options);
    c->n_wrong += strcmp(str_text(&got), str_text(c->want)) != 0;
    str_free(&got);
    attn_seq2seq_options_free(options);
    if (c->model == NULL) attn_seq2seq_close(model);
  }
  return NULL;
}

/* Threads with a model of their own, and threads with one together. */
START_TEST(models_work_in_threads) {
  AttnSeq2Seq *model = open_well(2);
  AttnSeq2SeqOptions *options = n_best_with_heads(model);
  Str want = told(model, options);
  Course courses[] = {{NULL, &want, 0}, {NULL, &want, 0}, {model, &want, 0}, {model, &want, 0}};
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, take_course, &courses[i]), 0);
  for (int i = 0; i < 4; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  for (int i = 0; i < 4; i++) ck_assert_int_eq(courses[i].n_wrong, 0);
  str_free(&want);
  attn_seq2seq_options_free(options);
  attn_seq2seq_close(model);
}
END_TEST

#ifndef LEAK_CHECK /* what a call had taken is not given back */
/* Memory that runs out at the nth allocation, for every n until all goes well, is an error of that call alone. */
START_TEST(memory_that_runs_out_is_an_error) {
  enum { MANY = 100000 };
  AttnSeq2SeqError error;
  AttnSeq2Seq *model = NULL;
  unsigned long n = 0;
  while (model == NULL && n < MANY) {
    mem_fail_after(++n);
    model = attn_seq2seq_open(&path, 1, 2, &error);
    mem_fail_after(0);
    if (model == NULL) ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_MEMORY);
    if (model == NULL) ck_assert_ptr_eq(strstr(error.text, "out of memory: "), error.text);
  }
  ck_assert_uint_gt(n, 10);
  bool done = false;
  for (n = 1; !done && n < MANY; n++) {
    mem_fail_after(n);
    AttnSeq2SeqOutputs *outputs = attn_seq2seq_translate(model, lines, N, NULL, &error);
    mem_fail_after(0);
    done = outputs != NULL;
    attn_seq2seq_outputs_free(outputs);
    if (done) break;
    ck_assert_int_eq(error.status, ATTN_SEQ2SEQ_MEMORY);
    ck_assert_ptr_null(attn_seq2seq_translate(model, lines, N, NULL, &error));
    ck_assert_str_eq(error.text, "memory ran out in an earlier call with this model: close it");
    attn_seq2seq_close(model);
    model = open_well(2);
  }
  ck_assert_uint_gt(n, 10);
  attn_seq2seq_close(model);
}
END_TEST
#endif

Suite *test_attn_seq2seq(void);
Suite *test_attn_seq2seq(void) {
  Suite *suite = suite_create("attn_seq2seq");
  TCase *t = tcase_create("library");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, translations_are_scored_as_they_were_found);
  tcase_add_test(t, what_is_not_there_is_nothing);
  tcase_add_test(t, errors_are_values);
  tcase_add_test(t, numbers_do_not_depend_on_the_locale);
  tcase_add_test(t, models_work_in_threads);
#ifndef LEAK_CHECK
  tcase_add_test(t, memory_that_runs_out_is_an_error);
#endif
  suite_add_tcase(suite, t);
  return suite;
}
