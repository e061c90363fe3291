/* focus_soft.c - a softmax of the scores inside the scope's window, times the Gaussian of a scope that has a centre. */
#include "nn/attention.h"

static void weigh(AttentionRun *run, const Look *look, const Tensor *e, AttentionLook *at) {
  const AttentionSpec *s = &run->attention->spec;
  op_softmax(run->tape, run->places, look, e, s->heads, (real)s->window / 2, &at->weights);
}

const FocusDef focus_soft = {"soft", "softmax of the scores", NULL, NULL, weigh};
