/* score_concat.c - Luong et al. 2015, eq. 8, concat: e = v . tanh(W [q; h_i]), W [A,Q+D], v [A]; with coverage C
 * also + C_i w inside the tanh (Tu et al. 2016, section 3.2). The two column parts of W are applied apart, so that W
 * h_i is computed once a batch. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  int w = param_matrix(set, "attention.concat.weight", dims->size, dims->query + dims->state, START_GLOROT, 1);
  params[0] = param_part(set, w, 0, dims->query, PACK_STEPS);
  params[2] = param_part(set, w, dims->query, dims->state, PACK_SEARCH);
  params[1] = param_vector(set, "attention.v", dims->size, START_VECTOR, 1);
}

static Tensor *keys(AttentionRun *run) {
  Tensor *projected = op_linear(run->tape, run->memory->h, tape_part(run->tape, run->attention->score[2]), NULL);
  return attention_norm(run, &run->attention->norm_key, projected);
}

static void open(AttentionRun *run, int capacity) {
  run->query = op_linear_open(run->tape, tape_part(run->tape, run->attention->score[0]), NULL);
  run->queries = tape_tensor(run->tape, capacity, run->attention->dims.size);
}

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  Tensor projected = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &projected);
  Tensor *queries = attention_norm(run, &run->attention->norm_query, &projected);
  Tensor *v = tape_param(run->tape, run->attention->score[1]);
  return op_additive(run->tape, run->memory, look, queries, run->keys, v, attention_coverage(run));
}

static void add_work(const AttentionDims *dims, ModelWork *work) {
  work->source += (double)dims->size * dims->state;
  work->target += (double)dims->size * dims->query;
}

const ScoreDef score_concat = {"concat", false, true, "v . tanh(W [q; h])", declare, keys, open, score, add_work};
