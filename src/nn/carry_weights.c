/* carry_weights.c - the weights of the step before, head beside head. Before the first step a head of ntm stands on the
 * first position or everywhere alike. */
#include "nn/attention.h"

static bool used(const AttentionSpec *s) { return s->focus == FOCUS_ntm; }

static const Tensor *start(const Attention *a, Tape *tape, const Places *places, const int *sentence, int n) {
  const AttentionSpec *s = &a->spec;
  Tensor *weights = tape_zeros(tape, n, s->heads * places->longest);
  for (int r = 0; r < n; r++) {
    int length = places->length[sentence[r]], last = s->ntm.start == NTM_first ? 1 : length;
    for (int h = 0; h < s->heads; h++)
      for (int i = 0; i < last; i++) tensor_row(weights, r)[h * places->longest + i] = (real)1 / (real)last;
  }
  return weights;
}

static Tensor pass(const AttentionRun *run, const Look *look, const Tensor *e, const AttentionLook *at) {
  (void)run, (void)look, (void)e;
  return at->weights;
}

const CarryDef carry_weights = {"weights", used, NULL, NULL, start, pass};
