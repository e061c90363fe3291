/* Which dropout masks a model asks for. With one sentence whose place is reached by one step, a dropped unit is a
 * column without gradient in the weights that read it: every layer, direction and place has a mask of its own. */
#include <check.h>
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
  const IdPair pair = {{&word, place == NOISE_ENCODER ? 0 : 1}, {&word, 0}};
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

Suite *test_masks(void);
Suite *test_masks(void) {
  Suite *s = suite_create("masks");
  TCase *t = tcase_create("masks");
  tcase_add_test(t, every_layer_and_place_has_its_own);
  tcase_add_test(t, every_recurrent_state_has_its_own);
  suite_add_tcase(s, t);
  return s;
}
