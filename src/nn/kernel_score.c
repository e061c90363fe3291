#include "nn/kernel_score.h"

void kernel_score_declare(ParamSet *set, const AttentionSpec *s, int *params, ParamStart start) {
  int size = s->pattern == PATTERN_none ? s->query : s->size / s->heads;
  if (s->width == 0) params[0] = attention_vector(set, s, "width", s->heads, start, size);
}

const Tensor *kernel_score_width(const AttentionRun *run) {
  const Attention *a = run->attention;
  if (a->spec.width == 0) return tape_param(run->tape, a->score[0]);
  Tensor *given = tape_tensor(run->tape, 1, a->spec.heads);
  for (int h = 0; h < a->spec.heads; h++) given->x[h] = (real)a->spec.width;
  return given;
}

void kernel_score_reach(ParamSet *set, const AttentionSpec *s, int *params) {
  kernel_score_declare(set, s, params, START_REACH);
}

Tensor *kernel_score_compare(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys,
                             KernelKind kind) {
  const Kernel kernel = {kind, run->attention->spec.heads, kernel_score_width(run)};
  return op_kernel(run->tape, run->places, look, q, keys, &kernel);
}
