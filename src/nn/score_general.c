/* score_general.c - Luong et al. 2015, eq. 8, general: e = q . W h_i, W [Q,D]. W h_i is computed once a batch. In
 * heads, whose keys have been projected, it is q . k. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  if (s->pattern == PATTERN_none)
    params[0] = attention_of_states(set, s, attention_weight(set, s, "general.weight", s->query, s->state));
}

static const Tensor *project(const Attention *a, Tape *tape, const Tensor *states) {
  return op_linear(tape, states, tape_part(tape, a->score[0]), NULL);
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  return op_dot(run->tape, run->places, look, q, keys, run->attention->spec.heads, 1);
}

const ScoreDef score_general = {
    .name = "general", .formula = "q . W h", .declare = declare, .keys = project, .compare = compare};
