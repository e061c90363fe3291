/* Which dropout masks a model asks for. With one sentence whose place is reached by one step, a dropped unit is a
 * column without gradient in the weights that read it: every layer, direction and place has a mask of its own. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "nn/model.h"

enum { UNITS = 32, LAYERS = 3 };

static Model *layered(void) {
  const ModelConfig c = {.embedding = 4,
                         .encoder = {.cell = CELL_gru, .hidden = UNITS, .layers = LAYERS, .bidirectional = true},
                         .decoder = {.cell = CELL_gru, .hidden = UNITS, .layers = LAYERS, .init = INIT_last},
                         .attention = {.flow = FLOW_luong,
                                       .score = SCORE_general,
                                       .scope = SCOPE_global,
                                       .window = 2,
                                       .size = 8,
                                       .max_positions = 32},
                         .source_vocab = 7,
                         .target_vocab = 7};
  Model *model = model_new(&c);
  param_start(&model->params, 3);
  return model;
}

/* The gradient of a pair without a target word: the decoder takes one step, from states that the encoder gives it. With
 * a source of one word and `</s>` each direction of the encoder reads one state that is not zero; without it each of
 * its layers takes one step. */
static real *gradient(const Model *model, NoisePlace place) {
  static const int32_t word = 4;
  static const int row = 11;
  Noise noise = {.seed = 1, .update = 5, .row = &row};
  noise.p[place] = 0.5;
  Tape tape = {.arena = arena_new(), .params = &model->params, .recording = true};
  tape.grads = param_block(&model->params, "gradients");
  const IdPair pair = {{&word, place == NOISE_ENCODER || place >= NOISE_SUBLAYER ? 0 : 1}, {&word, 0}};
  (void)model_loss(model, &tape, &pair, 1, &noise, (XentOptions){0, 1});
  tape_backward(&tape);
  arena_free(tape.arena);
  return tape.grads;
}

/* Bit j: column j of a weight matrix, one of the first UNITS, has a gradient. */
static uint32_t kept_units(const Model *model, real *grads, const char *name) {
  int p = param_find(&model->params, name);
  ck_assert_msg(p >= 0, "%s", name);
  Tensor w = param_tensor(&model->params, p, grads);
  uint32_t kept = 0;
  for (int r = 0; r < w.rows; r++)
    for (int j = 0; j < UNITS; j++) kept |= (uint32_t)(tensor_grad_row(&w, r)[j] != 0) << j;
  ck_assert_msg(kept != 0 && kept != UINT32_MAX, "%s: nothing was dropped, or all", name);
  return kept;
}

static void check_all_differ(const uint32_t *kept, int n) {
  for (int a = 0; a < n; a++)
    for (int b = 0; b < a; b++) ck_assert_msg(kept[a] != kept[b], "masks %d and %d of %d are one", a, b, n);
}

/* names [n] */
static void masks_of(NoisePlace place, const char *const *names, int n, uint32_t *kept) {
  Model *model = layered();
  real *grads = gradient(model, place);
  for (int k = 0; k < n; k++) kept[k] = kept_units(model, grads, names[k]);
  mem_free(grads);
  model_free(model);
}

START_TEST(every_layer_and_place_has_its_own) {
  static const char *const encoder[] = {"encoder.rnn.weight_ih_l1", "encoder.rnn.weight_ih_l2"};
  static const char *const decoder[] = {"decoder.rnn.weight_ih_l1", "decoder.rnn.weight_ih_l2"};
  uint32_t kept[4];
  masks_of(NOISE_ENCODER, encoder, 2, kept);
  masks_of(NOISE_DECODER, decoder, 2, kept + 2);
  check_all_differ(kept, 4);
}
END_TEST

START_TEST(every_recurrent_state_has_its_own) {
  static const char *const encoder[] = {"encoder.rnn.weight_hh_l0",         "encoder.rnn.weight_hh_l1",
                                        "encoder.rnn.weight_hh_l2",         "encoder.rnn.weight_hh_l0_reverse",
                                        "encoder.rnn.weight_hh_l1_reverse", "encoder.rnn.weight_hh_l2_reverse"};
  static const char *const decoder[] = {"decoder.rnn.weight_hh_l0", "decoder.rnn.weight_hh_l1",
                                        "decoder.rnn.weight_hh_l2"};
  uint32_t kept[3 * LAYERS];
  masks_of(NOISE_ENCODER_STATE, encoder, 2 * LAYERS, kept);
  masks_of(NOISE_DECODER_STATE, decoder, LAYERS, kept + 2 * LAYERS);
  check_all_differ(kept, 3 * LAYERS);
}
END_TEST

/* A Transformer, with self-attention on top of its encoder, whose heads are a column each. */
static Model *attending(void) {
  const ModelConfig c = {
      .embedding = UNITS,
      .heads = UNITS,
      .feed_forward = UNITS,
      .activation = ACTIVATION_gelu,
      .final_norm = true,
      .positions = POSITION_sinusoidal,
      .encoder = {.layers = LAYERS,
                  .type = ENCODER_transformer,
                  .self_attention = {.layers = LAYERS, .heads = UNITS, .feed_forward = UNITS, .pattern = PATTERN_qkv}},
      .decoder = {.layers = LAYERS, .type = DECODER_transformer},
      .attention = {.score = SCORE_scaled_dot, .size = UNITS, .heads = UNITS, .pattern = PATTERN_qkv},
      .source_vocab = 7,
      .target_vocab = 7};
  Model *model = model_new(&c);
  param_start(&model->params, 3);
  return model;
}

/* One row a side, so that all rows have one id. What a part gives has a bias each of whose numbers is a unit; what is
 * dropped before a product is a column of its matrix. */
START_TEST(parts_of_transformer_layers_have_masks_of_their_own) {
  static const struct {
    NoisePlace place;
    const char *names[4]; /* behind the layer's; [3] of decoders only */
  } places[] = {
      {NOISE_SUBLAYER, {"self_attn.out_proj.bias", "linear2.bias", NULL, "multihead_attn.out_proj.bias"}},
      {NOISE_WEIGHTS, {"self_attn.out_proj.weight", NULL, NULL, "multihead_attn.out_proj.weight"}},
      {NOISE_ACTIVATION, {"linear2.weight", NULL, NULL, NULL}},
  };
  static const char *const stacks[] = {"encoder", "encoder.self_attention", "decoder"};
  Model *model = attending();
  real *grads = gradient(model, places[_i].place);
  uint32_t kept[3 * 3 * LAYERS];
  int n = 0;
  for (int i = 0; i < 3 * LAYERS * 4; i++) {
    int stack = i / 4 / LAYERS;
    const char *part = places[_i].names[i % 4];
    if (part == NULL || (i % 4 == 3 && stack < 2)) continue;
    char name[96];
    (void)snprintf(name, sizeof name, "%s.layers.%d.%s", stacks[stack], i / 4 % LAYERS, part);
    kept[n++] = kept_units(model, grads, name);
  }
  check_all_differ(kept, n);
  mem_free(grads);
  model_free(model);
}
END_TEST

/* Steps of one layer drop units of their own: what neither of two drops is more than what the first alone keeps. */
START_TEST(steps_of_a_universal_encoder_have_masks_of_their_own) {
  uint32_t kept[2];
  for (int n = 1; n <= 2; n++) {
    Model *layers = attending();
    ModelConfig c = layers->config;
    model_free(layers);
    c.encoder.universal = true;
    c.encoder.layers = n;
    Model *model = model_new(&c);
    param_start(&model->params, 3);
    real *grads = gradient(model, NOISE_ACTIVATION);
    kept[n - 1] = kept_units(model, grads, "encoder.layers.0.linear2.weight");
    mem_free(grads);
    model_free(model);
  }
  ck_assert_uint_eq(kept[0] & kept[1], kept[0]);
  ck_assert_uint_ne(kept[0], kept[1]);
}
END_TEST

Suite *test_masks(void);
Suite *test_masks(void) {
  Suite *s = suite_create("masks");
  TCase *t = tcase_create("masks");
  tcase_add_test(t, every_layer_and_place_has_its_own);
  tcase_add_test(t, every_recurrent_state_has_its_own);
  tcase_add_loop_test(t, parts_of_transformer_layers_have_masks_of_their_own, 0, 3);
  tcase_add_test(t, steps_of_a_universal_encoder_have_masks_of_their_own);
  suite_add_tcase(s, t);
  return s;
}
