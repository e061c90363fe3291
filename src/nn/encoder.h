/* encoder.h - the recurrent encoder: source tokens to a state h_i for each (model.md's "Encoder"). Const once declared.
 */
#ifndef NN_ENCODER_H
#define NN_ENCODER_H

#include "nn/noise.h"
#include "nn/rnn.h"
#include "num/ids.h"

typedef struct Encoder {
  const ModelConfig *config;
  int embedding; /* parameter [Vs,E] */
  RnnLayer layers[MAX_LAYERS][2];
} Encoder;

/* What the decoder gets. On the tape's arena. */
typedef struct Encoded {
  Memory memory;              /* the h_i, sentence by sentence */
  Tensor *last_h[MAX_LAYERS]; /* [B,D] final recurrent states of each layer, [->h_n; <-h_1] */
  Tensor *last_c[MAX_LAYERS]; /* NULL for a cell without c */
} Encoded;

/* embedding: the parameter to use when it is tied to the decoder's, else -1 to declare one. */
void encoder_declare(Encoder *encoder, ParamSet *set, const ModelConfig *config, int embedding);
/* Sentences are given without </s>, which is added. noise may be NULL. */
Encoded *encoder_run(const Encoder *encoder, Tape *tape, const Ids *sources, int n, const Noise *noise);

#endif
