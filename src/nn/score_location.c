/* score_location.c - Luong et al. 2015, eq. 7: e = (W q)_i, W [max_positions,Q]; no source state enters. */
#include "base/err.h"
#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  CHECK(s->pattern == PATTERN_none, "location: heads %d", s->heads);
  params[0] = attention_weight(set, s, "location.weight", s->max_positions, s->query);
  (void)param_side_of(set, params[0], SIDE_OTHER); /* a query needs as many rows of it as its source has */
}

static const Tensor *project(const Attention *a, Tape *tape, const Tensor *states) {
  (void)a;
  (void)tape;
  (void)states;
  return NULL;
}

static void open(AttentionRun *run, int capacity) {
  Tensor *w = tape_part(run->tape, run->attention->score[0]);
  int longest = run->places->longest;
  CHECK(longest <= w->rows, "location: %d positions of %d", longest, w->rows);
  w->rows = longest; /* of the positions there are, those that the batch has */
  run->query = op_linear_open(run->tape, w, NULL);
  run->queries = tape_tensor(run->tape, capacity, longest);
}

static Tensor *compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys) {
  (void)look;
  (void)keys;
  Tensor e = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &e);
  return tape_keep(run->tape, e);
}

const ScoreDef score_location = {
    .name = "location", .formula = "(W q)_i", .declare = declare, .keys = project, .open = open, .compare = compare};
