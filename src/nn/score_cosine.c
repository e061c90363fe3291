/* score_cosine.c - Graves et al. 2014, eq. 5 and 6: e = beta cos(k, h_i), k = W_q q + b the key that the head emits and
 * beta = softplus(W q + b) > 0 its strength, one a head. In heads k is the projected query, of which beta is made. */
#include "nn/attention.h"

enum { QUERY, QUERY_BIAS, STRENGTH, STRENGTH_BIAS, N_PARAMS };
_Static_assert(N_PARAMS <= (int)MAX_SCORE_PARAMS, "an attention keeps the parameters of its score");

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  bool projected = s->pattern != PATTERN_none;
  if (!projected) {
    params[QUERY] = attention_weight(set, s, "query.weight", s->state, s->query);
    params[QUERY_BIAS] = attention_vector(set, s, "query.bias", s->state, START_ZERO, 1);
  }
  params[STRENGTH] = attention_weight(set, s, "strength.weight", s->heads, projected ? s->size : s->query);
  params[STRENGTH_BIAS] = attention_vector(set, s, "strength.bias", s->heads, START_ONE, 1);
}

static Linear *open_linear(const AttentionRun *run, int weight, int bias) {
  const int *p = run->attention->score;
  return op_linear_open(run->tape, tape_part(run->tape, p[weight]), tape_param(run->tape, p[bias]));
}

static void open(AttentionRun *run, int capacity) {
  run->query = open_linear(run, QUERY, QUERY_BIAS);
  run->queries = tape_tensor(run->tape, capacity, run->attention->spec.state);
}

static const Tensor *queries(AttentionRun *run, const Tensor *q) {
  Tensor key = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &key);
  return tape_keep(run->tape, key);
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  const AttentionSpec *s = &run->attention->spec;
  if (run->strength == NULL) run->strength = open_linear(run, STRENGTH, STRENGTH_BIAS);
  Tensor *u = tape_tensor(run->tape, q->rows, s->heads);
  op_linear_to(run->strength, s->pattern == PATTERN_none ? &run->at->query : q, u);
  return op_cosine(run->tape, run->places, look, q, keys, s->heads, u);
}

const ScoreDef score_cosine = {.name = "cosine",
                               .formula = "beta cos(W q + b, h)",
                               .declare = declare,
                               .open = open,
                               .queries = queries,
                               .compare = compare};
