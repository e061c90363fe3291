/* The convolutional encoder by hand (values of torch.nn.Conv1d and functional.glu), and what hangs on its shape alone.
 */
#include <check.h>
#include <string.h>

#include "tiny.h"

static void set_all(Model *model, const char *name, const real *values, int n) {
  int p = param_find(&model->params, name);
  ck_assert_msg(p >= 0, "%s", name);
  const Tensor t = param_tensor(&model->params, p, NULL);
  ck_assert_int_eq(t.rows * t.cols, n);
  memcpy(t.x, values, (size_t)n * sizeof *values);
  param_changed(&model->params);
}

static ModelConfig conv_config(int width, int layers) {
  ModelConfig c = tiny_config(tiny_kind_of(ENCODER_conv));
  c.embedding = 1;
  c.positions = POSITION_none;
  c.encoder.conv = (ConvConfig){.width = width, .channels = 1};
  c.encoder.layers = layers;
  return c;
}

/* One number a token, 1, 2, 3 and 0 for </s>; taps (0,1,0) and (1,0,0); no scaling, for E is 1. */
START_TEST(by_hand) {
  static const real words[] = {0, 0, 0, 0, 1, 2, 3}, one[] = {1}, taps[] = {0, 1, 0, 1, 0, 0};
  static const int32_t ids[] = {4, 5, 6};
  /* (x + x sigmoid(left neighbour)) / sqrt(2), and with the token added, that sum by sqrt(2) again */
  static const double keys[] = {1.0607, 2.4481, 3.9898, 0};
  const ModelConfig c = conv_config(3, 1);
  Model *model = model_new(&c);
  set_all(model, "encoder.embedding.weight", words, 7);
  set_all(model, "encoder.conv.fc1.weight", one, 1);
  set_all(model, "encoder.conv.0.weight", taps, 6);
  set_all(model, "encoder.conv.fc2.weight", one, 1);
  Tape tape = {.arena = arena_new(), .params = &model->params};
  const Ids source = {ids, 3};
  const Encoded *encoded = encoder_run(&model->encoder, &tape, &source, 1, NULL);
  ck_assert_int_eq(encoded->keys->rows, 4);
  for (int i = 0; i < 4; i++) {
    double x = (double)words[4 + i % 3] * (i < 3);
    ck_assert_double_eq_tol((double)encoded->keys->x[i], keys[i], 5e-5);
    ck_assert_double_eq_tol((double)encoded->states->x[i], (keys[i] + x) / 1.41421356, 5e-5);
  }
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

/* Stored as torch.nn.Conv1d stores it. */
START_TEST(kernels_have_three_dimensions) {
  const ModelConfig c = tiny_config(tiny_kind_of(ENCODER_conv));
  Model *model = model_declare(&c);
  const Param *p = &model->params.params[param_find(&model->params, "encoder.conv.1.weight")];
  ck_assert_int_eq(p->rank, 3);
  ck_assert_int_eq(p->rows, 2 * 6);
  ck_assert_int_eq(p->cols, 6 * 3);
  ck_assert_int_eq(p->taps, 3);
  model_free(model);
}
END_TEST

/* How far one token is seen: 1 + L (k - 1) positions. */
START_TEST(sees_as_far_as_its_layers_reach) {
  static int32_t ids[12] = {4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6};
  const ModelConfig c = conv_config(5, 2);
  Model *model = model_new(&c);
  param_start(&model->params, 3);
  Tape tape = {.arena = arena_new(), .params = &model->params};
  const Ids source = {ids, 12};
  const Tensor *before = encoder_run(&model->encoder, &tape, &source, 1, NULL)->states;
  ids[5] = 4;
  const Tensor *after = encoder_run(&model->encoder, &tape, &source, 1, NULL)->states;
  for (int i = 0; i < 13; i++) ck_assert((before->x[i] != after->x[i]) == (i >= 5 - 4 && i <= 5 + 4));
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

Suite *test_encoder_conv(void);
Suite *test_encoder_conv(void) {
  Suite *s = suite_create("encoder_conv");
  TCase *t = tcase_create("encoder_conv");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, kernels_have_three_dimensions);
  tcase_add_test(t, sees_as_far_as_its_layers_reach);
  suite_add_tcase(s, t);
  return s;
}
