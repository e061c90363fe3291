/* score_gaussian.c - Nadaraya-Watson kernel regression (Nadaraya 1964, Watson 1964): e = -1/2 w^2 |q - h_i|^2, w
 * learned, one a head. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  int size = s->pattern == PATTERN_none ? s->query : s->size / s->heads;
  params[0] = attention_vector(set, s, "width", s->heads, START_WIDTH, size);
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  const Attention *a = run->attention;
  return op_gaussian(run->tape, run->places, look, q, keys, a->spec.heads, tape_param(run->tape, a->score[0]));
}

const ScoreDef score_gaussian = {"gaussian", true, false, "-1/2 w^2 |q - h|^2", declare, NULL, NULL, NULL, compare};
