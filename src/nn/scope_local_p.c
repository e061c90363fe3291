/* scope_local_p.c - Luong et al. 2015, eq. 9-10, predictive: p_t = S sigmoid(v_p . tanh(W_p q)); the softmax over
 * positions within `window` of p_t, times a Gaussian around p_t with sigma = window / 2. */
#include <math.h>

#include "nn/attention.h"

static void declare(ParamSet *set, const AttentionSpec *s, int *params) {
  params[0] = attention_weight(set, s, "position.weight", s->size, s->query);
  params[1] = attention_vector(set, s, "position_v", s->size, START_VECTOR, 1);
}

static void open(AttentionRun *run, int capacity) {
  run->place = op_linear_open(run->tape, tape_part(run->tape, run->attention->scope[0]), NULL);
  run->place_v = op_linear_open(run->tape, tape_param(run->tape, run->attention->scope[1]), NULL);
  run->places_slab = tape_tensor(run->tape, capacity, run->attention->spec.size);
  run->places_v_slab = tape_tensor(run->tape, capacity, 1);
}

static void look_at(AttentionRun *run, Look *look, const Tensor *q) {
  Tensor z = attention_slab(run, run->places_slab, q->rows), u = attention_slab(run, run->places_v_slab, q->rows);
  op_linear_to(run->place, q, &z);
  op_tanh(run->tape, &z);
  op_linear_to(run->place_v, &z, &u);
  look->centre = op_position(run->tape, run->places, look->sentence, &u);
  int window = run->attention->spec.window;
  for (int r = 0; r < look->n; r++) {
    int length = run->places->length[look->sentence[r]];
    double p = (double)tensor_row(look->centre, r)[0];
    double low = ceil(p - window), high = floor(p + window);
    look->low[r] = low > 0 ? (int)low : 0;
    look->high[r] = high < length - 1 ? (int)high + 1 : length;
  }
}

const ScopeDef scope_local_p = {"local_p", "softmax over |i - p| <= window, times exp(-(i - p)^2 / (2 sigma^2))",
                                declare,   open,
                                look_at,   REACH_WINDOW};
