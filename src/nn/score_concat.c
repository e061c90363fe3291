/* score_concat.c - Luong et al. 2015, eq. 8, concat: e = v . tanh(W [q; h_i]), W [A,Q+D], v [A]. The two column parts
 * of W are applied apart. */
#include "nn/tanh_score.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  int w = param_matrix(set, "attention.concat.weight", dims->size, dims->query + dims->state, START_GLOROT, 1);
  params[TANH_QUERY] = param_part(set, w, 0, dims->query, PACK_STEPS);
  params[TANH_KEY] = param_part(set, w, dims->query, dims->state, PACK_SEARCH);
  params[TANH_V] = param_vector(set, "attention.v", dims->size, START_VECTOR, 1);
  params[TANH_BIAS] = -1;
}

const ScoreDef score_concat = {"concat",        false,           true,       "v . tanh(W [q; h])", declare,
                               tanh_score_keys, tanh_score_open, tanh_score, tanh_score_work};
