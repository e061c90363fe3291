/* score_location.c - Luong et al. 2015, eq. 7: e = (W q)_i, W [max_positions,Q]; no source state enters. */
#include "base/err.h"
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionDims *dims, int *params) {
  params[0] =
      param_weight(set, "attention.location.weight", dims->max_positions, dims->query, START_GLOROT, 1, PACK_STEPS);
}

static Tensor *keys(AttentionRun *run) {
  (void)run;
  return NULL;
}

static void open(AttentionRun *run, int capacity) {
  Tensor *w = tape_part(run->tape, run->attention->score[0]);
  CHECK(run->memory->longest <= w->rows, "location: %d positions of %d", run->memory->longest, w->rows);
  w->rows = run->memory->longest; /* of the positions there are, those that the batch has */
  run->query = op_linear_open(run->tape, w, NULL);
  run->queries = tape_tensor(run->tape, capacity, run->memory->longest);
}

static Tensor *score(AttentionRun *run, const Look *look, const Tensor *q) {
  (void)look;
  Tensor e = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &e);
  return tape_keep(run->tape, e);
}

const ScoreDef score_location = {"location", false, false, "(W q)_i", declare, keys, open, score, NULL};
