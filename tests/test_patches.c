/* Models whose sources are regions: what is read of them by hand, the model against itself as test_model.c has it for
 * words, and gradients. */
#include "nn/patches.h"

#include <check.h>
#include <string.h>

#include "tiny.h"
#include "whole.h"

enum { N_PAIRS = 3, PATCH = 2, SIZE = PATCH * PATCH };

static const double NEAR = REAL_IS_DOUBLE ? 1e-6 : 1e-5;

static const int32_t words[] = {4, 6, 5, 4, 5, 6, 6};
static const float numbers[] = {.1F, .9F, .3F, 0,   .7F, .2F, 1,   .4F, .6F, .5F, .8F, 0,
                                1,   .3F, .2F, .9F, .4F, .1F, .6F, .7F, 0,   .8F, .5F, .2F};
/* Two rows of three patches, one of two, and one alone. */
static const Regions images[N_PAIRS] = {{numbers, 6, SIZE, 3}, {numbers + 4, 2, SIZE, 2}, {numbers + 8, 1, SIZE, 1}};
static const IdPair pairs[N_PAIRS] = {{{.at = words, .n = 6, .regions = &images[0]}, {.at = words + 1, .n = 3}},
                                      {{.at = words, .n = 2, .regions = &images[1]}, {.at = words + 2, .n = 1}},
                                      {{.at = words, .n = 1, .regions = &images[2]}, {.at = words, .n = 0}}};

enum { N_KINDS = TINY_KINDS, N_FORMS = 2 };

static ModelConfig config_of(int kind, bool matrices) {
  ModelConfig c = tiny_config(kind);
  c.encoder.patch = matrices ? 0 : PATCH;
  c.encoder.features = matrices ? SIZE : 0;
  c.encoder.max_side = 3;
  return c;
}

static Model *new_model(int kind, bool matrices) {
  ModelConfig c = config_of(kind, matrices);
  return whole_model(&c, 8);
}

static Tape tape_of(const Model *model) { return (Tape){.arena = arena_new(), .params = &model->params}; }

/* x = W f + b + row[r] + column[c], number by number; rows of two images in turn. */
START_TEST(x_by_hand) {
  Model *model = new_model(0, _i == 1);
  Tape tape = tape_of(model);
  static const int sentence[] = {0, 1, 0, 1, 0}, step[] = {0, 0, 1, 1, 5};
  const Ids sources[] = {pairs[0].source, pairs[1].source};
  const Rows rows = {5, sentence, step};
  const Tensor *x = patches_run(&model->encoder.patches, &tape, &rows, sources);
  const ParamSet *set = &model->params;
  const real *w = param_values(set, param_find(set, "encoder.patch.weight")),
             *b = param_values(set, param_find(set, "encoder.patch.bias"));
  int size = model->config.embedding;
  ck_assert_int_eq(param_find(set, "encoder.embedding.weight"), -1);
  ck_assert_int_eq(param_find(set, "encoder.patch.row.weight") < 0, _i == 1);
  for (int r = 0; r < rows.n; r++)
    for (int e = 0; e < size; e++) {
      const Regions *image = &images[sentence[r]];
      double want = (double)b[e];
      for (int k = 0; k < SIZE; k++) want += (double)w[e * SIZE + k] * (double)image->at[step[r] * SIZE + k];
      if (_i == 0) {
        const real *row = param_values(set, param_find(set, "encoder.patch.row.weight")),
                   *column = param_values(set, param_find(set, "encoder.patch.column.weight"));
        want += (double)row[step[r] / image->columns * size + e] + (double)column[step[r] % image->columns * size + e];
      }
      ck_assert_double_eq_tol((double)tensor_row(x, r)[e], want, NEAR);
    }
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

static void check_scores(const ModelScore *a, const ModelScore *b) {
  ck_assert_int_eq(a->n_target, b->n_target);
  ck_assert_int_eq(a->n_source, b->n_source);
  for (int t = 0; t < a->n_target; t++) ck_assert_double_eq_tol((double)a->logprob[t], (double)b->logprob[t], NEAR);
  for (int i = 0; i < a->n_target * a->n_source; i++)
    ck_assert_double_eq_tol((double)a->weights[i], (double)b->weights[i], NEAR);
}

START_TEST(alone_as_in_a_batch) {
  Model *model = new_model(_i / N_FORMS, _i % N_FORMS == 1);
  Tape tape = tape_of(model);
  ModelScore together[N_PAIRS], alone;
  model_score(model, &tape, pairs, N_PAIRS, together);
  for (int b = 0; b < N_PAIRS; b++) {
    model_score(model, &tape, &pairs[b], 1, &alone);
    check_scores(&together[b], &alone);
    ck_assert_int_eq(alone.n_source, images[b].n); /* no </s> */
  }
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

START_TEST(searched_as_scored) {
  Model *model = new_model(_i / N_FORMS, _i % N_FORMS == 1);
  Ids sources[N_PAIRS];
  for (int b = 0; b < N_PAIRS; b++) sources[b] = pairs[b].source;
  whole_searched_as_scored(model, sources, N_PAIRS);
  model_free(model);
}
END_TEST

/* What regions are read through does not hang on what stands above it: an encoder of each order of rows. */
START_TEST(gradients) {
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 0.5}}, .smoothing = 0.1};
  ModelConfig c = config_of(0, _i % N_FORMS == 1);
  c.encoder.type = (const EncoderKind[]){ENCODER_rnn, ENCODER_none, ENCODER_transformer}[_i / N_FORMS];
  c.decoder.init = INIT_mean;
  c.positions = POSITION_sinusoidal;
  c.embedding = 8;
  c.heads = 2;
  c.feed_forward = 6;
  c.activation = ACTIVATION_gelu;
  Model *model = whole_model(&c, 8);
  whole_gradients(model, pairs, N_PAIRS, &aim);
  model_free(model);
}
END_TEST

Suite *test_patches(void);
Suite *test_patches(void) {
  Suite *suite = suite_create("patches");
  TCase *tcase = tcase_create("patches");
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, x_by_hand, 0, N_FORMS);
  tcase_add_loop_test(tcase, alone_as_in_a_batch, 0, N_KINDS * N_FORMS);
  tcase_add_loop_test(tcase, searched_as_scored, 0, N_KINDS * N_FORMS);
  tcase_add_loop_test(tcase, gradients, 0, 3 * N_FORMS);
  suite_add_tcase(suite, tcase);
  return suite;
}
