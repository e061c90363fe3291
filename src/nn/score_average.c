/* score_average.c - e = 0: average pooling, every position in the window alike, whatever the query. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *spec, int *params) {
  (void)set;
  (void)spec;
  (void)params;
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  (void)q;
  (void)keys;
  return tape_zeros(run->tape, look->n, run->attention->spec.heads * run->places->longest);
}

const ScoreDef score_average = {.name = "average", .formula = "0", .declare = declare, .compare = compare};
