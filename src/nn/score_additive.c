/* score_additive.c - Bahdanau et al. 2015, appendix A.1.2: e = v . tanh(W_q q + W_k h_i + b). */
#include "nn/tanh_score.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[TANH_QUERY] =
      param_weight(set, "attention.query.weight", dims->size, dims->query, START_GLOROT, 1, PACK_STEPS);
  params[TANH_KEY] = param_weight(set, "attention.key.weight", dims->size, dims->state, START_GLOROT, 1, PACK_SEARCH);
  params[TANH_BIAS] = param_vector(set, "attention.key.bias", dims->size, START_ZERO, 1);
  params[TANH_V] = param_vector(set, "attention.v", dims->size, START_VECTOR, 1);
}

const ScoreDef score_additive = {
    "additive",      false,      true,           "v . tanh(W_q q + W_k h + b)", declare, tanh_score_keys,
    tanh_score_open, tanh_score, tanh_score_work};
