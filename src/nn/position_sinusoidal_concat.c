/* position_sinusoidal_concat.c - as tensor2tensor, fairseq and Marian have them: all sines, then all cosines, of i
 * 10000^(-c/(d/2 - 1)), c = 0 .. d/2 - 1. Other speeds than the paper's: no order of columns makes one of the other.
 * The last of an odd number of columns is 0. */
#include <math.h>

#include "nn/positions.h"

static void open(const Positions *positions, Tape *tape, int n, PositionLayer *layers) {
  int size = positions->spec.size, half = size / 2;
  Tensor table = positions_constant(tape, n, size);
  for (int i = 0; i < n && size % 2 == 1; i++) tensor_row(&table, i)[size - 1] = 0;
  for (int c = 0; c < half; c++) {
    double speed = pow(10000, -(double)c / (half > 1 ? half - 1 : 1));
    for (int i = 0; i < n; i++) {
      tensor_row(&table, i)[c] = (real)sin(i * speed);
      tensor_row(&table, i)[half + c] = (real)cos(i * speed);
    }
  }
  layers[0].table = table;
}

const PositionDef position_sinusoidal_concat = {.name = "sinusoidal_concat", .tables = true, .open = open};
