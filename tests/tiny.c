#include "tiny.h"

#include <check.h>
#include <string.h>

/* Gains stay 1: each would magnify the rounding of what it normalises. Embeddings of unit variance are large already.
 */
static void start(Model *model, uint64_t seed, real scale) {
  ParamSet *set = &model->params;
  param_start(set, seed);
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    bool stays = set->params[p].start == START_ONE || set->params[p].start == START_UNIT;
    for (int i = 0; i < t.rows * t.cols && !stays; i++) t.x[i] *= scale;
  }
}

static ModelConfig recurrent(int kind) {
  static const struct {
    CellKind cell;
    FlowKind flow;
    ScoreKind score;
    ScopeKind scope;
    int layers;
    bool feeding, deep, normed;
    CoverageKind coverage;
  } kinds[TINY_RECURRENT] = {
      {CELL_gru, FLOW_luong, SCORE_general, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_luong, SCORE_dot, SCOPE_local_p, 2, true, false, false, COVERAGE_none},
      {CELL_gru, FLOW_bahdanau, SCORE_additive, SCOPE_global, 1, true, false, false, COVERAGE_count},
      {CELL_tanh, FLOW_luong, SCORE_location, SCOPE_local_m, 1, false, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_bahdanau, SCORE_concat, SCOPE_global, 1, false, false, false, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_gaussian, SCOPE_global, 2, false, false, false, COVERAGE_none},
      {CELL_cgru, FLOW_luong, SCORE_additive, SCOPE_local_p, 2, true, false, false, COVERAGE_none},
      {CELL_tanh, FLOW_luong, SCORE_general, SCOPE_global, 1, true, true, false, COVERAGE_none},
      {CELL_lstm, FLOW_luong, SCORE_additive, SCOPE_global, 2, true, false, true, COVERAGE_fertility},
      {CELL_cgru, FLOW_luong, SCORE_concat, SCOPE_local_m, 1, true, false, true, COVERAGE_count},
      {CELL_gru, FLOW_luong, SCORE_concat, SCOPE_global, 1, false, false, false, COVERAGE_fertility},
      {CELL_gru, FLOW_luong, SCORE_general, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_bahdanau, SCORE_additive, SCOPE_local_m, 2, false, false, true, COVERAGE_count},
      {CELL_cgru, FLOW_luong, SCORE_dot, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_cosine, SCOPE_global, 1, false, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_bahdanau, SCORE_additive, SCOPE_global, 1, true, false, false, COVERAGE_count},
      {CELL_cgru, FLOW_luong, SCORE_cosine, SCOPE_local_m, 1, true, false, true, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_aoa, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_bahdanau, SCORE_aoa, SCOPE_global, 2, false, false, false, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_additive, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_general, SCOPE_global, 1, true, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_bahdanau, SCORE_additive, SCOPE_local_p, 1, false, false, false, COVERAGE_count},
      {CELL_cgru, FLOW_luong, SCORE_dot, SCOPE_local_m, 1, true, false, true, COVERAGE_none},
      {CELL_gru, FLOW_luong, SCORE_concat, SCOPE_global, 1, false, false, false, COVERAGE_none},
      {CELL_lstm, FLOW_luong, SCORE_general, SCOPE_local_p, 2, true, true, false, COVERAGE_none},
  };
  /* At most so many steps a token, on both sides. */
  static const int ponders[TINY_RECURRENT] = {[11] = 4, [12] = 3, [13] = 3};
  CellKind cell = kinds[kind].cell;
  const ActConfig act = {ponders[kind], 0.01, 0.01, 0};
  return (ModelConfig){.embedding = 5,
                       .layer_norm = kinds[kind].normed,
                       .encoder = {.cell = cell == CELL_cgru ? CELL_gru : cell,
                                   .hidden = 4,
                                   .layers = kinds[kind].layers,
                                   .bidirectional = true,
                                   .act = act},
                       .decoder = {.cell = cell,
                                   .act = act,
                                   .hidden = 8,
                                   .layers = kinds[kind].layers,
                                   .init = INIT_last,
                                   .deep_output = kinds[kind].deep},
                       .attention = {kinds[kind].flow, kinds[kind].score, kinds[kind].scope, 2, 8, kinds[kind].feeding,
                                     32, .coverage = kinds[kind].coverage},
                       .source_vocab = TINY_VOCAB,
                       .target_vocab = TINY_VOCAB};
}

/* Kinds with other encoders or decoders than recurrent ones, self-attention or heads. */
static const struct {
  EncoderKind encoder;
  DecoderKind decoder;
  int on_top, window;
  PositionKind positions;
  NormPlace norm;
  ActivationKind activation;
  PatternKind pattern;
  ScoreKind score;
  ScopeKind scope;
  TieKind tie;
} others[TINY_KINDS - TINY_RECURRENT] = {
    {ENCODER_transformer, DECODER_transformer, 0, 0, POSITION_sinusoidal, NORM_pre, ACTIVATION_relu, PATTERN_qkv,
     SCORE_scaled_dot, SCOPE_global, TIE_none},
    {ENCODER_transformer, DECODER_transformer, 0, 0, POSITION_learned, NORM_post, ACTIVATION_gelu, PATTERN_qvv,
     SCORE_additive, SCOPE_local_p, TIE_all},
    {ENCODER_rnn, DECODER_transformer, 1, 1, POSITION_rotary, NORM_pre, ACTIVATION_swiglu, PATTERN_qkv, SCORE_general,
     SCOPE_local_m, TIE_target},
    {ENCODER_transformer, DECODER_rnn, 0, 0, POSITION_sinusoidal_concat, NORM_post, ACTIVATION_relu, PATTERN_none,
     SCORE_general, SCOPE_global, TIE_none},
    {ENCODER_none, DECODER_rnn, 1, 1, POSITION_none, NORM_none, ACTIVATION_relu, PATTERN_qkv, SCORE_scaled_dot,
     SCOPE_global, TIE_none},
    {ENCODER_none, DECODER_transformer, 1, 0, POSITION_flow, NORM_pre, ACTIVATION_relu, PATTERN_vvv, SCORE_gaussian,
     SCOPE_global, TIE_none},
    {ENCODER_rnn, DECODER_rnn, 1, 1, POSITION_none, NORM_post, ACTIVATION_gelu, PATTERN_vvv, SCORE_concat,
     SCOPE_local_p, TIE_none},
    {ENCODER_transformer, DECODER_transformer, 1, 1, POSITION_rotary, NORM_post, ACTIVATION_relu, PATTERN_qkv,
     SCORE_dot, SCOPE_global, TIE_none},
    {ENCODER_rnn, DECODER_rnn, 0, 0, POSITION_none, NORM_pre, ACTIVATION_relu, PATTERN_qvv, SCORE_dot, SCOPE_local_m,
     TIE_none},
    {ENCODER_transformer, DECODER_transformer, 0, 0, POSITION_sinusoidal, NORM_pre, ACTIVATION_relu, PATTERN_qkv,
     SCORE_cosine, SCOPE_global, TIE_none},
    {ENCODER_rnn, DECODER_rnn, 0, 0, POSITION_none, NORM_pre, ACTIVATION_relu, PATTERN_qkv, SCORE_general, SCOPE_global,
     TIE_none},
    {ENCODER_conv, DECODER_rnn, 0, 0, POSITION_sinusoidal, NORM_pre, ACTIVATION_relu, PATTERN_none, SCORE_additive,
     SCOPE_global, TIE_none},
    {ENCODER_conv, DECODER_transformer, 0, 0, POSITION_learned, NORM_post, ACTIVATION_relu, PATTERN_qkv,
     SCORE_scaled_dot, SCOPE_global, TIE_none},
    {ENCODER_conv, DECODER_rnn, 1, 1, POSITION_relative, NORM_pre, ACTIVATION_relu, PATTERN_none, SCORE_general,
     SCOPE_local_p, TIE_target},
    {ENCODER_graph, DECODER_rnn, 0, 0, POSITION_sinusoidal, NORM_pre, ACTIVATION_relu, PATTERN_none, SCORE_general,
     SCOPE_global, TIE_none},
    {ENCODER_graph, DECODER_transformer, 0, 0, POSITION_none, NORM_post, ACTIVATION_relu, PATTERN_qkv, SCORE_scaled_dot,
     SCOPE_global, TIE_none},
    {ENCODER_graph, DECODER_rnn, 1, 1, POSITION_rotary, NORM_none, ACTIVATION_relu, PATTERN_none, SCORE_additive,
     SCOPE_global, TIE_target},
    {ENCODER_transformer, DECODER_transformer, 0, 0, POSITION_sinusoidal, NORM_pre, ACTIVATION_relu, PATTERN_qkv,
     SCORE_scaled_dot, SCOPE_global, TIE_none},
    {ENCODER_transformer, DECODER_rnn, 1, 0, POSITION_learned, NORM_post, ACTIVATION_relu, PATTERN_none, SCORE_general,
     SCOPE_global, TIE_none},
    {ENCODER_transformer, DECODER_rnn, 0, 0, POSITION_relative, NORM_pre, ACTIVATION_gelu, PATTERN_none, SCORE_additive,
     SCOPE_global, TIE_none},
};

static ModelConfig attending(int kind) {
  ModelConfig c = {.embedding = 8,
                   .heads = 2,
                   .feed_forward = 6,
                   .activation = others[kind].activation,
                   .norm = others[kind].norm,
                   .final_norm = others[kind].norm == NORM_pre,
                   .positions = others[kind].positions,
                   .max_positions = 40,
                   .max_distance = 2,
                   .flow_steps = 2,
                   .tie_embeddings = others[kind].tie,
                   .encoder = {.cell = CELL_gru,
                               .hidden = 4,
                               .layers = 2,
                               .bidirectional = true,
                               .type = others[kind].encoder,
                               .conv = {.width = 3, .channels = 6},
                               .graph = {.kind = kind % 2 == 0 ? GRAPH_gatv2 : GRAPH_gat,
                                         .heads = 2,
                                         .window = 1,
                                         .norm = others[kind].norm},
                               .self_attention = {.layers = others[kind].on_top,
                                                  .heads = 2,
                                                  .window = others[kind].window,
                                                  .feed_forward = others[kind].norm == NORM_none ? 0 : 7,
                                                  .norm = others[kind].norm,
                                                  .pattern = PATTERN_qkv}},
                   .decoder = {.cell = CELL_gru,
                               .hidden = 8,
                               .layers = 2,
                               .init = others[kind].encoder == ENCODER_rnn ? INIT_last : INIT_mean,
                               .type = others[kind].decoder},
                   .attention = {.flow = kind % 2 == 0 ? FLOW_luong : FLOW_bahdanau,
                                 .score = others[kind].score,
                                 .scope = others[kind].scope,
                                 .window = 2,
                                 .size = 8,
                                 .input_feeding = true,
                                 .max_positions = 32,
                                 .heads = others[kind].pattern == PATTERN_none ? 1 : 2,
                                 .pattern = others[kind].pattern},
                   .source_vocab = TINY_VOCAB,
                   .target_vocab = TINY_VOCAB};
  return c;
}

/* Two recurrent kinds and two others have a head that moves. */
static bool has_head(int kind) {
  return kind == 14 || kind == 15 || kind == TINY_RECURRENT + 9 || kind == TINY_RECURRENT + 10;
}

/* The last recurrent kinds look at one position. */
static const HardConfig hard[] = {
    {ESTIMATOR_reinforce, 0.5, 0.01, 0.5, BASELINE_moving, 0, 1, INFERENCE_argmax},
    {ESTIMATOR_reinforce, 0.5, 0.01, 0.5, BASELINE_soft, 0, 1, INFERENCE_sample},
    {ESTIMATOR_marginal, 0, 0, 0, BASELINE_moving, 2, 1, INFERENCE_marginal},
    {ESTIMATOR_gumbel, 0, 0, 0, BASELINE_moving, 3, 0.5, INFERENCE_expectation},
    {ESTIMATOR_straight_through, 0, 0, 0, BASELINE_moving, 0, 1, INFERENCE_marginal},
};

/* The last kinds: one layer of at most so many steps; 0: of two. */
static void make_universal(ModelConfig *c, int i) {
  static const int ponders[TINY_KINDS - TINY_UNIVERSAL] = {5, 4, 0};
  c->encoder.universal = true;
  c->encoder.window = 1;
  c->encoder.act = (ActConfig){ponders[i], 0.01, 0.01, 0};
}

ModelConfig tiny_config(int kind) {
  ModelConfig c = kind < TINY_RECURRENT ? recurrent(kind) : attending(kind - TINY_RECURRENT);
  c.attention.focus = has_head(kind) ? FOCUS_ntm : FOCUS_soft;
  c.attention.ntm = (NtmConfig){1 + kind % 2, kind % 2 == 0, kind % 3 == 0 ? NTM_uniform : NTM_first};
  if (kind >= TINY_HARD && kind < TINY_RECURRENT) {
    c.attention.focus = FOCUS_hard;
    c.attention.hard = hard[kind - TINY_HARD];
  }
  if (kind == 19) c.attention.conv = (WeightConvConfig){.filters = 2, .width = 3};
  if (kind >= TINY_UNIVERSAL) make_universal(&c, kind - TINY_UNIVERSAL);
  return c;
}

int tiny_kind_of(EncoderKind encoder) {
  for (int kind = 0; kind < TINY_KINDS; kind++)
    if (tiny_config(kind).encoder.type == encoder) return kind;
  ck_abort_msg("no kind has encoder %d", (int)encoder);
}

Model *tiny_model(int kind, uint64_t seed) {
  const ModelConfig c = tiny_config(kind);
  Model *model = model_new(&c);
  start(model, seed, kind < TINY_RECURRENT ? 3 : 2);
  return model;
}

Noise tiny_noise(double p, uint64_t seed, uint64_t update, const int *row) {
  Noise noise = {.seed = seed, .update = update, .row = row, .draws = true};
  for (int place = 0; place < N_NOISE_PLACES; place++) noise.p[place] = p;
  return noise;
}

ModelScore tiny_score(const Model *model, Arena *arena, Ids source, Ids target) {
  Tape tape = {.arena = arena, .params = &model->params};
  IdPair pair = {source, target};
  ModelScore score;
  model_score(model, &tape, &pair, 1, &score);
  return score;
}

Translator *tiny_translator(uint64_t seed, const char *score, const char *target) {
  static const char source[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]";
  Err err = {0};
  Config config;
  Str set = {0};
  str_addf(&set, "model.attention.score=%s", score);
  const char *const sets[] = {"model.embedding=5", "model.encoder.hidden=4", "model.decoder.hidden=8",
                              "data.max_length=5", str_text(&set)};
  if (target == NULL) target = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"x\",\"y\",\"z\"]";
  ck_assert_msg(config_load(&config, NULL, sets, 5, NULL, &err), "%s", err.text);
  Vocab *from = vocab_from_json(source, strlen(source), "source", &err);
  Vocab *to = vocab_from_json(target, strlen(target), "target", &err);
  ck_assert_msg(from != NULL && to != NULL, "%s", err.text);
  Translator *translator = translator_new(&config, tokenizer_new(config.vocab.source.tokenizer, false, NULL), from,
                                          tokenizer_new(config.vocab.target.tokenizer, false, NULL), to);
  start(translator->model, seed, 3);
  str_free(&set);
  return translator;
}
