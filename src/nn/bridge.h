/* bridge.h - from the encoder's last states, or the mean of all, to the decoder's first: s_0^l = tanh(W_l x + b_l) of
 * each layer l (Bahdanau et al. 2015, appendix A.2.2). Const once declared. */
#ifndef NN_BRIDGE_H
#define NN_BRIDGE_H

#include "ad/op.h"
#include "nn/model_config.h"

typedef struct Bridge {
  int w[MAX_LAYERS], b[MAX_LAYERS];
} Bridge;

/* decoder.init.LAYER.{weight,bias} of every layer; nothing where states are copied or zero. */
void bridge_declare(Bridge *bridge, ParamSet *set, const ModelConfig *config);
/* s_0 [B,Q] of a layer from x [B,D]. */
Tensor bridge_state(const Bridge *bridge, Tape *tape, int layer, const Tensor *x);

#endif
