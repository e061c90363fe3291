/* score_additive.c - Bahdanau et al. 2015, appendix A.1.2: e = v . tanh(W_q q + W_k h_i + b), with coverage C also +
 * C_i w (Tu et al. 2016, section 3.2). W_k h_i + b is computed once a batch. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[0] = param_weight(set, "attention.query.weight", dims->size, dims->query, START_GLOROT, 1, PACK_STEPS);
  params[1] = param_weight(set, "attention.key.weight", dims->size, dims->state, START_GLOROT, 1, PACK_SEARCH);
  params[2] = param_vector(set, "attention.key.bias", dims->size, START_ZERO, 1);
  params[3] = param_vector(set, "attention.v", dims->size, START_VECTOR, 1);
}

static Tensor *keys(AttentionRun *run) {
  const int *p = run->attention->score;
  Tensor *projected = op_linear(run->tape, run->memory->h, tape_part(run->tape, p[1]), tape_param(run->tape, p[2]));
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
  Tensor *v = tape_param(run->tape, run->attention->score[3]);
  return op_additive(run->tape, run->memory, look, queries, run->keys, v, attention_coverage(run));
}

static void add_work(const AttentionDims *dims, ModelWork *work) {
  work->source += (double)dims->size * dims->state;
  work->target += (double)dims->size * dims->query;
}

const ScoreDef score_additive = {"additive", false, true,    "v . tanh(W_q q + W_k h + b)", declare, keys,
                                 open,       score, add_work};
