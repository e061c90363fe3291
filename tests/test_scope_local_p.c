/* What is told of local_p: p_t of every row, in scoring and in search. */
#include <check.h>
#include <math.h>

#include "search/beam.h"
#include "search/score.h"
#include "tiny.h"

enum { WINDOW = 2 };

/* With a width of 0 the Gaussian score is the same for all positions, so that a row of weights within its window is a
 * Gaussian of sigma = WINDOW / 2 around p_t and nothing else. */
static Model *open_model(FlowKind flow, CellKind cell, bool feeding, ScopeKind scope) {
  ModelConfig c = {.embedding = 5,
                   .encoder = {.cell = CELL_gru, .hidden = 4, .layers = 1, .bidirectional = true},
                   .decoder = {.cell = cell, .hidden = 8, .layers = 1, .init = INIT_last},
                   .attention = {.flow = flow,
                                 .score = SCORE_gaussian,
                                 .scope = scope,
                                 .window = WINDOW,
                                 .size = 8,
                                 .input_feeding = feeding,
                                 .max_positions = 32},
                   .source_vocab = TINY_VOCAB,
                   .target_vocab = TINY_VOCAB};
  Model *model = model_new(&c);
  param_start(&model->params, 5);
  for (int p = 0; p < model->params.n_params; p++) {
    Tensor t = param_tensor(&model->params, p, NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] *= 3;
  }
  param_tensor(&model->params, param_find(&model->params, "attention.width"), NULL).x[0] = 0;
  param_changed(&model->params);
  return model;
}

/* Of neighbours i and i + 1 of a row, log a_i - log a_{i+1} = (2 i + 1 - 2 p) / (2 sigma^2), sigma being 1. */
static void expect_centres(const Hypothesis *h) {
  int found = 0;
  ck_assert_ptr_nonnull(h->centre);
  for (int t = 0; t < h->n_target; t++) {
    const float *row = h->weights + t * h->n_source;
    for (int i = 0; i + 1 < h->n_source; i++) {
      if (!(row[i] > 0 && row[i + 1] > 0)) continue;
      double p = i + 0.5 - (log((double)row[i]) - log((double)row[i + 1]));
      ck_assert_double_eq_tol(h->centre[t], p, 1e-4);
      found++;
    }
    for (int i = 0; i < h->n_source; i++) ck_assert_int_eq(row[i] > 0, fabs(i - h->centre[t]) <= WINDOW);
  }
  ck_assert_int_ge(found, h->n_target);
}

static const int32_t source[] = {4, 5, 6, 4, 5, 6, 6, 5, 4, 4}, target[] = {4, 6, 5};

static const struct {
  FlowKind flow;
  CellKind cell;
  bool feeding;
} kinds[] = {{FLOW_luong, CELL_gru, true},
             {FLOW_luong, CELL_lstm, false},
             {FLOW_bahdanau, CELL_tanh, true},
             {FLOW_luong, CELL_cgru, true}};

START_TEST(told) {
  Model *model = open_model(kinds[_i].flow, kinds[_i].cell, kinds[_i].feeding, SCOPE_local_p);
  Model *other = open_model(kinds[_i].flow, kinds[_i].cell, kinds[_i].feeding, SCOPE_global);
  const Model *const models[] = {model, model}, *const global[] = {other};
  Pool *pool = pool_new(1);
  IdPair pair = {{source, 10}, {target, 3}};
  Hypothesis h;
  for (int n = 1; n <= 3; n++) { /* one, two as an ensemble, one with another scope */
    Score *score = score_new(n == 3 ? global : models, n == 3 ? 1 : n, pool);
    score_pairs(score, &pair, 1, 1, &h);
    if (n == 1) expect_centres(&h);
    else ck_assert_ptr_null(h.centre);
    score_free(score);
    Arena *out = arena_new();
    Beam *beam = beam_new(n == 3 ? global : models, n == 3 ? 1 : n);
    uint64_t number = 0;
    BeamResult result;
    BeamOptions options = {
        .beam_size = 3, .n_best = 3, .length_penalty = 1, .max_length_ratio = 1, .temperature = 1, .weights = true};
    beam_search(beam, &pair.source, &number, 1, &options, out, &result);
    for (int i = 0; i < result.n; i++)
      if (n == 1) expect_centres(&result.best[i]);
      else ck_assert_ptr_null(result.best[i].centre);
    beam_free(beam);
    arena_free(out);
  }
  pool_free(pool);
  model_free(model);
  model_free(other);
}
END_TEST

Suite *test_scope_local_p(void);
Suite *test_scope_local_p(void) {
  Suite *s = suite_create("scope_local_p");
  TCase *t = tcase_create("scope_local_p");
  tcase_add_loop_test(t, told, 0, sizeof kinds / sizeof *kinds);
  suite_add_tcase(s, t);
  return s;
}
