#include "tiny.h"

#include <check.h>
#include <string.h>

/* Gains stay 1: each would magnify the rounding of what it normalises. */
static void start(Model *model, uint64_t seed) {
  ParamSet *set = &model->params;
  param_start(set, seed);
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    for (int i = 0; i < t.rows * t.cols && set->params[p].start != START_ONE; i++) t.x[i] *= 3;
  }
}

Model *tiny_model(int kind, uint64_t seed) {
  static const struct {
    CellKind cell;
    FlowKind flow;
    ScoreKind score;
    ScopeKind scope;
    int layers;
    bool feeding, deep, normed;
    CoverageKind coverage;
  } kinds[TINY_KINDS] = {
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
  };
  CellKind cell = kinds[kind].cell;
  ModelConfig c = {.embedding = 5,
                   .layer_norm = kinds[kind].normed,
                   .encoder = {.cell = cell == CELL_cgru ? CELL_gru : cell,
                               .hidden = 4,
                               .layers = kinds[kind].layers,
                               .bidirectional = true},
                   .decoder = {.cell = cell,
                               .hidden = 8,
                               .layers = kinds[kind].layers,
                               .init = INIT_last,
                               .deep_output = kinds[kind].deep},
                   .attention = {kinds[kind].flow, kinds[kind].score, kinds[kind].scope, 2, 8, kinds[kind].feeding, 32,
                                 .coverage = kinds[kind].coverage},
                   .source_vocab = TINY_VOCAB,
                   .target_vocab = TINY_VOCAB};
  Model *model = model_new(&c);
  start(model, seed);
  return model;
}

Noise tiny_noise(double p, uint64_t seed, uint64_t update, const int *row) {
  Noise noise = {.seed = seed, .update = update, .row = row};
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
  start(translator->model, seed);
  str_free(&set);
  return translator;
}
