/* carry_matches.c - what the states so far match of the source, [n,t L] before step t: M of score_aoa.c, which adds the
 * columns of its step. */
#include "nn/attention.h"

static bool used(const AttentionSpec *s) { return s->score == SCORE_aoa; }

static const Tensor *start(const Attention *a, Tape *tape, const Places *places, const int *sentence, int n) {
  (void)a, (void)places, (void)sentence;
  Tensor *none = tape_alloc(tape, 1, sizeof *none);
  *none = (Tensor){.rows = n};
  return none;
}

static Tensor pass(const AttentionRun *run, const Look *look, const Tensor *e, const AttentionLook *at) {
  (void)run, (void)look, (void)e;
  return at->after.of[CARRY_matches];
}

const CarryDef carry_matches = {"matches", used, NULL, NULL, start, pass};
