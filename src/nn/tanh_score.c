#include "nn/tanh_score.h"

_Static_assert(N_TANH_PARAMS <= (int)MAX_SCORE_PARAMS, "an attention keeps the parameters of its score");

static const Tensor *normed(const Norm *norm, Tape *tape, const Tensor *x) {
  return norm->on ? norm_new(norm, tape, x) : x;
}

const Tensor *tanh_score_keys(const Attention *a, Tape *tape, const Tensor *states) {
  const int *p = a->score;
  Tensor *bias = p[TANH_BIAS] < 0 ? NULL : tape_param(tape, p[TANH_BIAS]);
  return normed(&a->norm_key, tape, op_linear(tape, states, tape_part(tape, p[TANH_KEY]), bias));
}

void tanh_score_open(AttentionRun *run, int capacity) {
  run->query = op_linear_open(run->tape, tape_part(run->tape, run->attention->score[TANH_QUERY]), NULL);
  run->queries = tape_tensor(run->tape, capacity, run->attention->spec.size);
}

const Tensor *tanh_score_queries(AttentionRun *run, const Tensor *q) {
  Tensor projected = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &projected);
  return normed(&run->attention->norm_query, run->tape, tape_keep(run->tape, projected));
}

/* What joins the sum of query and key at each position: what has been covered, or what filters find in the weights of
 * the step before; false: nothing. */
static bool find_term(const AttentionRun *run, const Look *look, PlaceTerm *term) {
  const Attention *a = run->attention;
  const int *covered = a->carry[CARRY_covered], *weights = a->carry[CARRY_weights];
  Tape *tape = run->tape;
  if (a->spec.conv.filters > 0) {
    const Tensor *f = op_weight_conv(tape, run->places, look, &run->at->before->of[CARRY_weights],
                                     tape_param(tape, weights[WEIGHTS_FILTERS]));
    *term = (PlaceTerm){*f, *tape_param(tape, weights[WEIGHTS_PROJECT])};
    return true;
  }
  if (a->spec.coverage == COVERAGE_none) return false;
  *term = (PlaceTerm){run->at->before->of[CARRY_covered], *tape_param(tape, covered[COVERED_WEIGHT])};
  return true;
}

Tensor *tanh_score_compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  const Attention *a = run->attention;
  const Tensor *v = tape_param(run->tape, a->score[TANH_V]);
  PlaceTerm term;
  const PlaceTerm *joins = find_term(run, look, &term) ? &term : NULL;
  return op_additive(run->tape, run->places, look, q, keys, a->spec.heads, v, joins);
}
