/* carry_covered.c - coverage (Tu et al. 2016, section 3.1): C_i, the weights that a position has had, each divided by
 * the position's fertility where that is wanted. The scores of tanh_score.h read it. */
#include "nn/attention.h"

static bool used(const AttentionSpec *s) { return s->coverage != COVERAGE_none; }

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  params[COVERED_WEIGHT] = attention_vector(set, s, "coverage.weight", s->size, START_VECTOR, 1);
  if (s->coverage == COVERAGE_fertility)
    params[COVERED_FERTILITY] = attention_vector(set, s, "fertility.weight", s->state, START_VECTOR, 1);
}

/* u . h_i, what op_cover makes a position's fertility of. */
static const Tensor *keys(const Attention *a, Tape *tape, const Tensor *states) {
  if (a->spec.coverage != COVERAGE_fertility) return NULL;
  return op_linear(tape, states, tape_param(tape, a->carry[CARRY_covered][COVERED_FERTILITY]), NULL);
}

static const Tensor *start(const Attention *a, Tape *tape, const Places *places, const int *sentence, int n) {
  (void)a, (void)sentence;
  return tape_zeros(tape, n, places->longest);
}

static Tensor pass(const AttentionRun *run, const Look *look, const Tensor *e, const AttentionLook *at) {
  (void)e;
  Tensor *after = tape_tensor(run->tape, look->n, run->places->longest);
  op_cover(run->tape, run->places, look, &at->before->of[CARRY_covered], &at->weights, run->keys->carry[CARRY_covered],
           after);
  return *after;
}

const CarryDef carry_covered = {"covered", used, declare, keys, start, pass};
