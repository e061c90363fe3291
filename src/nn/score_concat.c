/* score_concat.c - Luong et al. 2015, eq. 8, concat: e = v . tanh(W [q; h_i]), W [A,Q+D], v [A]. The two column parts
 * of W are applied apart, so that W h_i is computed once a batch. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[0] = param_matrix(set, "attention.concat.weight", dims->size, dims->query + dims->state, START_GLOROT, 1);
  params[1] = param_vector(set, "attention.v", dims->size, START_VECTOR, 1);
}

static Tensor *columns(AttentionRun *run, int from, int n) {
  return tape_keep(run->tape, tensor_cols(tape_param(run->tape, run->attention->score[0]), from, n));
}

static Tensor *keys(AttentionRun *run) {
  const AttentionDims *dims = &run->attention->dims;
  return op_linear(run->tape, run->memory->h, columns(run, dims->query, dims->state), NULL);
}

static void open(AttentionRun *run, int capacity) {
  run->query = op_linear_open(run->tape, columns(run, 0, run->attention->dims.query), NULL);
  run->queries = tape_tensor(run->tape, capacity, run->attention->dims.size);
}

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  Tensor projected = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &projected);
  return op_additive(run->tape, run->memory, look, &projected, run->keys,
                     tape_param(run->tape, run->attention->score[1]));
}

static void add_work(const AttentionDims *dims, ModelWork *work) {
  work->source += (double)dims->size * dims->state;
  work->target += (double)dims->size * dims->query;
}

const ScoreDef score_concat = {"concat", false, "v . tanh(W [q; h])", declare, keys, open, score, add_work};
