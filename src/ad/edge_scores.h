/* edge_scores.h - what the operations on edges of graphs share: the slope of their rectifier, and a graph to check
 * gradients on. */
#ifndef AD_EDGE_SCORES_H
#define AD_EDGE_SCORES_H

#include "num/edges.h"
#include "num/tensor.h"

/* Of LeakyReLU below 0 (Velickovic et al. 2018, section 2.1). */
static const real EDGE_LEAK = (real)0.2;

/* Five rows: 0 looks at 0 and 3, 1 at itself, 2 at all, 3 at 2 and 3, 4 at 0. */
static const int edge_case_start[] = {0, 2, 3, 8, 10, 11}, edge_case_at[] = {0, 3, 1, 0, 1, 2, 3, 4, 2, 3, 0};
static const Edges edge_case = {5, edge_case_start, edge_case_at};

#endif
