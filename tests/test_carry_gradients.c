/* Gradients of whole models whose looks carry something from step to step, against central differences: coverage,
 * weights of a head that moves, filters over weights. Doubles only. */
#include <check.h>

#include "base/real.h"

#if REAL_IS_DOUBLE

#include "differences.h"

enum { N_FLOWS = 2 };

/* Coverage goes from step to step in each flow, through windows, and where nothing else is fed. */
START_TEST(coverage) {
  ModelConfig c = differences_config();
  c.attention.score = _i == 0 ? SCORE_additive : SCORE_concat;
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int scope = 0; scope < N_SCOPES; scope++) {
      c.attention.flow = (FlowKind)flow;
      c.attention.scope = (ScopeKind)scope;
      c.attention.coverage = COVERAGE_count;
      differences_check(&c, "coverage by count");
      c.attention.coverage = COVERAGE_fertility;
      differences_check(&c, "coverage by fertility");
      differences_check_guided(&c, GUIDE_cross_entropy, "coverage, guided");
    }
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  differences_check(&c, "coverage, nothing fed");
  c.decoder.cell = CELL_cgru;
  differences_check(&c, "coverage, cgru");
}
END_TEST

/* Filters over the weights of the step before, in each flow, through windows, wider than the source. */
START_TEST(filters) {
  ModelConfig c = differences_config();
  c.attention.score = _i == 0 ? SCORE_additive : SCORE_concat, c.attention.conv = (WeightConvConfig){2, 3};
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int scope = 0; scope < N_SCOPES; scope++) {
      c.attention.flow = (FlowKind)flow;
      c.attention.scope = (ScopeKind)scope;
      differences_check(&c, "filters");
    }
  c.attention.scope = SCOPE_global;
  c.attention.conv = (WeightConvConfig){1, 9};
  differences_check_guided(&c, GUIDE_cross_entropy, "one filter, guided");
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  differences_check(&c, "filters, nothing fed");
  c.attention.focus = FOCUS_ntm;
  c.attention.ntm.shift = 1;
  differences_check(&c, "filters and ntm");
}
END_TEST

/* The weights go from step to step in each flow, alone and beside coverage, in heads and in a Transformer's layers. */
START_TEST(ntm) {
  ModelConfig c = differences_config();
  c.attention.focus = FOCUS_ntm;
  c.attention.ntm = (NtmConfig){.shift = 1 + _i % 2, .wrap = _i < 2, .start = _i % 2 == 0 ? NTM_first : NTM_uniform};
  c.attention.score = SCORE_cosine;
  for (int flow = 0; flow < N_FLOWS; flow++) {
    c.attention.flow = (FlowKind)flow;
    differences_check(&c, "ntm");
    differences_check_guided(&c, GUIDE_cross_entropy, "ntm, guided");
  }
  c.attention.score = SCORE_additive;
  c.attention.coverage = COVERAGE_fertility;
  differences_check(&c, "ntm and coverage");
  c.attention.coverage = COVERAGE_none;
  c.decoder.cell = CELL_cgru;
  differences_check(&c, "ntm, cgru");
  c.decoder.cell = CELL_gru;
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  differences_check(&c, "ntm, nothing fed");
  c.attention.pattern = PATTERN_qkv;
  c.attention.score = SCORE_cosine;
  c.attention.heads = 2;
  c.attention.size = 4;
  differences_check_guided(&c, GUIDE_mse, "ntm, two heads");
  c.decoder = (DecoderConfig){.type = DECODER_transformer, .layers = 2};
  c.embedding = 4;
  c.heads = 2;
  c.feed_forward = 3;
  c.norm = NORM_pre;
  differences_check(&c, "ntm, Transformer decoder");
}
END_TEST

#endif

Suite *test_carry_gradients(void);
Suite *test_carry_gradients(void) {
  Suite *s = suite_create("carry gradients");
  TCase *t = tcase_create("carry gradients");
#if REAL_IS_DOUBLE
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, coverage, 0, 2);
  tcase_add_loop_test(t, filters, 0, 2);
  tcase_add_loop_test(t, ntm, 0, 4);
#endif
  suite_add_tcase(s, t);
  return s;
}
