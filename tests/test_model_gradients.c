/* Gradients of the whole model against central differences, with label smoothing and dropout: every cell, flow, score
 * and scope; cgru; starts, stacks, sizes, tying, deep output and heads. Doubles only: the float build has
 * nothing to check here. */
#include <check.h>

#include "base/real.h"

#if REAL_IS_DOUBLE

#include "base/str.h"
#include "differences.h"
#include "nn/attention.h"
#include "nn/cell.h"

enum { N_FLOWS = 2, N_GRID = N_CELLS * N_FLOWS * N_SCORES };

/* Whether the config's score goes with this scope, which becomes its own, and with its pattern. */
static bool set_scope(ModelConfig *c, int scope) {
  c->attention.scope = (ScopeKind)scope;
  return !attention_score(c->attention.score)->whole || (scope == SCOPE_global && c->attention.pattern == PATTERN_none);
}

START_TEST(grid) {
  ModelConfig c = differences_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_SCORES / N_FLOWS);
  c.attention.flow = (FlowKind)(_i / N_SCORES % N_FLOWS);
  c.attention.score = (ScoreKind)(_i % N_SCORES);
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    Str name = {0};
    str_addf(&name, "%s %s %s %s", cell_def(c.decoder.cell)->name,
             c.attention.flow == FLOW_luong ? "luong" : "bahdanau", attention_score(c.attention.score)->name,
             attention_scope(c.attention.scope)->name);
    differences_check(&c, str_text(&name));
    str_free(&name);
  }
}
END_TEST

START_TEST(guided) {
  ModelConfig c = differences_config();
  c.attention.flow = (FlowKind)(_i / N_SCORES);
  c.attention.score = (ScoreKind)(_i % N_SCORES);
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    differences_check_guided(&c, GUIDE_cross_entropy, attention_scope(c.attention.scope)->name);
    differences_check_guided(&c, GUIDE_mse, attention_scope(c.attention.scope)->name);
  }
  if (!set_scope(&c, SCOPE_local_p)) (void)set_scope(&c, SCOPE_global);
  c.attention.input_feeding = false;
  differences_check_guided(&c, GUIDE_cross_entropy, "nothing fed");
  c.decoder.cell = CELL_cgru;
  differences_check_guided(&c, GUIDE_mse, "cgru");
  c.attention.aligns = ALIGNS_read;
  differences_check_guided(&c, GUIDE_mse, "aligns read");
}
END_TEST

START_TEST(inits) {
  static const char *const names[] = {"init zero", "init last", "init mean", "init copy"};
  ModelConfig c = differences_config();
  c.encoder.cell = c.decoder.cell = (CellKind)_i;
  for (int init = INIT_zero; init <= INIT_copy; init++) {
    c.decoder.init = (InitKind)init;
    differences_check(&c, names[init]);
  }
}
END_TEST

START_TEST(stacks) {
  ModelConfig c = differences_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.layers = c.decoder.layers = 2;
  differences_check(&c, "2 layers");
  c.encoder.residual = c.decoder.residual = true;
  differences_check(&c, "2 layers residual");
  c.decoder.init = INIT_copy;
  c.attention.input_feeding = false;
  differences_check(&c, "2 layers residual copied, nothing fed");
}
END_TEST

START_TEST(one_direction) {
  ModelConfig c = differences_config();
  c.encoder = (EncoderConfig){.cell = CELL_lstm, .hidden = 3, .layers = 1};
  c.decoder = (DecoderConfig){.cell = CELL_lstm, .hidden = 2, .layers = 1, .init = INIT_mean};
  c.attention.scope = SCOPE_local_p;
  c.attention.size = 5;
  for (int score = 0; score < N_SCORES; score++) {
    c.attention.score = (ScoreKind)score;
    if (!attention_score(c.attention.score)->equal_sizes) differences_check(&c, "D 3, Q 2, A 5");
  }
}
END_TEST

START_TEST(nothing_fed) {
  ModelConfig c = differences_config();
  c.attention.input_feeding = false;
  for (int scope = 0; scope < N_SCOPES; scope++) {
    c.attention.scope = (ScopeKind)scope;
    differences_check(&c, "nothing fed");
  }
}
END_TEST

START_TEST(tying) {
  ModelConfig c = differences_config();
  c.embedding = c.decoder.hidden;
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int tie = TIE_target; tie <= TIE_all; tie++) {
      c.attention.flow = (FlowKind)flow;
      c.tie_embeddings = (TieKind)tie;
      differences_check(&c, tie == TIE_all ? "one embedding for all" : "output tied");
    }
}
END_TEST

/* Of two numbers normalised nothing is left but a sign: sizes are larger here. */
START_TEST(layer_norm) {
  ModelConfig c = differences_config();
  c.layer_norm = true;
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  differences_check(&c, "layer norm");
  c.attention.score = SCORE_additive;
  differences_check(&c, "layer norm, additive");
  c.attention.score = SCORE_concat;
  c.attention.input_feeding = false;
  c.encoder.layers = c.decoder.layers = 2;
  c.decoder.init = INIT_copy;
  differences_check(&c, "layer norm, concat, 2 layers copied, nothing fed");
}
END_TEST

START_TEST(unequal_cells) {
  ModelConfig c = differences_config();
  c.encoder.cell = CELL_lstm;
  differences_check(&c, "lstm to gru");
  c.encoder.cell = CELL_tanh;
  c.decoder.cell = CELL_lstm;
  differences_check(&c, "tanh to lstm");
}
END_TEST

/* A cgru with every score and scope, in more than one layer, and as the decoder of other encoders. */
START_TEST(conditional) {
  ModelConfig c = differences_config();
  c.decoder.cell = CELL_cgru;
  c.attention.score = (ScoreKind)_i;
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    Str name = {0};
    str_addf(&name, "cgru %s %s", attention_score(c.attention.score)->name, attention_scope(c.attention.scope)->name);
    differences_check(&c, str_text(&name));
    str_free(&name);
  }
}
END_TEST

START_TEST(conditional_layers) {
  ModelConfig c = differences_config();
  c.decoder.cell = CELL_cgru;
  c.decoder.init = (InitKind)_i;
  differences_check(&c, "cgru");
  c.encoder.layers = c.decoder.layers = 2;
  differences_check(&c, "cgru 2 layers");
  c.encoder.residual = c.decoder.residual = true;
  c.attention.flow = FLOW_bahdanau;
  c.embedding = c.decoder.hidden;
  c.tie_embeddings = TIE_all;
  differences_check(&c, "cgru 2 layers residual, one embedding for all");
  c.encoder.cell = CELL_lstm;
  if (c.decoder.init != INIT_copy) differences_check(&c, "lstm to cgru 2 layers residual, one embedding for all");
}
END_TEST

START_TEST(conditional_layer_norm) {
  ModelConfig c = differences_config();
  c.layer_norm = true;
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  c.decoder.cell = CELL_cgru;
  c.attention.score = SCORE_additive;
  differences_check(&c, "cgru layer norm");
  c.encoder.layers = c.decoder.layers = 2;
  differences_check(&c, "cgru layer norm 2 layers");
}
END_TEST

START_TEST(deep_output) {
  ModelConfig c = differences_config();
  c.encoder.cell = c.decoder.cell = (CellKind)_i;
  c.decoder.deep_output = true;
  differences_check(&c, "deep output");
  c.attention.input_feeding = false;
  differences_check(&c, "deep output, nothing fed");
  c.embedding = c.decoder.hidden;
  c.tie_embeddings = TIE_target;
  differences_check(&c, "deep output, output tied");
}
END_TEST

/* Every score that compares what a pattern projects, with every scope. All sizes are one (in_proj_weight), or the
 * heads' is another. */
START_TEST(heads) {
  ModelConfig c = differences_config();
  c.attention.pattern = (PatternKind)(PATTERN_qkv + _i / N_SCORES);
  c.attention.score = (ScoreKind)(_i % N_SCORES);
  if (c.attention.score == SCORE_location || attention_score(c.attention.score)->whole) return;
  for (int scope = 0; scope < N_SCOPES; scope++)
    for (int n = 1; n <= 2; n++) {
      c.attention.scope = (ScopeKind)scope;
      c.attention.heads = n;
      c.attention.size = n == 1 ? 4 : 6;
      Str name = {0};
      str_addf(&name, "pattern %d, %d heads, %s %s", (int)c.attention.pattern, n,
               attention_score(c.attention.score)->name, attention_scope(c.attention.scope)->name);
      differences_check(&c, str_text(&name));
      str_free(&name);
    }
  c.attention.size = 4;
  c.attention.scope = SCOPE_global;
  differences_check(&c, "2 heads, one size");
}
END_TEST

/* Where the context goes in every flow, and what the alignment is of. */
START_TEST(heads_in_flows) {
  ModelConfig c = differences_config();
  c.attention.pattern = (PatternKind)_i;
  c.attention.heads = 2;
  c.attention.size = 6;
  c.attention.score = SCORE_scaled_dot;
  differences_check_guided(&c, GUIDE_cross_entropy, "mean of two heads");
  c.attention.alignment.heads = 1;
  differences_check_guided(&c, GUIDE_mse, "first of two heads");
  c.attention.flow = FLOW_bahdanau;
  differences_check(&c, "heads, bahdanau");
  c.decoder.cell = CELL_cgru;
  differences_check(&c, "heads, cgru");
  c.decoder.cell = CELL_lstm;
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  c.decoder.deep_output = true;
  differences_check(&c, "heads, nothing fed, deep output");
  if (_i == PATTERN_vvv) return;
  c.decoder.hidden = 3;
  differences_check(&c, "heads, D 4, Q 3, A 6");
}
END_TEST

/* No sum of halting probabilities is within a step of the differences of where a row halts. */
START_TEST(pondering) {
  ModelConfig c = differences_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.act = (ActConfig){.max_steps = 4, .epsilon = 0.05, .penalty = 0.3, .bias = -1};
  differences_check(&c, "the encoder ponders");
  c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2, .bias = 1};
  differences_check(&c, "both sides ponder");
  c.attention.input_feeding = false;
  differences_check(&c, "both sides ponder, nothing fed");
  c.encoder.layers = c.decoder.layers = 2;
  c.encoder.residual = c.decoder.residual = true;
  c.decoder.init = INIT_copy;
  differences_check(&c, "two layers ponder, residual, copied");
  c = differences_config();
  c.layer_norm = true;
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.hidden = 4;
  c.decoder.hidden = 8;
  c.encoder.act = c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2};
  differences_check(&c, "both sides ponder, layer norm");
  c.attention.input_feeding = false;
  differences_check(&c, "both sides ponder, layer norm, nothing fed");
}
END_TEST

START_TEST(universal) {
  ModelConfig c = differences_config();
  c.embedding = 4;
  c.heads = 2;
  c.feed_forward = 5;
  c.norm = _i == 0 ? NORM_pre : NORM_post;
  c.final_norm = _i == 0;
  c.positions = POSITION_sinusoidal;
  c.encoder = (EncoderConfig){.type = ENCODER_transformer, .layers = 3, .universal = true};
  c.decoder.init = INIT_mean;
  differences_check(&c, "universal");
  c.encoder.act = (ActConfig){.max_steps = 4, .epsilon = 0.05, .penalty = 0.3};
  differences_check(&c, "universal, ponders");
  c.positions = POSITION_learned;
  c.max_positions = 5;
  c.encoder.window = 1;
  c.encoder.self_attention =
      (SelfAttentionConfig){.layers = 1, .heads = 2, .feed_forward = 3, .norm = NORM_post, .pattern = PATTERN_qkv};
  differences_check(&c, "universal, ponders, window 1, learned positions, self-attention on top");
}
END_TEST

START_TEST(conditional_pondering) {
  ModelConfig c = differences_config();
  c.decoder.cell = CELL_cgru;
  c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2};
  differences_check(&c, "cgru ponders");
  c.layer_norm = true;
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  c.decoder.layers = 2;
  differences_check(&c, "cgru ponders, layer norm, 2 layers");
}
END_TEST

#endif

Suite *test_model_gradients(void);
Suite *test_model_gradients(void) {
  Suite *s = suite_create("model gradients");
  TCase *t = tcase_create("model gradients");
#if REAL_IS_DOUBLE
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, grid, 0, N_GRID);
  tcase_add_loop_test(t, guided, 0, N_FLOWS * N_SCORES);
  tcase_add_loop_test(t, inits, 0, N_CELLS);
  tcase_add_loop_test(t, stacks, 0, N_CELLS * N_FLOWS);
  tcase_add_loop_test(t, layer_norm, 0, N_CELLS * N_FLOWS);
  tcase_add_test(t, one_direction);
  tcase_add_test(t, nothing_fed);
  tcase_add_test(t, tying);
  tcase_add_test(t, unequal_cells);
  tcase_add_loop_test(t, conditional, 0, N_SCORES);
  tcase_add_loop_test(t, conditional_layers, INIT_zero, INIT_copy + 1);
  tcase_add_test(t, conditional_layer_norm);
  tcase_add_loop_test(t, deep_output, 0, N_CELLS);
  tcase_add_loop_test(t, heads, 0, 3 * N_SCORES);
  tcase_add_loop_test(t, heads_in_flows, PATTERN_qkv, PATTERN_vvv + 1);
  tcase_add_loop_test(t, pondering, 0, N_CELLS * N_FLOWS);
  tcase_add_test(t, conditional_pondering);
  tcase_add_loop_test(t, universal, 0, 2);
#endif
  suite_add_tcase(s, t);
  return s;
}
