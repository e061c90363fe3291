#include <check.h>

#include "tiny.h"

/* With window 0 a step reads the one position of its own number, past the end of the source the last. */
START_TEST(window_of_one_position) {
  static const int32_t words[] = {4, 5, 6, 5, 4};
  ModelConfig c = tiny_config(0);
  c.attention.scope = SCOPE_local_m;
  c.attention.window = 0;
  Model *model = model_new(&c);
  param_start(&model->params, 1);
  Arena *arena = arena_new();
  const ModelScore score = tiny_score(model, arena, (Ids){words, 2}, (Ids){words, 5});
  for (int t = 0; t < 6; t++)
    for (int i = 0; i < 3; i++) ck_assert_double_eq((double)score.weights[t * 3 + i], i == (t < 2 ? t : 2) ? 1 : 0);
  arena_free(arena);
  model_free(model);
}
END_TEST

Suite *test_scope_local_m(void);
Suite *test_scope_local_m(void) {
  Suite *s = suite_create("scope_local_m");
  TCase *t = tcase_create("scope_local_m");
  tcase_add_test(t, window_of_one_position);
  suite_add_tcase(s, t);
  return s;
}
