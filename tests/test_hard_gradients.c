/* Gradients of whole models of hard attention, of the estimators that have them, against central differences. Doubles
 * only. */
#include <check.h>

#include "base/real.h"

#if REAL_IS_DOUBLE

#include "differences.h"

static ModelConfig hard_config(HardEstimator estimator) {
  ModelConfig c = differences_config();
  c.attention.focus = FOCUS_hard;
  /* Of reinforce what can be measured: all sentences take the expectation, and the entropy counts. */
  c.attention.hard = (HardConfig){.estimator = estimator, .reward = 0.7, .expectation = 1, .temperature = 0.6};
  return c;
}

static const HardEstimator measured[] = {ESTIMATOR_marginal, ESTIMATOR_gumbel, ESTIMATOR_reinforce};

START_TEST(gradients) {
  ModelConfig c = hard_config(measured[_i % 3]);
  c.attention.flow = _i / 3 == 0 ? FLOW_luong : FLOW_bahdanau;
  static const ScoreKind scores[] = {SCORE_general, SCORE_dot, SCORE_additive, SCORE_aoa};
  for (int s = 0; s < 4; s++)
    for (int scope = 0; scope < N_SCOPES; scope++) {
      c.attention.score = scores[s];
      c.attention.scope = (ScopeKind)scope;
      c.attention.hard.top = s == 1 ? 2 : 0;
      if (s < 3 || scope == SCOPE_global) differences_check(&c, "hard");
    }
}
END_TEST

START_TEST(gradients_of_kinds) {
  ModelConfig c = hard_config(measured[_i]);
  differences_check_guided(&c, GUIDE_cross_entropy, "hard, guided");
  c.decoder.cell = CELL_cgru;
  differences_check(&c, "hard, cgru");
  c.decoder.cell = CELL_lstm;
  c.attention.input_feeding = false;
  differences_check(&c, "hard, nothing fed");
  c.decoder.deep_output = c.attention.gate = true;
  differences_check(&c, "hard, deep output, gate");
  c.attention.input_feeding = true;
  c.attention.score = SCORE_additive;
  c.attention.coverage = COVERAGE_fertility;
  differences_check(&c, "hard, coverage");
  c = hard_config(measured[_i]);
  c.layer_norm = true;
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  c.attention.hard.top = 1;
  differences_check(&c, "hard, layer norm, the one of most weight");
}
END_TEST

#endif

Suite *test_hard_gradients(void);
Suite *test_hard_gradients(void) {
  Suite *s = suite_create("hard gradients");
  TCase *t = tcase_create("hard gradients");
#if REAL_IS_DOUBLE
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, gradients, 0, 6);
  tcase_add_loop_test(t, gradients_of_kinds, 0, 3);
#endif
  suite_add_tcase(s, t);
  return s;
}
