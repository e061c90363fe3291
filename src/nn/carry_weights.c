/* carry_weights.c - the weights of the step before, head beside head: what a head of ntm moves on from, and what
 * filters read that join the scores of tanh_score.h (Chorowski et al. 2015, eq. 8 and 9). Before the first step they
 * stand on the first position, as in the code of Chorowski et al., or everywhere alike. */
#include "nn/attention.h"

static bool used(const AttentionSpec *s) { return s->focus == FOCUS_ntm || s->conv.filters > 0; }

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  if (s->conv.filters == 0) return;
  params[WEIGHTS_FILTERS] = attention_matrix(set, s, "conv.weight", s->conv.filters, s->conv.width);
  params[WEIGHTS_PROJECT] = attention_matrix(set, s, "conv.project.weight", s->size, s->conv.filters);
}

static const Tensor *start(const Attention *a, Tape *tape, const Places *places, const int *sentence, int n) {
  const AttentionSpec *s = &a->spec;
  bool everywhere = s->focus == FOCUS_ntm && s->ntm.start == NTM_uniform;
  Tensor *weights = tape_zeros(tape, n, s->heads * places->longest);
  for (int r = 0; r < n; r++) {
    int last = everywhere ? places->length[sentence[r]] : 1;
    for (int h = 0; h < s->heads; h++)
      for (int i = 0; i < last; i++) tensor_row(weights, r)[h * places->longest + i] = (real)1 / (real)last;
  }
  return weights;
}

static Tensor pass(const AttentionRun *run, const Look *look, const Tensor *e, const AttentionLook *at) {
  (void)run, (void)look, (void)e;
  return at->weights;
}

const CarryDef carry_weights = {"weights", used, declare, NULL, start, pass};
