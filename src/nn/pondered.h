/* pondered.h - how long each token of a side was worked on, by adaptive computation time (Graves 2016). */
#ifndef NN_PONDERED_H
#define NN_PONDERED_H

#include "num/tensor.h"

/* Of one layer in one direction, its rows as those of the side. */
typedef struct Pondered {
  const Tensor *cost; /* [N,1] N(t) + R(t); NULL: it does not ponder */
  const int *steps;   /* [N] N(t) */
} Pondered;

/* Of all layers of a side. */
typedef struct PonderedSide {
  int n;
  const Pondered *layers; /* on a tape's arena */
} PonderedSide;

/* Steps of a row, the mean of the layers. */
static inline double pondered_steps(const PonderedSide *side, int row) {
  double sum = 0;
  for (int l = 0; l < side->n; l++) sum += side->layers[l].steps[row];
  return sum / side->n;
}

#endif
