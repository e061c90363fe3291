/* position_sinusoidal.c - Vaswani et al. 2017, section 3.5: P_i = sin, cos, sin, cos, ... of i 10000^(-2c/d). */
#include "nn/positions.h"

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  layers[0].table = positions_sinusoids(tape, n, positions->spec.size);
}

const PositionDef position_sinusoidal = {.name = "sinusoidal", .tables = true, .open = open};
