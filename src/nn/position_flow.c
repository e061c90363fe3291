/* position_flow.c - FLOATER (Liu et al. 2020): positions are the states of a differential equation that is learnt
 * (eq. 8), a path for each layer, from a start of its own (section 3.3). The net begins as 0 and the path of layer 0 on
 * (0,1,0,1,...), so that the model begins with sinusoidal positions, which the paper reaches by warm starts. */
#include "nn/positions.h"

static int paths(const PositionSpec *spec) { return spec->layers > 0 ? spec->layers : 1; }

static void declare(Positions *positions, ParamSet *set) {
  int d = positions->spec.size;
  positions_param(positions, set, "flow.start", paths(&positions->spec), d, START_CIRCLE);
  for (int layer = 0; layer < 2; layer++) {
    int weight = positions_param(positions, set, layer == 0 ? "flow.0.weight" : "flow.1.weight", d, d + 1,
                                 layer == 0 ? START_GLOROT : START_ZERO);
    positions->net[layer] = param_side_of(set, param_part(set, weight, 0, d + 1), SIDE_OTHER);
    positions_param(positions, set, layer == 0 ? "flow.0.bias" : "flow.1.bias", 0, d, START_ZERO);
  }
}

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  const PositionSpec *spec = &positions->spec;
  FlowWeights w = {.start = *tape_param(tape, positions->first)};
  for (int layer = 0; layer < 2; layer++) {
    w.w[layer] = *tape_part(tape, positions->net[layer]);
    w.b[layer] = *tape_param(tape, positions->first + 2 + 2 * layer);
  }
  Tensor *y = tape_tensor(tape, n, paths(spec) * spec->size);
  op_flow(tape, &w, spec->flow_steps, y);
  for (int layer = 0; layer < paths(spec); layer++)
    layers[layer].table = tensor_cols(y, layer * spec->size, spec->size);
}

const PositionDef position_flow = {.name = "flow", .tables = true, .declare = declare, .open = open};
