/* Filters over the weights of the step before: numbers by hand, and that the first step reads weight on the first
 * position. */
#include <check.h>

#include "tiny.h"

START_TEST(by_hand) {
  Arena *arena = arena_new();
  Tape tape = {.arena = arena};
  static const int sentence[] = {0, 1}, start[] = {0, 3}, length[] = {3, 2};
  int low[] = {0, 0}, high[] = {3, 2};
  const Places places = {.n_sent = 2, .longest = 3, .start = start, .length = length};
  const Look look = {.n = 2, .sentence = sentence, .step = sentence, .low = low, .high = high};
  real a[] = {1, 7, 2, 4, 6, 99},
       w[] = {1, 2, 3, 0, 1, 0}; /* the second filter copies; 99 is behind a sentence's end */
  const Tensor weights = {.x = a, .rows = 2, .cols = 3, .ld = 3}, filters = {.x = w, .rows = 2, .cols = 3, .ld = 3};
  const Tensor *f = op_weight_conv(&tape, &places, &look, &weights, &filters);
  static const double want[] = {23, 1, 21, 7, 11, 2, 26, 4, 16, 6};
  for (int i = 0; i < 10; i++) ck_assert_double_eq_tol((double)f->x[i], want[i], 1e-5);
  arena_free(arena);
}
END_TEST

/* Where v is large and a filter of one tap finds the weight of the step before, that position is looked at again; so
 * all steps look where the first is said to have come from. */
START_TEST(starts_on_the_first_position) {
  static const int32_t words[] = {4, 5, 6, 5};
  ModelConfig c = tiny_config(2);
  c.attention.coverage = COVERAGE_none;
  c.attention.conv = (WeightConvConfig){.filters = 1, .width = 1};
  Model *model = model_new(&c);
  param_start(&model->params, 1);
  const char *const ones[] = {"attention.v", "attention.conv.weight", "attention.conv.project.weight"};
  for (int k = 0; k < 3; k++) {
    Tensor t = param_tensor(&model->params, param_find(&model->params, ones[k]), NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = 8;
  }
  param_changed(&model->params);
  Arena *arena = arena_new();
  const ModelScore score = tiny_score(model, arena, (Ids){words, 4}, (Ids){words, 3});
  for (int t = 0; t < 4; t++) ck_assert_double_ge((double)score.weights[t * 5], 0.99);
  arena_free(arena);
  model_free(model);
}
END_TEST

Suite *test_weight_conv(void);
Suite *test_weight_conv(void) {
  Suite *s = suite_create("weight_conv");
  TCase *t = tcase_create("weight_conv");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, starts_on_the_first_position);
  suite_add_tcase(s, t);
  return s;
}
