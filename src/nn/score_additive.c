/* score_additive.c - Bahdanau et al. 2015, appendix A.1.2: e = v . tanh(W_q q + W_k h_i + b). */
#include "nn/tanh_score.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  params[TANH_BIAS] = -1;
  if (s->pattern == PATTERN_none) {
    params[TANH_QUERY] = attention_weight(set, s, "query.weight", s->size, s->query);
    params[TANH_KEY] = attention_of_states(set, s, attention_weight(set, s, "key.weight", s->size, s->state));
    params[TANH_BIAS] = attention_vector(set, s, "key.bias", s->size, START_ZERO, 1);
  }
  params[TANH_V] = attention_vector(set, s, "v", s->size, START_VECTOR, 1);
}

const ScoreDef score_additive = {.name = "additive",
                                 .projects = true,
                                 .formula = "v . tanh(W_q q + W_k h + b)",
                                 .declare = declare,
                                 .keys = tanh_score_keys,
                                 .open = tanh_score_open,
                                 .queries = tanh_score_queries,
                                 .compare = tanh_score_compare};
