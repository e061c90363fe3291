/* layer.h - one Transformer layer (Vaswani et al. 2017, section 3.1): self-attention, in a decoder attention to the
 * encoder's states as well, and a feed-forward network for each row by itself. Each of them stands with a residual sum
 * and a layer normalisation: "post", x <- LN(x + f(x)); "pre", x <- x + f(LN(x)); "none", x <- f(x), neither sum nor
 * normalisation. Tensors are named as those of torch.nn.TransformerEncoderLayer and DecoderLayer. Const once declared.
 *
 * Rows stand sentence by sentence. The same code serves whole sides and one step of a search, whose self-attention
 * reads a cache (cache.h). */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include "nn/attention.h"
#include "nn/cache.h"
#include "nn/noise.h"
#include "nn/norm.h"
#include "nn/positions.h"

typedef struct LayerSpec {
  const char *name;       /* "encoder.layers.0" */
  int number;             /* below 64; tells the masks of its dropout apart from those of all other layers */
  int size, feed_forward; /* d; f, 0: no feed-forward network */
  ActivationKind activation;
  NormPlace norm;
  /* Their names are NAME.self_attn and NAME.multihead_attn whatever these say. cross NULL: none. */
  AttentionSpec self;
  const AttentionSpec *cross;
} LayerSpec;

typedef struct Layer {
  LayerSpec spec; /* without name and cross */
  bool crosses;
  Attention self, cross;
  int w1, w2, w3, b1, b2; /* parts and parameters of the feed-forward network; w3 of swiglu, which has no biases */
  Norm norms[3];
} Layer;

void layer_declare(Layer *layer, ParamSet *set, const LayerSpec *spec);

/* The rows that layers run over, and what they look at. */
typedef struct LayerRun {
  Tape *tape;
  const NoiseRun *noise; /* NULL: none */
  Rows rows;
  const int *owner;     /* [N] whose places self-attention of a row looks at: its sentence, in a step its hypothesis */
  const Places *places; /* of the side itself; in a step, of the cache */
  const Cache *cache;   /* NULL: the rows are whole sentences */
  int cached;           /* the first row that this step has in the cache */
  const Places *memory; /* of the encoder's states; NULL: none are looked at */
  const int *previous;  /* [N] what AttentionLook.previous is, of whole targets; NULL: in a step */
} LayerRun;

/* What a layer looked at, head beside head. */
typedef struct LayerWeights {
  const Tensor *self;   /* [N, heads longest of the side] */
  const Tensor *cross;  /* [N, heads S]; NULL: none */
  const Tensor *centre; /* [N,1] p_t where the look at the source is local_p; else NULL */
  Carried after;        /* what that look carries on */
} LayerWeights;

typedef struct LayerInput {
  const Tensor *x;               /* [N,d] */
  const PositionLayer *position; /* how its self-attention knows where rows stand */
  int index;                     /* which of its cache's layers is its own */
  const AttentionKeys *keys;     /* of the encoder's states for this layer */
  const Carried *before;         /* what the look at them brings; NULL: nothing */
} LayerInput;
/* Gives x [N,d]. */
const Tensor *layer_run(const Layer *layer, const LayerRun *run, const LayerInput *in, LayerWeights *weights);

#endif
