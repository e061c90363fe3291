/* position_rotary.c - Su et al. 2021: queries and keys of a layer are turned by their positions, pairs (2c, 2c+1) of a
 * head by i 10000^(-2c/(d/h)), so that their products know distances only. */
#include "nn/positions.h"

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  const PositionSpec *spec = &positions->spec;
  Tensor turns = positions_sinusoids(tape, n, spec->size / spec->heads);
  for (int layer = 0; layer < spec->layers; layer++) layers[layer].turns = turns;
}

const PositionDef position_rotary = {.name = "rotary", .open = open};
