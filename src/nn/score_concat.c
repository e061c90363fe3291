/* score_concat.c - Luong et al. 2015, eq. 8, concat: e = v . tanh(W [q; h_i]), W [A,Q+D], v [A]. The two column parts
 * of W are applied apart; in heads both have been applied before. */
#include "nn/tanh_score.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  params[TANH_BIAS] = -1;
  if (s->pattern == PATTERN_none) {
    int w = attention_matrix(set, s, "concat.weight", s->size, s->query + s->state);
    params[TANH_QUERY] = param_part(set, w, 0, s->query);
    params[TANH_KEY] = attention_of_states(set, s, param_part(set, w, s->query, s->state));
  }
  params[TANH_V] = attention_vector(set, s, "v", s->size, START_VECTOR, 1);
}

const ScoreDef score_concat = {.name = "concat",
                               .projects = true,
                               .formula = "v . tanh(W [q; h])",
                               .declare = declare,
                               .keys = tanh_score_keys,
                               .open = tanh_score_open,
                               .queries = tanh_score_queries,
                               .compare = tanh_score_compare};
