/* score_gaussian.c - Nadaraya-Watson kernel regression (Nadaraya 1964, Watson 1964): e = -1/2 w^2 |q - h_i|^2, w
 * learned, one a head, or given. */
#include "nn/kernel_score.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  kernel_score_declare(set, s, params, START_WIDTH);
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return op_gaussian(run->tape, run->places, look, q, keys, run->attention->spec.heads, kernel_score_width(run));
}

const ScoreDef score_gaussian = {.name = "gaussian",
                                 .equal_sizes = true,
                                 .formula = "-1/2 w^2 |q - h|^2",
                                 .declare = declare,
                                 .compare = compare,
                                 .kernel = true};
