/* Gradients of the whole model against central differences, with label smoothing and dropout: every cell, flow, score
 * and scope; cgru; starts, stacks, sizes, tying, deep output, coverage and heads. Doubles only: the float build has
 * nothing to check here. */
#include <check.h>

#include "base/real.h"

#if REAL_IS_DOUBLE

#include "ad/gradcheck.h"
#include "base/rng.h"
#include "nn/attention.h"
#include "nn/cell.h"
#include "tiny.h"

enum { VOCAB = 6, N_FLOWS = 2, N_GRID = N_CELLS * N_FLOWS * N_SCORES };

typedef struct Batch {
  const Model *model;
  IdPair pairs[3];
  int n;
  double guided; /* scale of the loss of attention; 0: none */
  GuideLoss guide;
  const Linked *const *links;
} Batch;

static const double SCALE = 0.5;

static void loss_case(GradEnv *env, void *ctx) {
  static const int row[] = {4, 1, 7};
  const Batch *b = ctx;
  const Noise noise = tiny_noise(0.25, 3, 9, row);
  const double ponders = model_config_ponders(&b->model->config) ? 0.7 : 0;
  const LossAim aim = {
      {{[LOSS_likelihood] = SCALE, [LOSS_guided] = b->guided, [LOSS_ponder] = ponders}}, 0.1, b->links, b->guide};
  Losses sums;
  gradcheck_add(env, model_losses(b->model, &env->tape, b->pairs, b->n, &noise, &aim, &sums));
}

/* Weights of one size: biases and the parts of a cell that start at 0 count like the others. A predicted position
 * depends on them: the numbers are such that none stands within a step of the differences of its window's edge. */
static void fill(ParamSet *set) {
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    uint64_t key = rng_key(1, RNG_TEST, rng_name(set->params[p].name), 0);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = 1.6 * rng_uniform(key, (uint64_t)i) - 0.8;
  }
}

static const int32_t words[] = {4, 5, 3, 5, 4};
/* Three ragged pairs, the second with an empty source (S = 1). */
static const Batch ragged = {
    .pairs = {{{words, 3}, {words + 1, 2}}, {{words, 0}, {words + 2, 1}}, {{words + 2, 2}, {words, 0}}}, .n = 3};
static const Batch single = {.pairs = {{{words, 0}, {words + 1, 2}}}, .n = 1};

static void check_batch(GradEnv *env, const Model *model, Batch batch, const char *name) {
  batch.model = model;
  gradcheck_run(env, name, loss_case, &batch);
}

static void check_config(const ModelConfig *config, const char *name) {
  Model *model = model_new(config);
  fill(&model->params);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  check_batch(&env, model, ragged, name);
  check_batch(&env, model, single, name);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  ck_assert_int_gt(env.n_checked, 0);
  gradcheck_free(&env);
  model_free(model);
}

/* Links of the ragged pairs: of every target token with </s>. One is outside the window of local_m. */
static const int at[] = {2, 0, 3, 1};
static const Linked first[] = {{at, 2}, {NULL, 0}, {at + 2, 1}}, second[] = {{at + 1, 1}, {at + 1, 1}},
                    third[] = {{at, 2}};
static const Linked *const links[] = {first, second, third};

static void check_guided(const ModelConfig *config, GuideLoss loss, const char *name) {
  Model *model = model_new(config);
  fill(&model->params);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  Batch batch = ragged;
  batch.guided = 0.8;
  batch.guide = loss;
  batch.links = links;
  check_batch(&env, model, batch, name);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  gradcheck_free(&env);
  model_free(model);
}

/* Whether the config's score goes with this scope, which becomes its own, and with its pattern. */
static bool set_scope(ModelConfig *c, int scope) {
  c->attention.scope = (ScopeKind)scope;
  return !attention_score(c->attention.score)->whole || (scope == SCOPE_global && c->attention.pattern == PATTERN_none);
}

static ModelConfig base_config(void) {
  return (ModelConfig){.embedding = 3,
                       .encoder = {.cell = CELL_gru, .hidden = 2, .layers = 1, .bidirectional = true},
                       .decoder = {.cell = CELL_gru, .hidden = 4, .layers = 1, .init = INIT_last},
                       .attention = {.flow = FLOW_luong,
                                     .score = SCORE_general,
                                     .scope = SCOPE_global,
                                     .window = 1,
                                     .size = 3,
                                     .input_feeding = true,
                                     .max_positions = 5},
                       .source_vocab = VOCAB,
                       .target_vocab = VOCAB};
}

START_TEST(grid) {
  ModelConfig c = base_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_SCORES / N_FLOWS);
  c.attention.flow = (FlowKind)(_i / N_SCORES % N_FLOWS);
  c.attention.score = (ScoreKind)(_i % N_SCORES);
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    Str name = {0};
    str_addf(&name, "%s %s %s %s", cell_def(c.decoder.cell)->name,
             c.attention.flow == FLOW_luong ? "luong" : "bahdanau", attention_score(c.attention.score)->name,
             attention_scope(c.attention.scope)->name);
    check_config(&c, str_text(&name));
    str_free(&name);
  }
}
END_TEST

START_TEST(guided) {
  ModelConfig c = base_config();
  c.attention.flow = (FlowKind)(_i / N_SCORES);
  c.attention.score = (ScoreKind)(_i % N_SCORES);
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    check_guided(&c, GUIDE_cross_entropy, attention_scope(c.attention.scope)->name);
    check_guided(&c, GUIDE_mse, attention_scope(c.attention.scope)->name);
  }
  if (!set_scope(&c, SCOPE_local_p)) (void)set_scope(&c, SCOPE_global);
  c.attention.input_feeding = false;
  check_guided(&c, GUIDE_cross_entropy, "nothing fed");
  c.decoder.cell = CELL_cgru;
  check_guided(&c, GUIDE_mse, "cgru");
  c.attention.aligns = ALIGNS_read;
  check_guided(&c, GUIDE_mse, "aligns read");
}
END_TEST

START_TEST(inits) {
  static const char *const names[] = {"init zero", "init last", "init mean", "init copy"};
  ModelConfig c = base_config();
  c.encoder.cell = c.decoder.cell = (CellKind)_i;
  for (int init = INIT_zero; init <= INIT_copy; init++) {
    c.decoder.init = (InitKind)init;
    check_config(&c, names[init]);
  }
}
END_TEST

START_TEST(stacks) {
  ModelConfig c = base_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.layers = c.decoder.layers = 2;
  check_config(&c, "2 layers");
  c.encoder.residual = c.decoder.residual = true;
  check_config(&c, "2 layers residual");
  c.decoder.init = INIT_copy;
  c.attention.input_feeding = false;
  check_config(&c, "2 layers residual copied, nothing fed");
}
END_TEST

START_TEST(one_direction) {
  ModelConfig c = base_config();
  c.encoder = (EncoderConfig){.cell = CELL_lstm, .hidden = 3, .layers = 1};
  c.decoder = (DecoderConfig){.cell = CELL_lstm, .hidden = 2, .layers = 1, .init = INIT_mean};
  c.attention.scope = SCOPE_local_p;
  c.attention.size = 5;
  for (int score = 0; score < N_SCORES; score++) {
    c.attention.score = (ScoreKind)score;
    if (!attention_score(c.attention.score)->equal_sizes) check_config(&c, "D 3, Q 2, A 5");
  }
}
END_TEST

START_TEST(nothing_fed) {
  ModelConfig c = base_config();
  c.attention.input_feeding = false;
  for (int scope = 0; scope < N_SCOPES; scope++) {
    c.attention.scope = (ScopeKind)scope;
    check_config(&c, "nothing fed");
  }
}
END_TEST

START_TEST(tying) {
  ModelConfig c = base_config();
  c.embedding = c.decoder.hidden;
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int tie = TIE_target; tie <= TIE_all; tie++) {
      c.attention.flow = (FlowKind)flow;
      c.tie_embeddings = (TieKind)tie;
      check_config(&c, tie == TIE_all ? "one embedding for all" : "output tied");
    }
}
END_TEST

/* Of two numbers normalised nothing is left but a sign: sizes are larger here. */
START_TEST(layer_norm) {
  ModelConfig c = base_config();
  c.layer_norm = true;
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  check_config(&c, "layer norm");
  c.attention.score = SCORE_additive;
  check_config(&c, "layer norm, additive");
  c.attention.score = SCORE_concat;
  c.attention.input_feeding = false;
  c.encoder.layers = c.decoder.layers = 2;
  c.decoder.init = INIT_copy;
  check_config(&c, "layer norm, concat, 2 layers copied, nothing fed");
}
END_TEST

/* Coverage goes from step to step in each flow, through windows, and where nothing else is fed. */
START_TEST(coverage) {
  ModelConfig c = base_config();
  c.attention.score = _i == 0 ? SCORE_additive : SCORE_concat;
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int scope = 0; scope < N_SCOPES; scope++) {
      c.attention.flow = (FlowKind)flow;
      c.attention.scope = (ScopeKind)scope;
      c.attention.coverage = COVERAGE_count;
      check_config(&c, "coverage by count");
      c.attention.coverage = COVERAGE_fertility;
      check_config(&c, "coverage by fertility");
      check_guided(&c, GUIDE_cross_entropy, "coverage, guided");
    }
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  check_config(&c, "coverage, nothing fed");
  c.decoder.cell = CELL_cgru;
  check_config(&c, "coverage, cgru");
}
END_TEST

/* Filters over the weights of the step before, in each flow, through windows, wider than the source. */
START_TEST(filters) {
  ModelConfig c = base_config();
  c.attention.score = _i == 0 ? SCORE_additive : SCORE_concat, c.attention.conv = (WeightConvConfig){2, 3};
  for (int flow = 0; flow < N_FLOWS; flow++)
    for (int scope = 0; scope < N_SCOPES; scope++) {
      c.attention.flow = (FlowKind)flow;
      c.attention.scope = (ScopeKind)scope;
      check_config(&c, "filters");
    }
  c.attention.scope = SCOPE_global;
  c.attention.conv = (WeightConvConfig){1, 9};
  check_guided(&c, GUIDE_cross_entropy, "one filter, guided");
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  check_config(&c, "filters, nothing fed");
  c.attention.focus = FOCUS_ntm;
  c.attention.ntm.shift = 1;
  check_config(&c, "filters and ntm");
}
END_TEST

/* The weights go from step to step in each flow, alone and beside coverage, in heads and in a Transformer's layers. */
START_TEST(ntm) {
  ModelConfig c = base_config();
  c.attention.focus = FOCUS_ntm;
  c.attention.ntm = (NtmConfig){.shift = 1 + _i % 2, .wrap = _i < 2, .start = _i % 2 == 0 ? NTM_first : NTM_uniform};
  c.attention.score = SCORE_cosine;
  for (int flow = 0; flow < N_FLOWS; flow++) {
    c.attention.flow = (FlowKind)flow;
    check_config(&c, "ntm");
    check_guided(&c, GUIDE_cross_entropy, "ntm, guided");
  }
  c.attention.score = SCORE_additive;
  c.attention.coverage = COVERAGE_fertility;
  check_config(&c, "ntm and coverage");
  c.attention.coverage = COVERAGE_none;
  c.decoder.cell = CELL_cgru;
  check_config(&c, "ntm, cgru");
  c.decoder.cell = CELL_gru;
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  check_config(&c, "ntm, nothing fed");
  c.attention.pattern = PATTERN_qkv;
  c.attention.score = SCORE_cosine;
  c.attention.heads = 2;
  c.attention.size = 4;
  check_guided(&c, GUIDE_mse, "ntm, two heads");
  c.decoder = (DecoderConfig){.type = DECODER_transformer, .layers = 2};
  c.embedding = 4;
  c.heads = 2;
  c.feed_forward = 3;
  c.norm = NORM_pre;
  check_config(&c, "ntm, Transformer decoder");
}
END_TEST

START_TEST(unequal_cells) {
  ModelConfig c = base_config();
  c.encoder.cell = CELL_lstm;
  check_config(&c, "lstm to gru");
  c.encoder.cell = CELL_tanh;
  c.decoder.cell = CELL_lstm;
  check_config(&c, "tanh to lstm");
}
END_TEST

/* A cgru with every score and scope, in more than one layer, and as the decoder of other encoders. */
START_TEST(conditional) {
  ModelConfig c = base_config();
  c.decoder.cell = CELL_cgru;
  c.attention.score = (ScoreKind)_i;
  for (int scope = 0; scope < N_SCOPES; scope++) {
    if (!set_scope(&c, scope)) continue;
    Str name = {0};
    str_addf(&name, "cgru %s %s", attention_score(c.attention.score)->name, attention_scope(c.attention.scope)->name);
    check_config(&c, str_text(&name));
    str_free(&name);
  }
}
END_TEST

START_TEST(conditional_layers) {
  ModelConfig c = base_config();
  c.decoder.cell = CELL_cgru;
  c.decoder.init = (InitKind)_i;
  check_config(&c, "cgru");
  c.encoder.layers = c.decoder.layers = 2;
  check_config(&c, "cgru 2 layers");
  c.encoder.residual = c.decoder.residual = true;
  c.attention.flow = FLOW_bahdanau;
  c.embedding = c.decoder.hidden;
  c.tie_embeddings = TIE_all;
  check_config(&c, "cgru 2 layers residual, one embedding for all");
  c.encoder.cell = CELL_lstm;
  if (c.decoder.init != INIT_copy) check_config(&c, "lstm to cgru 2 layers residual, one embedding for all");
}
END_TEST

START_TEST(conditional_layer_norm) {
  ModelConfig c = base_config();
  c.layer_norm = true;
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  c.decoder.cell = CELL_cgru;
  c.attention.score = SCORE_additive;
  check_config(&c, "cgru layer norm");
  c.encoder.layers = c.decoder.layers = 2;
  check_config(&c, "cgru layer norm 2 layers");
}
END_TEST

START_TEST(deep_output) {
  ModelConfig c = base_config();
  c.encoder.cell = c.decoder.cell = (CellKind)_i;
  c.decoder.deep_output = true;
  check_config(&c, "deep output");
  c.attention.input_feeding = false;
  check_config(&c, "deep output, nothing fed");
  c.embedding = c.decoder.hidden;
  c.tie_embeddings = TIE_target;
  check_config(&c, "deep output, output tied");
}
END_TEST

/* Every score that compares what a pattern projects, with every scope. All sizes are one (in_proj_weight), or the
 * heads' is another. */
START_TEST(heads) {
  ModelConfig c = base_config();
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
      check_config(&c, str_text(&name));
      str_free(&name);
    }
  c.attention.size = 4;
  c.attention.scope = SCOPE_global;
  check_config(&c, "2 heads, one size");
}
END_TEST

/* Where the context goes in every flow, and what the alignment is of. */
START_TEST(heads_in_flows) {
  ModelConfig c = base_config();
  c.attention.pattern = (PatternKind)_i;
  c.attention.heads = 2;
  c.attention.size = 6;
  c.attention.score = SCORE_scaled_dot;
  check_guided(&c, GUIDE_cross_entropy, "mean of two heads");
  c.attention.alignment.heads = 1;
  check_guided(&c, GUIDE_mse, "first of two heads");
  c.attention.flow = FLOW_bahdanau;
  check_config(&c, "heads, bahdanau");
  c.decoder.cell = CELL_cgru;
  check_config(&c, "heads, cgru");
  c.decoder.cell = CELL_lstm;
  c.attention.flow = FLOW_luong;
  c.attention.input_feeding = false;
  c.decoder.deep_output = true;
  check_config(&c, "heads, nothing fed, deep output");
  if (_i == PATTERN_vvv) return;
  c.decoder.hidden = 3;
  check_config(&c, "heads, D 4, Q 3, A 6");
}
END_TEST

/* No sum of halting probabilities is within a step of the differences of where a row halts. */
START_TEST(pondering) {
  ModelConfig c = base_config();
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.act = (ActConfig){.max_steps = 4, .epsilon = 0.05, .penalty = 0.3, .bias = -1};
  check_config(&c, "the encoder ponders");
  c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2, .bias = 1};
  check_config(&c, "both sides ponder");
  c.attention.input_feeding = false;
  check_config(&c, "both sides ponder, nothing fed");
  c.encoder.layers = c.decoder.layers = 2;
  c.encoder.residual = c.decoder.residual = true;
  c.decoder.init = INIT_copy;
  check_config(&c, "two layers ponder, residual, copied");
  c = base_config();
  c.layer_norm = true;
  c.encoder.cell = c.decoder.cell = (CellKind)(_i / N_FLOWS);
  c.attention.flow = (FlowKind)(_i % N_FLOWS);
  c.encoder.hidden = 4;
  c.decoder.hidden = 8;
  c.encoder.act = c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2};
  check_config(&c, "both sides ponder, layer norm");
  c.attention.input_feeding = false;
  check_config(&c, "both sides ponder, layer norm, nothing fed");
}
END_TEST

START_TEST(universal) {
  ModelConfig c = base_config();
  c.embedding = 4;
  c.heads = 2;
  c.feed_forward = 5;
  c.norm = _i == 0 ? NORM_pre : NORM_post;
  c.final_norm = _i == 0;
  c.positions = POSITION_sinusoidal;
  c.encoder = (EncoderConfig){.type = ENCODER_transformer, .layers = 3, .universal = true};
  c.decoder.init = INIT_mean;
  check_config(&c, "universal");
  c.encoder.act = (ActConfig){.max_steps = 4, .epsilon = 0.05, .penalty = 0.3};
  check_config(&c, "universal, ponders");
  c.positions = POSITION_learned;
  c.max_positions = 5;
  c.encoder.window = 1;
  c.encoder.self_attention =
      (SelfAttentionConfig){.layers = 1, .heads = 2, .feed_forward = 3, .norm = NORM_post, .pattern = PATTERN_qkv};
  check_config(&c, "universal, ponders, window 1, learned positions, self-attention on top");
}
END_TEST

START_TEST(conditional_pondering) {
  ModelConfig c = base_config();
  c.decoder.cell = CELL_cgru;
  c.decoder.act = (ActConfig){.max_steps = 3, .epsilon = 0.01, .penalty = 0.2};
  check_config(&c, "cgru ponders");
  c.layer_norm = true;
  c.encoder.hidden = 3;
  c.decoder.hidden = 6;
  c.decoder.layers = 2;
  check_config(&c, "cgru ponders, layer norm, 2 layers");
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
  tcase_add_loop_test(t, coverage, 0, 2);
  tcase_add_loop_test(t, filters, 0, 2);
  tcase_add_loop_test(t, ntm, 0, 4);
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
