/* score_general.c - Luong et al. 2015, eq. 8, general: e = q . W h_i, W [Q,D]. W h_i is computed once a batch. */
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[0] = param_weight(set, "attention.general.weight", dims->query, dims->state, START_GLOROT, 1, PACK_SEARCH);
}

static Tensor *keys(AttentionRun *run) {
  return op_linear(run->tape, run->memory->h, tape_part(run->tape, run->attention->score[0]), NULL);
}

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  return op_dot(run->tape, run->memory, look, q, run->keys, 1);
}

static void add_work(const AttentionDims *dims, ModelWork *work) { work->source += (double)dims->query * dims->state; }

const ScoreDef score_general = {"general", false, false, "q . W h", declare, keys, NULL, score, add_work};
