/* transformer.h - what config keys make of Transformer stacks: the specs of an encoder's, a decoder's, and of the
 * self-attention on top of any encoder. */
#ifndef NN_TRANSFORMER_H
#define NN_TRANSFORMER_H

#include "nn/stack.h"

void transformer_declare_encoder(Stack *stack, ParamSet *set, const ModelConfig *config);
void transformer_declare_decoder(Stack *stack, ParamSet *set, const ModelConfig *config);
/* model.encoder.self_attention, over states of size D. */
void transformer_declare_on_top(Stack *stack, ParamSet *set, const ModelConfig *config);

#endif
