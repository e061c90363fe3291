/* The multiply-adds of models, counted by hand: what their parts are declared to take. */
#include <check.h>

#include "conf/config.h"
#include "nn/attention.h"
#include "nn/model.h"

static double work(const ModelConfig *config, ParamSide side) {
  Model *model = model_declare(config);
  double work = param_work(&model->params, side);
  model_free(model);
  return work;
}

static double looks(const ModelConfig *config, int n_source, int n_target) {
  Model *model = model_declare(config);
  double work = param_look_work(&model->params, n_source, n_target);
  model_free(model);
  return work;
}

static double source(const ModelConfig *config) { return work(config, SIDE_SOURCE); }
static double target(const ModelConfig *config) { return work(config, SIDE_TARGET); }

/* Plain cells of 30 and 50, an attention of 20, 500 and 1,000 words; what differs is set by each test. */
static ModelConfig small(void) {
  return (ModelConfig){.embedding = 40,
                       .encoder = {.cell = CELL_tanh, .hidden = 30, .layers = 1},
                       .decoder = {.cell = CELL_tanh, .hidden = 50, .layers = 1, .init = INIT_zero},
                       .attention = {.flow = FLOW_luong,
                                     .score = SCORE_dot,
                                     .scope = SCOPE_local_m,
                                     .window = 5,
                                     .size = 20,
                                     .max_positions = 101},
                       .source_vocab = 500,
                       .target_vocab = 1000};
}

/* The benchmark model: bi-GRU 2 x 256, GRU 512, general, Luong flow with input feeding, 8,000 words. */
START_TEST(bench_512) {
  ModelConfig c = {.embedding = 256,
                   .encoder = {.cell = CELL_gru, .hidden = 256, .layers = 1, .bidirectional = true},
                   .decoder = {.cell = CELL_gru, .hidden = 512, .layers = 1, .init = INIT_last},
                   .attention = {.flow = FLOW_luong,
                                 .score = SCORE_general,
                                 .scope = SCOPE_global,
                                 .window = 10,
                                 .size = 512,
                                 .input_feeding = true,
                                 .max_positions = 51},
                   .source_vocab = 8000,
                   .target_vocab = 8000};
  ck_assert_double_eq(source(&c), 2 * (256 * 768 + 256 * 768) + 512 * 512);
  ck_assert_double_eq(target(&c), 512 * 8000 + (256 + 512) * 1536 + 512 * 1536 + 1024 * 512);
  ck_assert_double_eq(source(&c), 1048576);
  ck_assert_double_eq(target(&c), 6586368);
  Model *model = model_declare(&c);
  /* 46 million a token of one of each side, and 512 + 512 multiply-adds for each that looks at another */
  ck_assert_double_eq(model_train_flops(model, 1, 1), 45809664 + 6 * 1024);
  ck_assert_double_eq(model_train_flops(model, 5, 10), 10 * 42663936.0 + 6 * 1024 * 50);
  model_free(model);
  c.attention.input_feeding = false;
  ck_assert_double_eq(target(&c), 6586368 - 512 * 1536);
}
END_TEST

/* LSTM 2 x 30 of two layers, LSTM 50 of two layers, Bahdanau flow, additive 20, predictive windows, 1,000 words. */
START_TEST(bahdanau) {
  ModelConfig c = small();
  c.encoder = (EncoderConfig){.cell = CELL_lstm, .hidden = 30, .layers = 2, .bidirectional = true};
  c.decoder = (DecoderConfig){.cell = CELL_lstm, .hidden = 50, .layers = 2, .residual = true, .init = INIT_mean};
  c.attention.flow = FLOW_bahdanau;
  c.attention.score = SCORE_additive;
  c.attention.scope = SCOPE_local_p;
  c.attention.input_feeding = true;
  /* two directions of layers over 40 and 60; W_k 20 x 60 */
  ck_assert_double_eq(source(&c), 2 * 120 * (40 + 30) + 2 * 120 * (60 + 30) + 1200);
  /* a tanh of 20 and a state of 60 for each position within 5 of one */
  ck_assert_double_eq(looks(&c, 100, 1), (20 + 60) * 6);
  ck_assert_double_eq(looks(&c, 3, 7), (20 + 60) * 21);
  /* layers over [40; 60] and 50; W_q and W_p 20 x 50; W_c 50 x (60 + 50 + 40); W_o 1000 x 50 */
  ck_assert_double_eq(target(&c), 200 * (100 + 50) + 200 * (50 + 50) + 1000 + 1000 + 7500 + 50000);
}
END_TEST

/* One direction, the plain cell, scores without a matrix, and concat, whose matrix is [20, 50 + 30]. */
START_TEST(scores) {
  ModelConfig c = small();
  /* q . h of size 50 and h of 30, within 5 of min(t, S - 1): 6 + 7 + 8 of eight; 8 + 7 + 6 + 6 of them */
  ck_assert_double_eq(looks(&c, 8, 3), (50 + 30) * 21);
  ck_assert_double_eq(looks(&c, 8, 10) - looks(&c, 8, 6), (50 + 30) * (7 + 6 + 6 + 6));
  const double one = 30 * 70, other = 50 * 90 + 50 * 80 + 50000;
  ck_assert_double_eq(source(&c), one);
  ck_assert_double_eq(target(&c), other);
  c.attention.score = SCORE_concat;
  ck_assert_double_eq(source(&c), one + 20 * 30);
  ck_assert_double_eq(target(&c), other + 20 * 50);
  ck_assert_double_eq(looks(&c, 8, 3), (20 + 30) * 21);
}
END_TEST

/* A conditional GRU of 50, two layers, over states of 30: the second GRU of its first layer reads them; the readout
 * [50, 30 + 50 + 40]. The flow says nothing then. */
START_TEST(cgru) {
  ModelConfig c = small();
  c.encoder.cell = CELL_gru;
  c.decoder = (DecoderConfig){.cell = CELL_cgru, .hidden = 50, .layers = 2, .init = INIT_last};
  c.attention.score = SCORE_location;
  c.attention.scope = SCOPE_global;
  c.attention.input_feeding = true;
  const double want = 150 * (40 + 50) + 150 * (30 + 50) + 150 * (50 + 50) + 50 * 120 + 50000;
  ck_assert_double_eq(source(&c), 90 * 70);
  ck_assert_double_eq(target(&c), want);
  c.attention.flow = FLOW_bahdanau;
  c.decoder.deep_output = true;
  ck_assert_double_eq(target(&c), want);
}
END_TEST

START_TEST(deep_output) {
  ModelConfig c = small();
  c.decoder.deep_output = true;
  c.attention.score = SCORE_location;
  ck_assert_double_eq(target(&c), 50 * 90 + 50 * (80 + 40) + 50000);
}
END_TEST

/* Matrices before the heads and behind them: queries and W_o for each target token, keys and values for each source
 * token; of vvv, states and queries pass through one matrix. */
START_TEST(heads) {
  ModelConfig c = small();
  c.decoder.hidden = 30;
  c.decoder.init = INIT_mean;
  c.attention.score = SCORE_scaled_dot;
  c.attention.scope = SCOPE_global;
  c.attention.size = 24;
  c.attention.heads = 4;
  c.attention.pattern = PATTERN_qkv;
  const double one = 30 * 70, other = 30 * 70 + 30 * (24 + 30) + 30000;
  ck_assert_double_eq(source(&c), one + 2 * 24 * 30);
  ck_assert_double_eq(target(&c), other + 24 * 30 + 24 * 24);
  ck_assert_double_eq(looks(&c, 5, 3), (24 + 24) * 15); /* all heads together */
  c.attention.pattern = PATTERN_qvv;
  ck_assert_double_eq(source(&c), one + 24 * 30);
  ck_assert_double_eq(target(&c), other + 24 * 30 + 24 * 24);
  c.attention.pattern = PATTERN_vvv;
  ck_assert_double_eq(source(&c), one + 24 * 30);
  ck_assert_double_eq(target(&c), other + 24 * 30 + 24 * 24);
  c.attention.pattern = PATTERN_qkv;
  c.attention.size = 30; /* one matrix in_proj_weight [90,30] */
  c.attention.heads = 5;
  ck_assert_double_eq(source(&c), one + 2 * 30 * 30);
  ck_assert_double_eq(target(&c), 30 * 70 + 30 * 60 + 30000 + 30 * 30 + 30 * 30);
}
END_TEST

/* Of a side that looks at itself all three are of its own tokens. */
START_TEST(self_attention) {
  for (int pattern = PATTERN_qkv; pattern <= PATTERN_vvv; pattern++) {
    static const int matrices[] = {[PATTERN_qkv] = 4, [PATTERN_qvv] = 3, [PATTERN_vvv] = 2};
    const AttentionSpec spec = {.name = "a",
                                .query = 12,
                                .state = 12,
                                .size = 12,
                                .heads = 3,
                                .self = true,
                                .pattern = (PatternKind)pattern,
                                .score = SCORE_scaled_dot,
                                .scope = SCOPE_causal};
    ParamSet set = {0};
    Attention attention;
    param_side(&set, SIDE_TARGET);
    attention_declare(&attention, &set, &spec);
    ck_assert_double_eq(param_work(&set, SIDE_TARGET), matrices[pattern] * 144);
    ck_assert_double_eq(param_work(&set, SIDE_SOURCE), 0);
    param_free(&set);
  }
}
END_TEST

static ModelConfig from_keys(const char *const *sets, int n) {
  Config config;
  Err err = {0};
  ck_assert_msg(config_load(&config, NULL, sets, n, NULL, &err), "%s", err.text);
  config.model.source_vocab = 500;
  config.model.target_vocab = 1000;
  ModelConfig model = config.model;
  config_free(&config);
  return model;
}

/* d 24, f 40: a layer of the encoder has 4 d^2 + 2 d f; of the decoder as many, and d^2 for queries and as many for W_o
 * of its look at the source, whose keys and values are 2 d^2 for each source token. */
START_TEST(transformer) {
  const char *sets[] = {"model.encoder.type=transformer",
                        "model.decoder.type=transformer",
                        "model.embedding=24",
                        "model.heads=3",
                        "model.feed_forward=40",
                        "model.encoder.layers=2",
                        "model.decoder.layers=3",
                        "model.activation=relu",
                        "model.positions=relative"};
  ModelConfig c = from_keys(sets, 9);
  const double d2 = 24 * 24, df = 24 * 40;
  ck_assert_double_eq(source(&c), 2 * (4 * d2 + 2 * df) + 3 * 2 * d2);
  ck_assert_double_eq(target(&c), 3 * (6 * d2 + 2 * df) + 24 * 1000);
  /* two layers in which 5 tokens look at 5; three in which 7 look at 5, and at 1 + 2 + ... + 7 */
  ck_assert_double_eq(looks(&c, 5, 7), 2 * 24 * (2 * 25 + 3 * (35 + 28)));
  sets[7] = "model.activation=swiglu"; /* a third matrix */
  sets[8] = "model.positions=flow";
  c = from_keys(sets, 9);
  ck_assert_double_eq(source(&c), 2 * (4 * d2 + 3 * df) + 3 * 2 * d2);
  ck_assert_double_eq(target(&c), 3 * (6 * d2 + 3 * df) + 24 * 1000);
}
END_TEST

/* A GRU of 2 x 15 under one layer of self-attention of 30, read by a Transformer decoder of 24. */
START_TEST(mixed) {
  const char *const sets[] = {"model.encoder.hidden=15",
                              "model.encoder.self_attention.layers=1",
                              "model.encoder.self_attention.heads=3",
                              "model.encoder.self_attention.feed_forward=50",
                              "model.decoder.type=transformer",
                              "model.embedding=24",
                              "model.heads=3",
                              "model.feed_forward=40",
                              "model.decoder.layers=1",
                              "model.encoder.self_attention.window=1"};
  ModelConfig c = from_keys(sets, 10);
  /* a token, the one before and the one after it: 2 + 3 + 3 + 2 of four */
  ck_assert_double_eq(looks(&c, 4, 2), 2 * 30 * 10 + 2 * 24 * (8 + 3));
  ck_assert_double_eq(source(&c), 2 * 45 * (24 + 15) + (4 * 900 + 2 * 30 * 50) + 2 * 24 * 30);
  ck_assert_double_eq(target(&c), 4 * 576 + 2 * 576 + 2 * 24 * 40 + 24 * 1000);
}
END_TEST

Suite *test_model_work(void);
Suite *test_model_work(void) {
  Suite *s = suite_create("model_work");
  TCase *t = tcase_create("model_work");
  tcase_add_test(t, heads);
  tcase_add_test(t, transformer);
  tcase_add_test(t, mixed);
  tcase_add_test(t, self_attention);
  tcase_add_test(t, bench_512);
  tcase_add_test(t, bahdanau);
  tcase_add_test(t, scores);
  tcase_add_test(t, cgru);
  tcase_add_test(t, deep_output);
  suite_add_tcase(s, t);
  return s;
}
