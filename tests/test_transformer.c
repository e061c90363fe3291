/* What config keys make of Transformer stacks: whose sizes, heads and start values each of them has. */
#include <check.h>

#include "nn/model.h"
#include "tiny.h"

static ParamStart start_of(const Model *model, const char *name) {
  int p = param_find(&model->params, name);
  ck_assert_msg(p >= 0, "%s", name);
  return model->params.params[p].start;
}

/* Words that are read times sqrt(E) start with variance 1 / E; a matrix of both sides as the decoder wants it. */
START_TEST(words_start_in_the_scale_they_are_read_in) {
  static const struct {
    EncoderKind encoder;
    DecoderKind decoder;
    ParamStart source, target;
  } rows[] = {{ENCODER_rnn, DECODER_rnn, START_EMBEDDING, START_EMBEDDING},
              {ENCODER_rnn, DECODER_transformer, START_EMBEDDING, START_UNIT},
              {ENCODER_transformer, DECODER_rnn, START_UNIT, START_EMBEDDING},
              {ENCODER_none, DECODER_rnn, START_UNIT, START_EMBEDDING},
              {ENCODER_transformer, DECODER_transformer, START_UNIT, START_UNIT}};
  ModelConfig c = tiny_config(TINY_RECURRENT);
  c.encoder.type = rows[_i].encoder;
  c.decoder.type = rows[_i].decoder;
  c.decoder.init = INIT_mean;
  for (TieKind tie = TIE_none; tie <= TIE_all; tie++) {
    c.tie_embeddings = tie;
    Model *model = model_declare(&c);
    ck_assert_int_eq(start_of(model, "decoder.embedding.weight"), rows[_i].target);
    if (tie == TIE_all) ck_assert_int_lt(param_find(&model->params, "encoder.embedding.weight"), 0);
    else ck_assert_int_eq(start_of(model, "encoder.embedding.weight"), rows[_i].source);
    model_free(model);
  }
}
END_TEST

static void check_shape(const Model *model, const char *name, int rows, int cols) {
  int p = param_find(&model->params, name);
  ck_assert_msg(p >= 0, "%s", name);
  ck_assert_msg(model->params.params[p].rows == rows && model->params.params[p].cols == cols, "%s is [%d,%d]", name,
                model->params.params[p].rows, model->params.params[p].cols);
}

/* Four heads on top of an embedding of 8, where model.heads is 2; positions are those of the heads that read them. */
START_TEST(self_attention_on_top_has_heads_of_its_own) {
  static const int32_t words[] = {4, 5, 6};
  ModelConfig c = tiny_config(TINY_RECURRENT);
  c.encoder.type = ENCODER_none;
  c.positions = POSITION_relative;
  c.encoder.self_attention = (SelfAttentionConfig){.layers = 1, .heads = 4, .pattern = PATTERN_qkv};
  Model *model = model_new(&c);
  param_start(&model->params, 1);
  check_shape(model, "encoder.self_attention.layers.0.self_attn.relative_key", 2 * c.max_distance + 1, 8 / 4);
  check_shape(model, "decoder.layers.0.self_attn.relative_key", 2 * c.max_distance + 1, 8 / 2);
  Tape tape = {.arena = arena_new(), .params = &model->params};
  const Ids source = {words, 3};
  const Encoded *encoded = encoder_run(&model->encoder, &tape, &source, 1, NULL);
  ck_assert_int_eq(encoded->n_attended, 1);
  ck_assert_int_eq(encoded->attended[0].self->cols, 4 * (3 + 1));
  arena_free(tape.arena);
  model_free(model);
}
END_TEST

static ModelConfig config_of(const char *const *sets, int n) {
  Err err = {0};
  Config config;
  ck_assert_msg(config_load(&config, NULL, sets, n, NULL, &err), "%s", err.text);
  ModelConfig model = config.model;
  config_free(&config);
  return model;
}

/* What is not given follows from the kinds of the two sides, and on top of an encoder from the size of its states. */
START_TEST(defaults_follow_the_kinds) {
  static const char *const post[] = {"model.norm=post", "model.embedding=20", "model.encoder.hidden=12",
                                     "model.encoder.self_attention.layers=1", "model.encoder.self_attention.norm=none"};
  static const char *const both[] = {"model.encoder.type=transformer", "model.decoder.type=transformer"};
  ModelConfig c = config_of(post, 4);
  ck_assert_int_eq(c.encoder.self_attention.norm, NORM_post);
  ck_assert_int_eq(c.encoder.self_attention.feed_forward, 4 * 2 * 12);
  ck_assert_double_eq(c.dropout_output, 0.2);
  c = config_of(post, 5);
  ck_assert_int_eq(c.encoder.self_attention.feed_forward, 0);
  c = config_of(both, 2);
  ck_assert_double_eq(c.dropout, 0.2);
  ck_assert_double_eq(c.dropout_embedding, 0.2);
  ck_assert_double_eq(c.dropout_output, 0);
  ck_assert_int_eq(c.feed_forward, 4 * 256);
  ck_assert_int_eq(c.encoder.layers, 4);
  ck_assert_int_eq(c.decoder.layers, 4);
}
END_TEST

/* Learned positions limit a side that has them. */
START_TEST(learned_positions_limit_their_own_side) {
  ModelConfig c = tiny_config(TINY_RECURRENT);
  c.positions = POSITION_learned;
  c.max_positions = 9;
  ck_assert_int_eq(model_config_longest(&c).source.tokens, 8);
  ck_assert_int_eq(model_config_longest(&c).target.tokens, 8);
  c.encoder.type = ENCODER_rnn;
  ck_assert_int_eq(model_config_longest(&c).source.tokens, INT_MAX);
  ck_assert_int_eq(model_config_longest(&c).target.tokens, 8);
  c.encoder.type = ENCODER_none;
  c.decoder.type = DECODER_rnn;
  ck_assert_int_eq(model_config_longest(&c).source.tokens, 8);
  ck_assert_int_eq(model_config_longest(&c).target.tokens, INT_MAX);
}
END_TEST

Suite *test_transformer(void);
Suite *test_transformer(void) {
  Suite *s = suite_create("transformer");
  TCase *t = tcase_create("transformer");
  tcase_add_loop_test(t, words_start_in_the_scale_they_are_read_in, 0, 5);
  tcase_add_test(t, self_attention_on_top_has_heads_of_its_own);
  tcase_add_test(t, defaults_follow_the_kinds);
  tcase_add_test(t, learned_positions_limit_their_own_side);
  suite_add_tcase(s, t);
  return s;
}
