/* score_gaussian.c - Nadaraya-Watson kernel regression (Nadaraya 1964, Watson 1964): e = -1/2 w^2 |q - h_i|^2, w
 * learned. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[0] = param_vector(set, "attention.width", 1, START_WIDTH, dims->query);
}

static Tensor *keys(AttentionRun *run) { return run->memory->h; }

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  return op_gaussian(run->tape, run->memory, look, q, run->keys, tape_param(run->tape, run->attention->score[0]));
}

const ScoreDef score_gaussian = {"gaussian", true, false, "-1/2 w^2 |q - h|^2", declare, keys, NULL, score, NULL};
