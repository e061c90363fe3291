/* The gate on what a decoder looks at, and the penalty on what positions get of weights (Xu et al. 2015): numbers by
 * hand, the model against itself, gradients. */
#include "nn/gate.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "tiny.h"
#include "whole.h"

enum { N_PAIRS = 3, TINY_SEEN = 11 }; /* of the kinds of tiny.h, those whose gradients are checked */

static const double NEAR = REAL_IS_DOUBLE ? 1e-6 : 1e-5;
static const int32_t words[] = {4, 6, 5, 4, 5, 6, 6};
static const IdPair pairs[N_PAIRS] = {{{.at = words, .n = 4}, {.at = words + 1, .n = 3}},
                                      {{.at = words, .n = 0}, {.at = words + 2, .n = 1}},
                                      {{.at = words + 2, .n = 2}, {.at = words, .n = 0}}};

/* Kinds that have no recurrent decoder have no gate. */
static bool can(int kind) { return tiny_config(kind).decoder.type == DECODER_rnn; }

static Model *new_model(int kind, bool gate) {
  ModelConfig c = tiny_config(kind);
  c.attention.gate = gate;
  return whole_model(&c, 9);
}

static Tape tape_of(const Model *model) { return (Tape){.arena = arena_new(), .params = &model->params}; }

static void check_scores(const ModelScore *a, const ModelScore *b) {
  for (int t = 0; t < a->n_target; t++) ck_assert_double_eq_tol((double)a->logprob[t], (double)b->logprob[t], NEAR);
  for (int i = 0; i < a->n_target * a->n_source; i++)
    ck_assert_double_eq_tol((double)a->weights[i], (double)b->weights[i], NEAR);
}

static real *gate_param(const Model *model, const char *name) {
  Tensor t = param_tensor(&model->params, param_find(&model->params, name), NULL);
  return t.x;
}

/* sigmoid(40) is 1: a gate that stands open is none. Half open, the scores are others. */
START_TEST(open_it_is_none) {
  if (!can(_i)) return;
  Model *plain = new_model(_i, false), *gated = new_model(_i, true);
  Tape one = tape_of(plain), other = tape_of(gated);
  ModelScore want[N_PAIRS], got[N_PAIRS];
  ck_assert_int_eq(gated->params.n_params, plain->params.n_params + 2);
  model_score(plain, &one, pairs, N_PAIRS, want);
  model_score(gated, &other, pairs, N_PAIRS, got);
  ck_assert_double_gt(fabs((double)want[0].logprob[0] - (double)got[0].logprob[0]), 1e-4);
  memset(gate_param(gated, "attention.gate.weight"), 0, (size_t)gated->config.decoder.hidden * sizeof(real));
  *gate_param(gated, "attention.gate.bias") = 40;
  param_changed(&gated->params);
  model_score(gated, &other, pairs, N_PAIRS, got);
  for (int b = 0; b < N_PAIRS; b++) check_scores(&want[b], &got[b]);
  arena_free(one.arena);
  arena_free(other.arena);
  model_free(plain);
  model_free(gated);
}
END_TEST

/* beta = sigmoid(w . q + b): q (1, -2), w (.5, .25), b .1 give sigmoid(.1) = .5249792. */
START_TEST(gate_by_hand) {
  ParamSet set = {0};
  Gate gate;
  gate_declare(&gate, &set, 2);
  param_seal(&set);
  memcpy(param_tensor(&set, 0, NULL).x, (const real[]){(real).5, (real).25}, 2 * sizeof(real));
  *param_tensor(&set, 1, NULL).x = (real).1;
  Tape tape = {.arena = arena_new(), .params = &set};
  GateRun *run = gate_open(&gate, &tape, 3, 2);
  real q[] = {1, -2}, out[] = {0, 0};
  const Tensor query = {.x = q, .rows = 1, .cols = 2, .ld = 2};
  Tensor to = {.x = out, .rows = 1, .cols = 2, .ld = 2}, before = gate_before(run, 1, &to);
  before.x[0] = 2;
  before.x[1] = -4;
  gate_pass(run, 1, &query, &to);
  ck_assert_double_eq_tol((double)out[0], 1.0499584, 1e-6);
  ck_assert_double_eq_tol((double)out[1], -2.0999167, 1e-6);
  ck_assert_ptr_eq(gate_before(NULL, 1, &to).x, out);
  arena_free(tape.arena);
  param_free(&set);
}
END_TEST

/* Two rows of one source of two positions, one row of another of one: (1 - .7)^2 + (1 - 1.3)^2 + (1 - 1)^2 = .18. What
 * stands behind the end of the shorter one counts nothing. */
START_TEST(spread_by_hand) {
  static const int start[] = {0, 2}, length[] = {2, 1}, sentence[] = {0, 1, 0};
  static const Places places = {.n_sent = 2, .longest = 2, .start = start, .length = length};
  real weights[] = {(real).2, (real).8, 1, 9, (real).5, (real).5};
  const Tensor a = {.x = weights, .rows = 3, .cols = 2, .ld = 2};
  Tape tape = {.arena = arena_new()};
  ck_assert_double_eq_tol(op_spread(&tape, &places, sentence, &a, 1), .18, 1e-6);
  arena_free(tape.arena);
}
END_TEST

/* The loss of a batch is what the alignments of its pairs come to, one by one. */
START_TEST(spread_of_alignments) {
  if (!can(_i)) return;
  Model *model = new_model(_i, true);
  Tape tape = tape_of(model);
  ModelScore scores[N_PAIRS];
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 1, [LOSS_spread] = 0.5}}};
  Losses sums;
  double want = 0;
  model_score(model, &tape, pairs, N_PAIRS, scores);
  for (int b = 0; b < N_PAIRS; b++)
    for (int i = 0; i < scores[b].n_source; i++) {
      double lack = 1;
      for (int t = 0; t < scores[b].n_target; t++) lack -= (double)scores[b].weights[t * scores[b].n_source + i];
      want += lack * lack;
    }
  double whole = model_losses(model, &tape, pairs, N_PAIRS, NULL, &aim, &sums);
  ck_assert_double_eq_tol(sums.of[LOSS_spread], want, 1e-4);
  ck_assert_double_eq_tol(whole, sums.of[LOSS_likelihood] + 0.5 * want, 1e-3);
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

START_TEST(searched_as_scored) {
  if (!can(_i)) return;
  Model *model = new_model(_i, true);
  whole_searched_as_scored(model, &pairs[0].source, 1);
  model_free(model);
}
END_TEST

/* Normalised, tiny embeddings are too curved for differences. */
START_TEST(gradients) {
  if (!can(_i) || tiny_config(_i).layer_norm) return;
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 0.5, [LOSS_spread] = 0.3}}, .smoothing = 0.1};
  Model *model = new_model(_i, true);
  whole_gradients(model, pairs, N_PAIRS, &aim);
  model_free(model);
}
END_TEST

Suite *test_gate(void);
Suite *test_gate(void) {
  Suite *suite = suite_create("gate");
  TCase *tcase = tcase_create("gate");
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, gate_by_hand);
  tcase_add_test(tcase, spread_by_hand);
  tcase_add_loop_test(tcase, open_it_is_none, 0, TINY_KINDS);
  tcase_add_loop_test(tcase, spread_of_alignments, 0, TINY_KINDS);
  tcase_add_loop_test(tcase, searched_as_scored, 0, TINY_KINDS);
  tcase_add_loop_test(tcase, gradients, 0, TINY_SEEN);
  suite_add_tcase(suite, tcase);
  return suite;
}
