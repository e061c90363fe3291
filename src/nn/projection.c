#include "nn/projection.h"

/* One matrix [3A,A] when all sizes are one: rows of q, k and v in this order. */
static void declare_joint(AttentionProjection *p, ParamSet *set, const AttentionSpec *s) {
  int a = s->size, w = attention_matrix(set, s, "in_proj_weight", 3 * a, a);
  if (s->self) {
    p->all = param_part_rows(set, w, 0, 3 * a);
  } else {
    p->q = param_part_rows(set, w, 0, a);
    p->kv = attention_of_states(set, s, param_part_rows(set, w, a, 2 * a));
  }
}

AttentionProjection projection_declare(ParamSet *set, const AttentionSpec *s) {
  AttentionProjection p = {-1, -1, -1, -1, -1, -1, -1, -1};
  int a = s->size, parts = s->pattern == PATTERN_qkv ? 3 : s->pattern == PATTERN_qvv ? 2 : 1;
  if (s->pattern == PATTERN_qkv && s->query == a && s->state == a) {
    declare_joint(&p, set, s);
  } else {
    if (s->pattern != PATTERN_vvv) p.q = attention_weight(set, s, "q_proj_weight", a, s->query);
    if (s->pattern == PATTERN_qkv) p.k = attention_weight(set, s, "k_proj_weight", a, s->state);
    p.v = attention_weight(set, s, "v_proj_weight", a, s->state);
  }
  if (p.k >= 0) (void)attention_of_states(set, s, p.k);
  if (p.v >= 0 && s->pattern != PATTERN_vvv) (void)attention_of_states(set, s, p.v);
  if (s->pattern == PATTERN_vvv && !s->self) (void)param_side_of(set, p.v, SIDE_SOURCE | set->side);
  p.bias = attention_vector(set, s, "in_proj_bias", parts * a, START_ZERO, 1);
  p.out_w = attention_weight(set, s, "out_proj.weight", a, a);
  p.out_b = attention_vector(set, s, "out_proj.bias", a, START_ZERO, 1);
  return p;
}

/* x W^T + b, b the numbers of the bias from part `first` on. */
static Tensor *apply(const Attention *a, Tape *tape, const Tensor *x, int part, int first) {
  Tensor *w = tape_part(tape, part);
  Tensor b = tensor_cols(tape_param(tape, a->in.bias), first * a->spec.size, w->rows);
  return op_linear(tape, x, w, &b);
}

static Tensor *keep_part(Tape *tape, const Attention *a, const Tensor *x, int part) {
  return tape_keep(tape, tensor_cols(x, part * a->spec.size, a->spec.size));
}

void projection_keys(const Attention *a, Tape *tape, const Tensor *states, AttentionKeys *keys) {
  const AttentionProjection *p = &a->in;
  if (p->kv >= 0) {
    const Tensor *both = apply(a, tape, states, p->kv, 1);
    keys->keys = keep_part(tape, a, both, 0);
    keys->values = keep_part(tape, a, both, 1);
    return;
  }
  int last = a->spec.pattern == PATTERN_qkv ? 2 : a->spec.pattern == PATTERN_qvv ? 1 : 0;
  keys->values = apply(a, tape, states, p->v, last);
  keys->keys = p->k >= 0 ? apply(a, tape, states, p->k, 1) : keys->values;
}

AttentionSelf projection_self(const Attention *a, Tape *tape, const Tensor *x) {
  const AttentionProjection *p = &a->in;
  if (p->all >= 0) {
    const Tensor *all = apply(a, tape, x, p->all, 0);
    return (AttentionSelf){*keep_part(tape, a, all, 0), *keep_part(tape, a, all, 1), *keep_part(tape, a, all, 2)};
  }
  AttentionKeys keys;
  projection_keys(a, tape, x, &keys);
  const Tensor *q = p->q >= 0 ? apply(a, tape, x, p->q, 0) : keys.values;
  return (AttentionSelf){*q, *keys.keys, *keys.values};
}

void projection_open(AttentionRun *run, int capacity) {
  const Attention *a = run->attention;
  Tape *tape = run->tape;
  if (!a->spec.self) {
    int q = a->in.q >= 0 ? a->in.q : a->in.v;
    Tensor *bias = tape_keep(tape, tensor_cols(tape_param(tape, a->in.bias), 0, a->spec.size));
    run->query = op_linear_open(tape, tape_part(tape, q), bias);
    run->queries = tape_tensor(tape, capacity, a->spec.size);
  }
  run->out = op_linear_open(tape, tape_part(tape, a->in.out_w), tape_param(tape, a->in.out_b));
  run->joined = tape_tensor(tape, capacity, a->spec.size);
}

const Tensor *projection_queries(AttentionRun *run, const Tensor *q) {
  Tensor projected = attention_slab(run, run->queries, q->rows);
  op_linear_to(run->query, q, &projected);
  return tape_keep(run->tape, projected);
}
