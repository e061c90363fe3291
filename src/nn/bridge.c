#include "nn/bridge.h"

#include "base/str.h"

static void declare_layer(Bridge *bridge, ParamSet *set, const ModelConfig *c, int layer) {
  Str w = {0}, b = {0};
  str_addf(&w, "decoder.init.%d.weight", layer);
  str_addf(&b, "decoder.init.%d.bias", layer);
  bridge->w[layer] = param_weight(set, str_text(&w), c->decoder.hidden, model_config_state(c), START_GLOROT, 1);
  (void)param_side_of(set, bridge->w[layer], SIDE_SENTENCE);
  bridge->b[layer] = param_vector(set, str_text(&b), c->decoder.hidden, START_ZERO, 1);
  str_free(&w);
  str_free(&b);
}

void bridge_declare(Bridge *bridge, ParamSet *set, const ModelConfig *c) {
  if (c->decoder.init != INIT_last && c->decoder.init != INIT_mean) return;
  for (int l = 0; l < c->decoder.layers; l++) declare_layer(bridge, set, c, l);
}

Tensor bridge_state(const Bridge *bridge, Tape *tape, int layer, const Tensor *x) {
  Tensor *s = op_linear(tape, x, tape_part(tape, bridge->w[layer]), tape_param(tape, bridge->b[layer]));
  op_tanh(tape, s);
  return *s;
}
