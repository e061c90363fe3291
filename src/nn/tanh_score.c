#include "nn/tanh_score.h"

_Static_assert(N_TANH_PARAMS <= (int)MAX_SCORE_PARAMS, "an attention keeps the parameters of its score");

Tensor *tanh_score_keys(AttentionRun *run) {
  const int *p = run->attention->score;
  Tensor *bias = p[TANH_BIAS] < 0 ? NULL : tape_param(run->tape, p[TANH_BIAS]);
  Tensor *projected = op_linear(run->tape, run->memory->h, tape_part(run->tape, p[TANH_KEY]), bias);
  return attention_norm(run, &run->attention->norm_key, projected);
}

void tanh_score_open(AttentionRun *run, int capacity) {
  run->query = op_linear_open(run->tape, tape_part(run->tape, run->attention->score[TANH_QUERY]), NULL);
  run->queries = tape_tensor(run->tape, capacity, run->attention->dims.size);
}

Tensor *tanh_score(AttentionRun *run, const Look *look, const Tensor *q) {
  Tensor projected = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &projected);
  Tensor *queries = attention_norm(run, &run->attention->norm_query, &projected);
  Tensor *v = tape_param(run->tape, run->attention->score[TANH_V]);
  return op_additive(run->tape, run->memory, look, queries, run->keys, v, attention_coverage(run));
}

void tanh_score_work(const AttentionDims *dims, ModelWork *work) {
  work->source += (double)dims->size * dims->state;
  work->target += (double)dims->size * dims->query;
}
