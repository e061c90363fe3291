/* encoder.h - what every kind of encoder is: source tokens to a state h_i for each. A kind is one file encoder_NAME.c
 * and a line in encoders.def. Const once declared. */
#ifndef NN_ENCODER_H
#define NN_ENCODER_H

#include "nn/noise.h"
#include "num/ids.h"
#include "num/side.h"

enum { MAX_LAYERS = 16 };

/* What the decoder gets. On the tape's arena. */
typedef struct Encoded {
  Places places;        /* whose states are whose: sentence by sentence */
  const Tensor *states; /* [N,D] the h_i */
  /* Of recurrent layers only, each [B,D]: final states, [->h_n; <-h_1]. */
  Tensor *last_h[MAX_LAYERS];
  Tensor *last_c[MAX_LAYERS]; /* NULL for a cell without c */
} Encoded;

typedef struct EncoderDef {
  const char *name;
  bool packed; /* the order of rows that run wants: step by step, or sentence by sentence */
  size_t size; /* of what it declares */
  void (*declare)(void *encoder, ParamSet *set, const ModelConfig *config);
  /* From embedded tokens x [N,E] to states [N,D], sentence by sentence. */
  const Tensor *(*run)(const void *encoder, Tape *tape, const Side *side, const NoiseRun *noise, const Tensor *x,
                       Encoded *out);
} EncoderDef;

const EncoderDef *encoder_def(EncoderKind kind);

typedef struct Encoder {
  const EncoderDef *def;
  const ModelConfig *config;
  int embedding; /* parameter [Vs,E] */
  void *own;     /* what the kind declares */
} Encoder;

/* embedding: the parameter to use when it is tied to the decoder's, else -1 to declare one. */
void encoder_declare(Encoder *encoder, ParamSet *set, const ModelConfig *config, int embedding);
void encoder_free(Encoder *encoder);
/* Sentences are given without </s>, which is added. noise may be NULL. */
Encoded *encoder_run(const Encoder *encoder, Tape *tape, const Ids *sources, int n, const Noise *noise);

#endif
