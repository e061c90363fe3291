/* info: what it tells of model files and training states, and what it refuses. */
#include "train/info.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "scratch.h"
#include "small.h"
#include "train/checkpoint.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

static void save(const Translator *t, const char *path) {
  Err err = {0};
  ck_assert_msg(translator_save(t, path, &err), "%s", err.text);
}

static Json *row(double step, double epoch, double loss, double metric) {
  Json *r = json_new_object();
  json_set(r, "step", json_new_number(step));
  json_set(r, "epoch", json_new_number(epoch));
  json_set(r, "loss", json_new_number(loss));
  json_set(r, "metric", json_new_number(metric));
  return r;
}

static void expect(const Str *text, const char *what) {
  ck_assert_msg(strstr(str_text(text), what) != NULL, "no \"%s\" in:\n%s", what, str_text(text));
}

START_TEST(a_model) {
  Err err = {0};
  Str text = {0}, again = {0};
  Translator *t = small_translator(1, (const char *[]){"train.metric=accuracy"}, 1);
  json_append(t->history, row(10, 1, 2, 12.5));
  json_append(t->history, row(1200, 12, 0, 99.25));
  const char *path = scratch_path(&scratch, "m.safetensors");
  save(t, path);
  ck_assert_msg(info_describe(&text, path, INFO_TEXT, &err), "%s", err.text);
  expect(&text, "m.safetensors: a model, whole and sound\n");
  expect(&text, "\"hidden\": 5");
  expect(&text, "source  7 entries with the 4 special ones, tokenizer word; first \"a\" \"b\" \"c\"\n");
  expect(&text, "target  6 entries with the 4 special ones, tokenizer word; first \"uno\" \"due\"\n");
  expect(&text, "[9, 4] "); /* encoder's W_ih: three gates of 3 */
  /* Embeddings 7*4 + 6*4; encoder, each way, 9*4 + 9*3 + 9 + 9; init 5*6 + 5; decoder 15*(4+5) + 15*5 + 15 + 15; W 5*6;
   * combine 5*11; output 6*5 + 6 */
  expect(&text, " 610\n");
  expect(&text, "Validations, metric accuracy\n");
  expect(&text, "\n        10       1           2     7.38906        12.5\n"); /* e^2 */
  expect(&text, "\n      1200      12           0           1       99.25\n");
  ck_assert(info_describe(&again, path, INFO_TEXT, &err));
  ck_assert_str_eq(str_text(&again), str_text(&text));
  str_free(&text);
  str_free(&again);
  translator_free(t);
}
END_TEST

static Json *described(const char *path) {
  Err err = {0};
  Str text = {0};
  ck_assert_msg(info_describe(&text, path, INFO_JSON, &err), "%s", err.text);
  Json *json = json_parse(str_text(&text), text.n, "info", ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  str_free(&text);
  return json;
}

static void expect_number(const Json *object, const char *key, double value) {
  const Json *number = json_get(object, key);
  ck_assert_msg(number != NULL && json_number(number) == value, "%s", key);
}

static void expect_text(const Json *object, const char *key, const char *value) {
  const Json *text = json_get(object, key);
  ck_assert_msg(text != NULL, "%s", key);
  ck_assert_str_eq(json_string(text), value);
}

START_TEST(a_model_as_json) {
  Translator *t = small_translator(1, (const char *[]){"train.metric=accuracy"}, 1);
  json_append(t->history, row(10, 1, 2, 12.5));
  const char *path = scratch_path(&scratch, "m.safetensors");
  save(t, path);
  Json *json = described(path);
  expect_text(json, "file", path);
  expect_text(json, "kind", "model");
  expect_number(json, "parameters", 610); /* as above */
  expect_number(json_get(json_get(json, "config"), "model"), "embedding", 4);
  const Json *target = json_get(json_get(json, "vocabularies"), "target");
  expect_number(target, "entries", 6);
  expect_text(target, "tokenizer", "word");
  expect_text(json, "metric", "accuracy");
  expect_number(json_first(json_get(json, "validations")), "metric", 12.5);
  ck_assert_int_eq(json_count(json_get(json, "tensors")), t->model->params.n_params);
  const Json *tensor = json_first(json_get(json, "tensors"));
  expect_text(tensor, "type", REAL_IS_DOUBLE ? "F64" : "F32");
  ck_assert_int_eq(json_count(json_get(tensor, "shape")), 2);
  json_free(json);
  translator_free(t);
}
END_TEST

START_TEST(weights_that_are_not_finite) {
  Err err = {0};
  Str text = {0};
  Translator *t = small_translator(1, NULL, 0);
  const ParamSet *set = &t->model->params;
  const Param *p = &set->params[param_find(set, "decoder.output.bias")];
  set->values[p->offset] = (real)NAN;
  set->values[p->offset + 2] = (real)INFINITY;
  const char *path = scratch_path(&scratch, "nan.safetensors");
  save(t, path);
  ck_assert(!info_describe(&text, path, INFO_TEXT, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_ptr_nonnull(strstr(err.text, "nan.safetensors: tensor decoder.output.bias: 2 of 6 numbers are not finite"));
  str_free(&text);
  translator_free(t);
}
END_TEST

START_TEST(a_training_state) {
  Err err = {0};
  Str text = {0}, set = {0};
  str_addf(&set, "train.model=%s", scratch_path(&scratch, "x.safetensors"));
  Translator *t = small_translator(1, (const char *[]){str_text(&set)}, 1);
  Optim *optim = optim_new(&t->model->params, &t->config.train.optimizer);
  TrainState state = {.step = 321, .epoch = 7, .batch = 2, .schedule = {.scale = 1}};
  Json *corpora = json_new_object();
  json_set(corpora, "data/a.txt", json_new_string("0123abcd"));
  Checkpoint checkpoint = {t, optim, &state, corpora, false};
  ck_assert_msg(checkpoint_save(&checkpoint, NULL, NULL, 0, &err), "%s", err.text);
  ck_assert_msg(info_describe(&text, scratch_path(&scratch, "x.state.safetensors"), INFO_TEXT, &err), "%s", err.text);
  expect(&text, "the state of a training");
  expect(&text, "\nafter update 321, in epoch 7\n");
  expect(&text, "\"data/a.txt\"  SHA-256 0123abcd\n");
  expect(&text, "weight.decoder.output.bias ");
  expect(&text, " 1830\n"); /* weights and two moments of 610 */
  expect(&text, "Validations: none\n");
  json_free(corpora);
  Json *json = described(scratch_path(&scratch, "x.state.safetensors"));
  expect_text(json, "kind", "state");
  ck_assert_ptr_nonnull(json_get(json, "corpora"));
  ck_assert_ptr_nonnull(json_get(json, "step"));
  json_free(json);
  optim_free(optim);
  translator_free(t);
  str_free(&text);
  str_free(&set);
}
END_TEST

START_TEST(other_files) {
  Err err = {0};
  Str text = {0};
  ck_assert(!info_describe(&text, scratch_path(&scratch, "missing"), INFO_TEXT, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  err_clear(&err);
  ck_assert(!info_describe(&text, scratch_text(&scratch, "text", "no model at all"), INFO_TEXT, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  str_free(&text);
}
END_TEST

Suite *test_info(void);
Suite *test_info(void) {
  Suite *s = suite_create("info");
  TCase *t = tcase_create("info");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, a_model);
  tcase_add_test(t, a_model_as_json);
  tcase_add_test(t, weights_that_are_not_finite);
  tcase_add_test(t, a_training_state);
  tcase_add_test(t, other_files);
  suite_add_tcase(s, t);
  return s;
}
