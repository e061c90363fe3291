/* quantize: the file against the numbers it was made of, the values read back, and the models and files refused. */
#include "search/quantize.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "edited.h"
#include "scratch.h"
#include "search/translator.h"
#include "small.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

static const char MATRIX[] = "decoder.rnn.weight_hh_l0";

static void save(const Translator *t, const char *name) {
  Err err = {0};
  ck_assert_msg(translator_save(t, scratch_path(&scratch, name), &err), "%s", err.text);
}

static SafeTensors *open_quantised(const char *name) {
  Err err = {0};
  SafeTensors *file = safetensors_open(scratch_path(&scratch, name), &err);
  ck_assert_msg(file != NULL, "%s", err.text);
  return file;
}

/* Each code is the number's place between -127 and 127 of the largest of its row, by the formula in double. */
static void check_codes(const SafeTensors *file, const SafeTensor *codes, const real *values) {
  char name[200];
  (void)snprintf(name, sizeof name, "%s.scale", codes->name);
  const SafeTensor *scale = safetensors_find(file, name);
  ck_assert_msg(
      scale != NULL && scale->type == SAFETENSORS_F32 && scale->rank == 1 && scale->shape[0] == codes->shape[0], "%s",
      name);
  size_t cols = codes->n / codes->shape[0];
  for (size_t r = 0; r < codes->shape[0]; r++) {
    double most = 0;
    for (size_t i = 0; i < cols; i++) most = fmax(most, fabs((double)values[r * cols + i]));
    float got;
    memcpy(&got, (const char *)scale->data + r * sizeof got, sizeof got);
    ck_assert_double_eq_tol((double)got, most / 127, 1e-7 * most);
    for (size_t i = 0; i < cols; i++) {
      double exact = (double)values[r * cols + i] / most * 127;
      int code = ((const int8_t *)codes->data)[r * cols + i];
      ck_assert_msg(fabs(code - exact) <= 0.5 + 1e-4, "%s [%zu,%zu]: %d for %g", codes->name, r, i, code, exact);
    }
  }
}

static const char *const kinds[][2] = {
    {NULL, NULL},
    {"model.encoder.type=conv", NULL}, /* kernels of three dimensions */
    {"model.encoder.type=transformer", "model.decoder.type=transformer"},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static Translator *make(int kind) {
  return small_translator(1, kinds[kind], kinds[kind][0] == NULL ? 0 : kinds[kind][1] == NULL ? 1 : 2);
}

START_TEST(codes_and_scales) {
  Err err = {0};
  Translator *t = make(_i);
  save(t, "m");
  ck_assert_msg(quantize_model(scratch_path(&scratch, "m"), scratch_path(&scratch, "q"), false, &err), "%s", err.text);
  SafeTensors *file = open_quantised("q");
  int n = 0;
  for (int i = 0; i < t->model->params.n_params; i++) {
    const Param *p = &t->model->params.params[i];
    const SafeTensor *tensor = safetensors_find(file, p->name);
    ck_assert_msg(tensor != NULL && tensor->rank == p->rank, "%s", p->name);
    const real *values = param_values(&t->model->params, i);
    if (tensor->type == SAFETENSORS_I8) check_codes(file, tensor, values);
    else ck_assert_mem_eq(tensor->data, values, tensor->n_bytes);
    n += tensor->type == SAFETENSORS_I8;
    ck_assert_msg(p->rank > 1 || tensor->type != SAFETENSORS_I8, "%s", p->name);
  }
  ck_assert_int_ge(n, 4);
  ck_assert_int_eq(safetensors_find(file, "decoder.embedding.weight")->type, SAFETENSORS_I8);
  safetensors_close(file);
  translator_free(t);
}
END_TEST

START_TEST(read_back) {
  Err err = {0};
  Translator *t = make(_i);
  save(t, "m");
  ck_assert_msg(quantize_model(scratch_path(&scratch, "m"), scratch_path(&scratch, "q"), false, &err), "%s", err.text);
  Translator *back = translator_load(scratch_path(&scratch, "q"), &err);
  ck_assert_msg(back != NULL, "%s", err.text);
  ck_assert(back->quantised && !t->quantised);
  param_own(&back->model->params);
  SafeTensors *file = open_quantised("q");
  for (int i = 0; i < t->model->params.n_params; i++) {
    const Param *p = &t->model->params.params[i];
    const real *was = param_values(&t->model->params, i), *is = param_values(&back->model->params, i);
    bool rounded = safetensors_find(file, p->name)->type == SAFETENSORS_I8;
    for (int r = 0; r < p->rows; r++)
      for (int c = 0; c < p->cols; c++) {
        double most = 0, a = (double)was[r * p->cols + c], b = (double)is[r * p->cols + c];
        for (int k = 0; k < p->cols && rounded; k++) most = fmax(most, fabs((double)was[r * p->cols + k]));
        ck_assert_msg(fabs(a - b) <= most / 254 * 1.001, "%s [%d,%d]: %g for %g", p->name, r, c, b, a);
      }
  }
  safetensors_close(file);
  translator_free(back);
  translator_free(t);
}
END_TEST

START_TEST(not_finite) {
  Err err = {0};
  Translator *t = make(0);
  int param = param_find(&t->model->params, MATRIX);
  t->model->params.values[t->model->params.params[param].offset + 7] = (real)NAN;
  save(t, "m");
  ck_assert(!quantize_model(scratch_path(&scratch, "m"), scratch_path(&scratch, "q"), false, &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, "tensor decoder.rnn.weight_hh_l0: row 1 has numbers that are not finite") != NULL,
                "%s", err.text);
  ck_assert(!io_exists(scratch_path(&scratch, "q")));
  translator_free(t);
}
END_TEST

static const struct {
  Edit edit;
  const char *says;
} damaged[] = {
    {{.drop = "decoder.rnn.weight_hh_l0.scale"}, "weight_hh_l0 is I8, but decoder.rnn.weight_hh_l0.scale is missing"},
    {{.retype = "decoder.rnn.weight_hh_l0.scale"}, "decoder.rnn.weight_hh_l0.scale is not F32 of shape [15]"},
    {{.drop = MATRIX}, "tensor decoder.rnn.weight_hh_l0 is missing"},
    {{.drop = MATRIX}, "unexpected tensor decoder.rnn.weight_hh_l0.scale"},
    {{.flatten = MATRIX}, "tensor decoder.rnn.weight_hh_l0 is not F32 of shape [15,5]"},
    {{.add = "decoder.rnn.bias_hh_l0.scale"}, "unexpected tensor decoder.rnn.bias_hh_l0.scale"},
};
enum { N_DAMAGED = sizeof damaged / sizeof *damaged };

START_TEST(damaged_files) {
  Err err = {0};
  Translator *t = make(0);
  save(t, "m");
  ck_assert_msg(quantize_model(scratch_path(&scratch, "m"), scratch_path(&scratch, "q"), false, &err), "%s", err.text);
  edited_write(scratch_path(&scratch, "q"), scratch_path(&scratch, "bad"), &damaged[_i].edit);
  ck_assert(translator_load(scratch_path(&scratch, "bad"), &err) == NULL);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, damaged[_i].says) != NULL, "no \"%s\" in:\n%s", damaged[_i].says, err.text);
  translator_free(t);
}
END_TEST

Suite *test_quantize(void);
Suite *test_quantize(void) {
  Suite *s = suite_create("quantize");
  TCase *t = tcase_create("quantize");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_loop_test(t, codes_and_scales, 0, N_KINDS);
  tcase_add_loop_test(t, read_back, 0, N_KINDS);
  tcase_add_test(t, not_finite);
  tcase_add_loop_test(t, damaged_files, 0, N_DAMAGED);
  suite_add_tcase(s, t);
  return s;
}
