/* universal.h - one Transformer layer run again and again over the same rows (the Universal Transformer's encoder,
 * Dehghani et al. 2018, section 2), a fixed number of times or, with adaptive computation time, until each row has
 * halted. Its tensors are those of a stack of one layer, encoder.layers.0, and with adaptive computation time
 * encoder.halt. Const once declared. */
#ifndef NN_UNIVERSAL_H
#define NN_UNIVERSAL_H

#include "nn/encoder.h"

typedef struct Universal {
  const ModelConfig *config;
  int halt_w, halt_b; /* a part [1,d] and a parameter; with adaptive computation time */
} Universal;

void universal_declare(Universal *universal, ParamSet *set, const ModelConfig *config);
/* Rows [N,d] after the last step, normalised as the stack does. Before each step, counted from 1, x gets what positions
 * add to rows and sin, cos of the step's number; what the embedding has of positions counts for the first. A row that
 * has halted stands still: others go on looking at its last state. Fills what out knows of looks and steps. */
const Tensor *universal_run(const Universal *universal, const Stack *stack, const LayerRun *run, const EncoderInput *in,
                            Encoded *out);

#endif
