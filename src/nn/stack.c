#include "nn/stack.h"

#include "base/str.h"

void stack_declare(Stack *stack, ParamSet *set, const StackSpec *spec) {
  Str name = {0};
  stack->n = spec->layers;
  for (int l = 0; l < spec->layers; l++) {
    LayerSpec layer = spec->layer;
    str_clear(&name);
    str_addf(&name, "%s.layers.%d", spec->name, l);
    layer.name = str_text(&name);
    layer.number += l;
    layer_declare(&stack->layers[l], set, &layer);
  }
  str_clear(&name);
  str_addf(&name, "%s.norm", spec->name);
  if (spec->final_norm) stack->norm = norm_declare(set, str_text(&name), spec->layer.size, START_ZERO, 1);
  str_free(&name);
}

const Tensor *stack_run(const Stack *stack, const LayerRun *run, const StackInput *in, LayerWeights *weights) {
  const Tensor *x = in->x;
  for (int l = 0; l < stack->n; l++) {
    const LayerInput input = {x, in->positions == NULL ? NULL : &in->positions[l], l,
                              in->keys == NULL ? NULL : in->keys[l], in->before == NULL ? NULL : &in->before[l]};
    x = layer_run(&stack->layers[l], run, &input, &weights[l]);
  }
  return stack->norm.on ? norm_new(&stack->norm, run->tape, x) : x;
}
