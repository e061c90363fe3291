/* stack.h - Transformer layers one on another, with a normalisation after the last if wanted: an encoder, the
 * self-attention on top of another encoder, or a decoder. Const once declared. */
#ifndef NN_STACK_H
#define NN_STACK_H

#include "nn/layer.h"
#include "nn/model_config.h"

typedef struct StackSpec {
  const char *name; /* "encoder": its layers are encoder.layers.0 ..., its last normalisation encoder.norm */
  int layers;
  bool final_norm;
  LayerSpec layer; /* of all of them; number is the first one's */
} StackSpec;

typedef struct Stack {
  int n;
  Layer layers[MAX_LAYERS];
  Norm norm;
} Stack;

void stack_declare(Stack *stack, ParamSet *set, const StackSpec *spec);

/* What only some stacks have is NULL for the others. */
typedef struct StackInput {
  const Tensor *x;                  /* [N,d] */
  const PositionLayer *positions;   /* [layers] what LayerInput.position is */
  const AttentionKeys *const *keys; /* [layers] what LayerInput.keys is */
  const Carried *before;            /* [layers] what LayerInput.before is */
} StackInput;
/* weights [layers] are filled. */
const Tensor *stack_run(const Stack *stack, const LayerRun *run, const StackInput *in, LayerWeights *weights);

#endif
