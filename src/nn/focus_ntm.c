/* focus_ntm.c - how a Neural Turing Machine's head moves (Graves et al. 2014, section 3.3.2): the weights of the step
 * before, mixed with the softmax of the scores (eq. 7), shifted (eq. 8) and sharpened (eq. 9). Gate, shifts and
 * sharpening are made of the query, for each head of their own. */
#include "nn/attention.h"

enum { WEIGHT, BIAS };

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  int n = s->heads * (2 * s->ntm.shift + 3);
  params[WEIGHT] = attention_weight(set, s, "ntm.weight", n, s->query);
  params[BIAS] = attention_vector(set, s, "ntm.bias", n, START_ADDRESS, s->heads);
}

static void open(AttentionRun *run, int capacity) {
  const Attention *a = run->attention;
  (void)capacity;
  run->address =
      op_linear_open(run->tape, tape_part(run->tape, a->focus[WEIGHT]), tape_param(run->tape, a->focus[BIAS]));
}

static void weigh(AttentionRun *run, const Look *look, const Tensor *e, AttentionLook *at) {
  const AttentionSpec *s = &run->attention->spec;
  Tensor *content = tape_tensor(run->tape, e->rows, e->cols);
  Tensor *z = tape_tensor(run->tape, e->rows, s->heads * (2 * s->ntm.shift + 3));
  op_softmax(run->tape, run->places, look, e, s->heads, 1, content);
  op_linear_to(run->address, &at->query, z);
  const NtmAddress in = {.content = *content,
                         .before = at->before->of[CARRY_weights],
                         .z = *z,
                         .previous = at->previous,
                         .heads = s->heads,
                         .wrap = s->ntm.wrap};
  op_ntm(run->tape, run->places, look, &in, &at->weights);
}

const FocusDef focus_ntm = {"ntm", "sharpen(shift(g softmax + (1 - g) the weights before))", declare, open, weigh};
