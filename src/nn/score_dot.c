/* score_dot.c - Luong et al. 2015, eq. 8, dot: e = q . h_i */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *spec, int *params) {
  (void)set;
  (void)spec;
  (void)params;
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return op_dot(run->tape, run->places, look, q, keys, run->attention->spec.heads, 1);
}

const ScoreDef score_dot = {
    .name = "dot", .equal_sizes = true, .formula = "q . h", .declare = declare, .compare = compare};
