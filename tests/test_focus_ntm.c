/* How a head of ntm moves: the numbers of one step, and what it comes to where gate, shifts and sharpening are fixed.
 */
#include <check.h>
#include <math.h>
#include <string.h>

#include "tiny.h"

static const int zero[] = {0};

/* One step from weights on the first position, g 1/2, gamma 2 and shifts -1, 0, 1 by 0.1, 0.1, 0.8 (by hand). */
START_TEST(one_step) {
  static const double want[2][4] = {{0.0243, 0.7046, 0.2519, 0.0192}, {0.0234, 0.6805, 0.2433, 0.0527}};
  Arena *arena = arena_new();
  Tape tape = {.arena = arena};
  static const int length[] = {4};
  int low = 0, high = 4;
  const Places places = {.n_sent = 1, .longest = 5, .start = zero, .length = length};
  const Look look = {.n = 1, .sentence = zero, .step = zero, .low = &low, .high = &high};
  real content[] = {(real)0.1, (real)0.7, (real)0.2, 0, 7}, before[] = {1, 0, 0, 0, 7};
  real z[] = {0, (real)log(exp(1) - 1), 0, 0, (real)log(8)}; /* softplus(z_1) = 1 */
  Tensor *a = tape_tensor(&tape, 1, 5);
  NtmAddress in = {.content = {.x = content, .rows = 1, .cols = 5, .ld = 5},
                   .before = {.x = before, .rows = 1, .cols = 5, .ld = 5},
                   .z = {.x = z, .rows = 1, .cols = 5, .ld = 5},
                   .heads = 1,
                   .wrap = _i};
  op_ntm(&tape, &places, &look, &in, a);
  for (int i = 0; i < 4; i++) ck_assert_double_eq_tol((double)a->x[i], want[_i][i], 6e-5);
  ck_assert(a->x[4] == 0);
  arena_free(arena);
}
END_TEST

/* All weight is shifted over the end: all positions are alike. Wrapped it comes in at the other end. */
START_TEST(over_the_end) {
  Arena *arena = arena_new();
  Tape tape = {.arena = arena};
  static const int length[] = {3};
  int low = 0, high = 3;
  const Places places = {.n_sent = 1, .longest = 3, .start = zero, .length = length};
  const Look look = {.n = 1, .sentence = zero, .step = zero, .low = &low, .high = &high};
  real weights[] = {0, 0, 1}, z[] = {0, -90, -90, 0, 90};
  const Tensor last = {.x = weights, .rows = 1, .cols = 3, .ld = 3};
  Tensor *a = tape_tensor(&tape, 1, 3);
  NtmAddress in = {
      .content = last, .before = last, .z = {.x = z, .rows = 1, .cols = 5, .ld = 5}, .heads = 1, .wrap = _i};
  op_ntm(&tape, &places, &look, &in, a);
  for (int i = 0; i < 3; i++) ck_assert_double_eq_tol((double)a->x[i], _i == 0 ? 1.0 / 3 : i == 0, 1e-6);
  arena_free(arena);
}
END_TEST

static void fix(Model *model, const char *layer, double gate, double shift_right) {
  Str name = {0};
  str_addf(&name, "%s.ntm.weight", layer);
  int w = param_find(&model->params, str_text(&name));
  str_clear(&name);
  str_addf(&name, "%s.ntm.bias", layer);
  int b = param_find(&model->params, str_text(&name));
  str_free(&name);
  ck_assert_int_ge(w, 0);
  Tensor weight = param_tensor(&model->params, w, NULL), bias = param_tensor(&model->params, b, NULL);
  memset(weight.x, 0, (size_t)(weight.rows * weight.cols) * sizeof(real));
  for (int h = 0; h < bias.cols / 5; h++) {
    real *at = bias.x + 5 * h;
    at[0] = (real)gate;
    at[1] = -90;
    at[2] = -90;
    at[3] = (real)-shift_right;
    at[4] = (real)shift_right;
  }
  param_changed(&model->params);
}

static const int32_t words[] = {4, 5, 6, 5, 4, 6, 4};

static Model *open_model(int kind, FocusKind focus, NtmStart start) {
  ModelConfig c = tiny_config(kind);
  c.attention.score = SCORE_cosine;
  c.attention.focus = focus;
  c.attention.scope = SCOPE_global;
  c.attention.coverage = COVERAGE_none;
  c.attention.ntm = (NtmConfig){.shift = 1, .start = start};
  Model *model = model_new(&c);
  param_start(&model->params, 3);
  return model;
}

static void fix_all(Model *model, double gate, double shift_right) {
  const ModelConfig *c = &model->config;
  if (c->decoder.type == DECODER_rnn)
    fix(model, c->attention.pattern == PATTERN_none ? "attention" : "attention.heads", gate, shift_right);
  else
    for (int l = 0; l < c->decoder.layers; l++) {
      Str name = {0};
      str_addf(&name, "decoder.layers.%d.multihead_attn", l);
      fix(model, str_text(&name), gate, shift_right);
      str_free(&name);
    }
}

/* Recurrent with and without heads, and a Transformer's decoder. */
static const int kinds[] = {0, TINY_RECURRENT + 6, TINY_RECURRENT};

/* With an open gate, no shift and gamma 1 it is the softmax of the scores. */
START_TEST(content_alone) {
  Model *model = open_model(kinds[_i], FOCUS_ntm, NTM_uniform), *soft = open_model(kinds[_i], FOCUS_soft, NTM_first);
  fix_all(model, 90, -90);
  Arena *arena = arena_new();
  const ModelScore a = tiny_score(model, arena, (Ids){words, 6}, (Ids){words, 4});
  const ModelScore b = tiny_score(soft, arena, (Ids){words, 6}, (Ids){words, 4});
  for (int t = 0; t < 5; t++) ck_assert_double_eq_tol((double)a.logprob[t], (double)b.logprob[t], TINY_WITHIN);
  for (int i = 0; i < 5 * 7; i++) ck_assert_double_eq_tol((double)a.weights[i], (double)b.weights[i], TINY_WITHIN);
  arena_free(arena);
  model_free(model);
  model_free(soft);
}
END_TEST

/* With a closed gate it walks from the left, a position a step: at step t, from 1, it has come to position t. */
START_TEST(walk) {
  Model *model = open_model(kinds[_i], FOCUS_ntm, NTM_first);
  fix_all(model, -90, 90);
  Arena *arena = arena_new();
  const ModelScore a = tiny_score(model, arena, (Ids){words, 7}, (Ids){words, 5});
  for (int t = 0; t < 6; t++)
    for (int i = 0; i < 8; i++) ck_assert_double_eq_tol((double)a.weights[t * 8 + i], i == t + 1, 1e-6);
  arena_free(arena);
  model_free(model);
}
END_TEST

/* Before the first step weights stand everywhere alike, in sentences of any length: a step that changes nothing shows
 * it. */
START_TEST(starts_everywhere) {
  Model *model = open_model(kinds[_i], FOCUS_ntm, NTM_uniform);
  fix_all(model, -90, -90);
  Arena *arena = arena_new();
  for (int n = 1; n <= 6; n++) {
    const ModelScore a = tiny_score(model, arena, (Ids){words, n}, (Ids){words, 3});
    for (int i = 0; i < 4 * (n + 1); i++) ck_assert_double_eq_tol((double)a.weights[i], 1.0 / (n + 1), 1e-6);
  }
  arena_free(arena);
  model_free(model);
}
END_TEST

Suite *test_focus_ntm(void);
Suite *test_focus_ntm(void) {
  Suite *s = suite_create("focus_ntm");
  TCase *t = tcase_create("focus_ntm");
  tcase_add_loop_test(t, one_step, 0, 2);
  tcase_add_loop_test(t, over_the_end, 0, 2);
  tcase_add_loop_test(t, content_alone, 0, 3);
  tcase_add_loop_test(t, walk, 0, 3);
  tcase_add_loop_test(t, starts_everywhere, 0, 3);
  suite_add_tcase(s, t);
  return s;
}
