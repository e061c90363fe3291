/* Every kind of positions in a whole Transformer: gradients, steps against forced scoring beyond what a search first
 * makes room for, and what a model begins as. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "nn/positions.h"
#include "tiny.h"

enum { N_WORDS = 30 };

/* Two layers on both sides, distances up to 2 in keys and values. */
static ModelConfig config_of(PositionKind kind) {
  ModelConfig c = tiny_config(TINY_RECURRENT);
  c.positions = kind;
  c.relative_values = true;
  c.max_distance = 2;
  c.max_positions = N_WORDS + 1;
  c.flow_steps = 4;
  return c;
}

static Model *model_of(PositionKind kind, double scale) {
  ModelConfig c = config_of(kind);
  Model *model = model_new(&c);
  param_start(&model->params, 7);
  for (size_t i = 0; i < model->params.size; i++) model->params.values[i] *= (real)scale;
  param_changed(&model->params);
  return model;
}

static Tape tape_of(const Model *model) { return (Tape){.arena = arena_new(), .params = &model->params}; }

#if REAL_IS_DOUBLE

static void loss_case(GradEnv *env, void *ctx) {
  static const int32_t words[] = {4, 5, 6, 5, 4};
  static const IdPair pairs[] = {{{words, 5}, {words + 1, 4}}, {{words, 0}, {words + 2, 1}}};
  static const int row[] = {4, 1};
  const Noise noise = tiny_noise(0.25, 3, 9, row);
  const LossAim aim = {{{[LOSS_likelihood] = 0.5}}, 0.1, NULL, GUIDE_cross_entropy};
  Losses sums;
  gradcheck_add(env, model_losses(ctx, &env->tape, pairs, 2, &noise, &aim, &sums));
}

/* No number stays at a start of 0 or 1, which would hide what is multiplied by it. */
START_TEST(gradients) {
  Model *model = model_of((PositionKind)_i, 1);
  for (size_t i = 0; i < model->params.size; i++) model->params.values[i] += 0.3 * sin((double)i);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  gradcheck_run(&env, positions_def((PositionKind)_i)->name, loss_case, model);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  gradcheck_free(&env);
  model_free(model);
}
END_TEST

#endif

/* The longest that learned positions know, much longer than the empty source lets a search expect. */
START_TEST(steps_of_a_long_output) {
  int32_t words[N_WORDS];
  for (int i = 0; i < N_WORDS; i++) words[i] = 4 + i * i % 3;
  const IdPair pair = {{words, 0}, {words, N_WORDS}};
  Model *model = model_of((PositionKind)_i, 2);
  Tape tape = tape_of(model);
  ModelScore score;
  model_score(model, &tape, &pair, 1, &score);
  Arena *kept = arena_new();
  const int sentence = 0, parent = 0;
  const ModelSearch *search = model_search(model, &tape, kept, &pair.source, 1, (SearchRoom){1, N_WORDS + 1});
  for (int t = 0; t <= N_WORDS; t++) {
    DecoderOut out;
    int32_t in = t == 0 ? ID_BOS : words[t - 1];
    if (t > 0) model_select(search, &parent, 1);
    model_step(search, &in, &sentence, t, 1, &out);
    Tensor logprob = model_logprob(search, &out, 0, 1, &sentence);
    ck_assert_double_eq_tol((double)logprob.x[t < N_WORDS ? words[t] : ID_EOS], (double)score.logprob[t], TINY_WITHIN);
  }
  arena_free(kept);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

static double loss_of(const Model *model, const IdPair *pair) {
  Tape tape = tape_of(model);
  double loss = model_loss(model, &tape, pair, 1, NULL, (XentOptions){0, 1}).loss;
  arena_free(tape.arena);
  return loss;
}

/* A source is a set of words where no positions are known. */
START_TEST(order_counts) {
  static const int32_t words[] = {4, 5, 6, 6, 5, 4};
  const IdPair one = {{words, 3}, {words, 1}}, other = {{words + 3, 3}, {words, 1}};
  Model *model = model_of((PositionKind)_i, 3);
  double off = fabs(loss_of(model, &one) - loss_of(model, &other));
  /* </s> stays the last of them. */
  if (_i == POSITION_none) ck_assert_double_le(off, 1e-5);
  else ck_assert_double_ge(off, 1e-3);
  model_free(model);
}
END_TEST

/* Of each layer on each side. */
START_TEST(every_tensor_of_positions_counts) {
  static const int32_t words[] = {4, 5, 6, 6, 5, 4};
  static const int n_tensors[N_POSITIONS] = {[POSITION_learned] = 2, [POSITION_relative] = 8, [POSITION_flow] = 10};
  const IdPair pair = {{words, 6}, {words, 6}};
  Model *model = model_of((PositionKind)_i, 1);
  ParamSet *set = &model->params;
  for (size_t i = 0; i < set->size; i++) set->values[i] += (real)(0.3 * sin((double)i));
  double before = loss_of(model, &pair);
  int n = 0;
  for (int p = 0; p < set->n_params; p++) {
    const char *name = set->params[p].name;
    if (strstr(name, "positions") == NULL && strstr(name, "relative") == NULL && strstr(name, "flow") == NULL) continue;
    Tensor t = param_tensor(set, p, NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] += (real)cos(i);
    ck_assert_msg(fabs(loss_of(model, &pair) - before) > 1e-5, "%s has no effect", name);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] -= (real)cos(i);
    n++;
  }
  ck_assert_int_eq(n, n_tensors[_i]);
  model_free(model);
}
END_TEST

/* log p of a pair in which words come again, under a model that has just begun. */
static double begins_with(PositionKind kind) {
  static const int32_t words[] = {4, 5, 4, 4, 6, 5, 4, 5, 4, 4, 6, 5};
  const IdPair pair = {{words, 12}, {words, 12}};
  Model *model = model_of(kind, 1);
  double loss = loss_of(model, &pair);
  model_free(model);
  return loss;
}

START_TEST(a_model_with_flow_begins_as_with_sinusoids) {
  double sinusoids = begins_with(POSITION_sinusoidal);
  ck_assert_double_eq_tol(begins_with(POSITION_flow), sinusoids, 2e-3);
  ck_assert_double_gt(fabs(begins_with(POSITION_sinusoidal_concat) - sinusoids), 1e-2);
}
END_TEST

Suite *test_positions_model(void);
Suite *test_positions_model(void) {
  Suite *s = suite_create("positions_model");
  TCase *t = tcase_create("positions_model");
  tcase_set_timeout(t, 60);
#if REAL_IS_DOUBLE
  tcase_add_loop_test(t, gradients, 0, N_POSITIONS);
#endif
  tcase_add_loop_test(t, steps_of_a_long_output, 0, N_POSITIONS);
  tcase_add_loop_test(t, order_counts, 0, N_POSITIONS);
  tcase_add_loop_test(t, every_tensor_of_positions_counts, 0, N_POSITIONS);
  tcase_add_test(t, a_model_with_flow_begins_as_with_sinusoids);
  suite_add_tcase(s, t);
  return s;
}
