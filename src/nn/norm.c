#include "nn/norm.h"

#include "base/str.h"

Norm norm_declare(ParamSet *set, const char *name, int size, ParamStart bias, int groups) {
  Norm norm = {.on = true, .groups = groups};
  Str full = {0};
  str_addf(&full, "%s.weight", name);
  norm.gain = param_vector(set, str_text(&full), size, START_ONE, groups);
  str_clear(&full);
  str_addf(&full, "%s.bias", name);
  norm.bias = param_vector(set, str_text(&full), size, bias, groups);
  str_free(&full);
  return norm;
}

const LayerNorm *norm_tensors(const Norm *norm, Tape *tape) {
  if (!norm->on) return NULL;
  LayerNorm *tensors = tape_alloc(tape, 1, sizeof *tensors);
  *tensors = (LayerNorm){*tape_param(tape, norm->gain), *tape_param(tape, norm->bias)};
  return tensors;
}

void norm_apply(const Norm *norm, Tape *tape, const Tensor *x, Tensor *dst) {
  op_norm(tape, x, norm->groups, norm_tensors(norm, tape), dst);
}

const Tensor *norm_new(const Norm *norm, Tape *tape, const Tensor *x) {
  Tensor *y = tape_tensor(tape, x->rows, x->cols);
  norm_apply(norm, tape, x, y);
  return y;
}
