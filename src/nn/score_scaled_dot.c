/* score_scaled_dot.c - Vaswani et al. 2017, eq. 1: e = q . h_i / sqrt(Q) */
#include <math.h>

#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  (void)set;
  (void)dims;
  (void)params;
}

static Tensor *keys(AttentionRun *run) { return run->memory->h; }

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  return op_dot(run->tape, run->memory, look, q, run->keys, (real)(1 / sqrt(q->cols)));
}

const ScoreDef score_scaled_dot = {"scaled_dot", true, false, "q . h / sqrt(Q)", declare, keys, NULL, score, NULL};
