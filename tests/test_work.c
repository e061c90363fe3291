/* The work of models, counted by hand. */
#include "nn/work.h"

#include <check.h>

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
  ModelWork work = work_count(&c);
  ck_assert_double_eq(work.source, 2 * (256 * 768 + 256 * 768) + 512 * 512);
  ck_assert_double_eq(work.target, 512 * 8000 + (256 + 512) * 1536 + 512 * 1536 + 1024 * 512);
  ck_assert_double_eq(work.source, 1048576);
  ck_assert_double_eq(work.target, 6586368);
  ck_assert_double_eq(work_train_flops(&work, 1), 45809664); /* 46 million */
  ck_assert_double_eq(work_train_flops(&work, 0.5), 42663936);
  c.attention.input_feeding = false;
  ck_assert_double_eq(work_count(&c).target, 6586368 - 512 * 1536);
}
END_TEST

/* LSTM 2 x 30 of two layers, LSTM 50 of two layers, Bahdanau flow, additive 20, predictive windows, 1,000 words. */
START_TEST(bahdanau) {
  ModelConfig c = {.embedding = 40,
                   .encoder = {.cell = CELL_lstm, .hidden = 30, .layers = 2, .bidirectional = true},
                   .decoder = {.cell = CELL_lstm, .hidden = 50, .layers = 2, .residual = true, .init = INIT_mean},
                   .attention = {.flow = FLOW_bahdanau,
                                 .score = SCORE_additive,
                                 .scope = SCOPE_local_p,
                                 .window = 5,
                                 .size = 20,
                                 .input_feeding = true,
                                 .max_positions = 101},
                   .source_vocab = 500,
                   .target_vocab = 1000};
  ModelWork work = work_count(&c);
  /* two directions of layers over 40 and 60; W_k 20 x 60 */
  ck_assert_double_eq(work.source, 2 * 120 * (40 + 30) + 2 * 120 * (60 + 30) + 1200);
  /* layers over [40; 60] and 50; W_q and W_p 20 x 50; W_c 50 x (60 + 50 + 40); W_o 1000 x 50 */
  ck_assert_double_eq(work.target, 200 * (100 + 50) + 200 * (50 + 50) + 1000 + 1000 + 7500 + 50000);
}
END_TEST

/* One direction, the plain cell, scores without a matrix, and concat, whose matrix is [20, 50 + 30]. */
START_TEST(scores) {
  ModelConfig c = {.embedding = 40,
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
  const double source = 30 * 70, target = 50 * 90 + 50 * 80 + 50000;
  ck_assert_double_eq(work_count(&c).source, source);
  ck_assert_double_eq(work_count(&c).target, target);
  c.attention.score = SCORE_concat;
  ck_assert_double_eq(work_count(&c).source, source + 20 * 30);
  ck_assert_double_eq(work_count(&c).target, target + 20 * 50);
}
END_TEST

/* A conditional GRU of 50, two layers, over states of 30: the second GRU of its first layer reads them; the readout
 * [50, 30 + 50 + 40]. The flow says nothing then. */
START_TEST(cgru) {
  ModelConfig c = {.embedding = 40,
                   .encoder = {.cell = CELL_gru, .hidden = 30, .layers = 1},
                   .decoder = {.cell = CELL_cgru, .hidden = 50, .layers = 2, .init = INIT_last},
                   .attention = {.flow = FLOW_luong,
                                 .score = SCORE_location,
                                 .scope = SCOPE_global,
                                 .window = 5,
                                 .size = 20,
                                 .input_feeding = true,
                                 .max_positions = 101},
                   .source_vocab = 500,
                   .target_vocab = 1000};
  const double target = 150 * (40 + 50) + 150 * (30 + 50) + 150 * (50 + 50) + 50 * 120 + 50000;
  ck_assert_double_eq(work_count(&c).source, 90 * 70);
  ck_assert_double_eq(work_count(&c).target, target);
  c.attention.flow = FLOW_bahdanau;
  c.decoder.deep_output = true;
  ck_assert_double_eq(work_count(&c).target, target);
}
END_TEST

START_TEST(deep_output) {
  ModelConfig c = {.embedding = 40,
                   .encoder = {.cell = CELL_tanh, .hidden = 30, .layers = 1},
                   .decoder = {.cell = CELL_tanh, .hidden = 50, .layers = 1, .init = INIT_zero, .deep_output = true},
                   .attention = {.flow = FLOW_luong,
                                 .score = SCORE_location,
                                 .scope = SCOPE_local_m,
                                 .window = 5,
                                 .size = 20,
                                 .max_positions = 101},
                   .source_vocab = 500,
                   .target_vocab = 1000};
  ck_assert_double_eq(work_count(&c).target, 50 * 90 + 50 * (80 + 40) + 50000);
}
END_TEST

Suite *test_work(void);
Suite *test_work(void) {
  Suite *s = suite_create("work");
  TCase *t = tcase_create("work");
  tcase_add_test(t, bench_512);
  tcase_add_test(t, bahdanau);
  tcase_add_test(t, scores);
  tcase_add_test(t, cgru);
  tcase_add_test(t, deep_output);
  suite_add_tcase(s, t);
  return s;
}
