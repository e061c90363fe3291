#include "tiny.h"

Model *tiny_model(int kind, uint64_t seed) {
  static const struct {
    CellKind cell;
    FlowKind flow;
    ScoreKind score;
    ScopeKind scope;
    int layers;
    bool feeding;
  } kinds[TINY_KINDS] = {
      {CELL_gru, FLOW_luong, SCORE_general, SCOPE_global, 1, true},
      {CELL_lstm, FLOW_luong, SCORE_dot, SCOPE_local_p, 2, true},
      {CELL_gru, FLOW_bahdanau, SCORE_additive, SCOPE_global, 1, true},
      {CELL_tanh, FLOW_luong, SCORE_location, SCOPE_local_m, 1, false},
      {CELL_lstm, FLOW_bahdanau, SCORE_concat, SCOPE_global, 1, false},
      {CELL_gru, FLOW_luong, SCORE_gaussian, SCOPE_global, 2, false},
  };
  ModelConfig c = {.embedding = 5,
                   .encoder = {kinds[kind].cell, 4, kinds[kind].layers, true, false},
                   .decoder = {kinds[kind].cell, 8, kinds[kind].layers, false, INIT_last},
                   .attention = {kinds[kind].flow, kinds[kind].score, kinds[kind].scope, 2, 8, kinds[kind].feeding, 32},
                   .source_vocab = TINY_VOCAB,
                   .target_vocab = TINY_VOCAB};
  Model *model = model_new(&c);
  param_start(&model->params, seed);
  for (size_t i = 0; i < model->params.size; i++) model->params.values[i] *= 3;
  return model;
}

ModelScore tiny_score(const Model *model, Arena *arena, Ids source, Ids target) {
  Tape tape = {.arena = arena, .params = &model->params};
  IdPair pair = {source, target};
  ModelScore score;
  model_score(model, &tape, &pair, 1, &score);
  return score;
}
