/* position_learned.c - row i of a table that is learnt (Gehring et al. 2017, section 3.1): no position beyond it. */
#include "nn/positions.h"

static void declare(Positions *positions, ParamSet *set) {
  const PositionSpec *spec = &positions->spec;
  positions_param(positions, set, "positions.weight", spec->max_positions, spec->size, START_POSITIONS);
}

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  layers[0].table = tensor_rows(tape_param(tape, positions->first), 0, n);
}

const PositionDef position_learned = {
    .name = "learned", .tables = true, .limited = true, .declare = declare, .open = open};
