/* average: the numbers, what the result carries along, and the models it refuses. */
#include "train/average.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "scratch.h"
#include "small.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

/* A model whose weight i is base + i / 4, saved with one validation at step `step`. */
static const char *make(const char *name, double base, double step, const char *const *sets, int n_sets) {
  Err err = {0};
  Translator *t = small_translator(1, sets, n_sets);
  ParamSet *set = &t->model->params;
  for (size_t i = 0; i < set->size; i++) set->values[i] = (real)(base + (double)i / 4);
  Json *row = json_new_object();
  json_set(row, "step", json_new_number(step));
  json_append(t->history, row);
  const char *path = scratch_path(&scratch, name);
  ck_assert_msg(translator_save(t, path, &err), "%s", err.text);
  translator_free(t);
  return path;
}

START_TEST(mean_of_three) {
  Err err = {0};
  const char *const paths[] = {make("a", 1, 10, NULL, 0), make("b", 2, 20, NULL, 0),
                               make("c", 6, 30, (const char *[]){"train.epochs=77"}, 1)};
  const char *out = scratch_path(&scratch, "out");
  ck_assert_msg(average_models(paths, 3, out, true, &err), "%s", err.text);
  Translator *t = translator_load(out, &err);
  ck_assert_msg(t != NULL, "%s", err.text);
  const ParamSet *set = &t->model->params;
  for (int p = 0; p < set->n_params; p++) {
    const Param *param = &set->params[p];
    size_t n = (size_t)param->rows * (size_t)param->cols;
    for (size_t i = 0; i < n; i++)
      ck_assert_double_eq((double)param_values(set, p)[i], 3 + (double)(param->offset + i) / 4);
  }
  ck_assert_int_eq(t->config.train.epochs, 77);
  ck_assert_int_eq(json_count(t->history), 1);
  ck_assert_double_eq(json_number(json_get(json_first(t->history), "step")), 30);
  translator_free(t);
}
END_TEST

/* In float, 2^24 + 1 + 1 is 2^24; in double the mean of the three is 5592406. */
START_TEST(sums_in_double) {
  Err err = {0};
  const char *const paths[] = {make("a", 0x1p24, 1, NULL, 0), make("b", 1, 1, NULL, 0), make("c", 1, 1, NULL, 0)};
  const char *out = scratch_path(&scratch, "out");
  ck_assert_msg(average_models(paths, 3, out, true, &err), "%s", err.text);
  Translator *t = translator_load(out, &err);
  ck_assert_msg(t != NULL, "%s", err.text);
  ck_assert_double_eq((double)param_values(&t->model->params, 0)[0], 5592406);
  translator_free(t);
}
END_TEST

static void refused(const char *const *paths, const char *what) {
  Err err = {0};
  const char *out = scratch_path(&scratch, "out");
  ck_assert(!average_models(paths, 2, out, true, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, paths[0]) != NULL && strstr(err.text, what) != NULL, "%s", err.text);
  ck_assert(!io_exists(out));
}

START_TEST(models_built_unlike) {
  const char *const paths[] = {make("a", 1, 1, (const char *[]){"model.encoder.hidden=2", "model.dropout=0.5"}, 2),
                               make("b", 1, 1, NULL, 0)};
  refused(paths, "model.encoder.hidden: 3 became 2");
  refused(paths, "model.dropout: 0.2 became 0.5");
}
END_TEST

START_TEST(other_vocabularies) {
  Err err = {0};
  const char *b = make("b", 1, 1, NULL, 0);
  Translator *t = small_translator(1, NULL, 0);
  vocab_free(t->target_vocab);
  static const char words[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"uno\",\"tre\"]";
  t->target_vocab = vocab_from_json(words, strlen(words), "vocabulary", &err);
  ck_assert(translator_save(t, scratch_path(&scratch, "a"), &err));
  translator_free(t);
  refused((const char *[]){scratch_path(&scratch, "a"), b}, "target vocabulary");
}
END_TEST

START_TEST(files_that_cannot_be_read_or_written) {
  Err err = {0};
  const char *a = make("a", 1, 1, NULL, 0), *missing = scratch_path(&scratch, "missing");
  refused((const char *[]){missing, a}, "missing");
  const char *const paths[] = {a, a};
  ck_assert(!average_models(paths, 2, scratch_path(&scratch, "no/such/folder"), true, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
}
END_TEST

Suite *test_average(void);
Suite *test_average(void) {
  Suite *s = suite_create("average");
  TCase *t = tcase_create("average");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, mean_of_three);
  tcase_add_test(t, sums_in_double);
  tcase_add_test(t, models_built_unlike);
  tcase_add_test(t, other_vocabularies);
  tcase_add_test(t, files_that_cannot_be_read_or_written);
  suite_add_tcase(s, t);
  return s;
}
