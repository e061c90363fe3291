/* position_relative.c - Shaw et al. 2018: the distance j - i, no longer than k, has a vector that joins the key (eq. 4)
 * and, if wanted, one that joins the value (eq. 3). One table a layer, which its heads share. */
#include "base/str.h"
#include "nn/positions.h"

static void declare(Positions *positions, ParamSet *set) {
  const PositionSpec *spec = &positions->spec;
  Str name = {0};
  for (int i = 0; i < spec->layers * (spec->relative_values ? 2 : 1); i++) {
    int layer = spec->relative_values ? i / 2 : i;
    bool value = spec->relative_values && i % 2 == 1;
    str_clear(&name);
    str_addf(&name, "%s.layers.%d.self_attn.relative_%s", spec->stack, layer, value ? "value" : "key");
    param_matrix(set, str_text(&name), 2 * spec->max_distance + 1, spec->size / spec->heads, START_GLOROT, 1);
  }
  str_free(&name);
}

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  (void)n;
  int param = positions->first;
  for (int layer = 0; layer < positions->spec.layers; layer++) {
    layers[layer].relative_key = *tape_param(tape, param++);
    if (positions->spec.relative_values) layers[layer].relative_value = *tape_param(tape, param++);
  }
}

const PositionDef position_relative = {.name = "relative", .declare = declare, .open = open};
