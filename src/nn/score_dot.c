/* score_dot.c - Luong et al. 2015, eq. 8, dot: e = q . h_i */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  (void)set;
  (void)dims;
  (void)params;
}

static Tensor *keys(AttentionRun *run) { return run->memory->h; }

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  return op_dot(run->tape, run->memory, look, q, run->keys, 1);
}

const ScoreDef score_dot = {"dot", true, false, "q . h", declare, keys, NULL, score, NULL};
