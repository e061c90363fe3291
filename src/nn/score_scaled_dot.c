/* score_scaled_dot.c - Vaswani et al. 2017, eq. 1: e = q . h_i / sqrt(Q), Q the size of a query, in a head its part. */
#include <math.h>

#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *spec, int *params) {
  (void)set;
  (void)spec;
  (void)params;
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  int heads = run->attention->spec.heads;
  return op_dot(run->tape, run->places, look, q, keys, heads, (real)(1 / sqrt((double)q->cols / heads)));
}

const ScoreDef score_scaled_dot = {
    .name = "scaled_dot", .equal_sizes = true, .formula = "q . h / sqrt(Q)", .declare = declare, .compare = compare};
