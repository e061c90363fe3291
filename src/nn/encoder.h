/* encoder.h - what every kind of encoder is: source tokens to a state h_i for each. A kind is one file encoder_NAME.c
 * and a line in encoders.def. Const once declared. */
#ifndef NN_ENCODER_H
#define NN_ENCODER_H

#include "nn/noise.h"
#include "nn/patches.h"
#include "nn/pondered.h"
#include "nn/stack.h"
#include "num/head_weights.h"
#include "num/ids.h"
#include "num/side.h"

/* What the decoder gets. On the tape's arena. */
typedef struct Encoded {
  Places places;          /* whose states are whose: sentence by sentence */
  const int *first;       /* [n_sent] the first part of each sentence; NULL: each is one */
  const int32_t *ids;     /* [N] the token of each state; NULL where no decoder asks */
  const uint64_t *chance; /* [n_sent] by which hard attention draws in searches; NULL: it does not */
  Passage *passages;      /* [n_sent] likewise, and the part [n_sent] that each query is */
  const int *query;
  const Tensor *states; /* [N,D] the h_i */
  const Tensor *keys; /* [N,D] what queries are compared with instead, where no pattern projects the h_i; NULL: those */
  /* Self-attention layers, from the lowest, heads beside heads of [N, longest]. */
  LayerWeights attended[2 * MAX_LAYERS];
  int n_attended;
  int n_steps; /* so many of them, the first, are steps of one layer, of which a sentence has those that it takes */
  const Side *side;      /* the rows that layers ran over */
  PonderedSide pondered; /* of layers that ponder, their directions one after another; rows as of side */
  /* Of recurrent layers only, each [B,D]: final states, [->h_n; <-h_1]. */
  Tensor *last_h[MAX_LAYERS];
  Tensor *last_c[MAX_LAYERS]; /* NULL for a cell without c */
} Encoded;

/* What a kind runs over. */
typedef struct EncoderInput {
  const Side *side;
  const Ids *sources;             /* of its sentences */
  const NoiseRun *noise;          /* of the side's rows */
  const Tensor *x;                /* [N,E] embedded tokens */
  const PositionLayer *positions; /* for each of its layers, where it is placed; else NULL */
} EncoderInput;

typedef struct EncoderDef {
  const char *name;
  bool packed;  /* the order of rows that run wants: step by step, or sentence by sentence */
  bool placed;  /* the embedding of words is scaled by sqrt(E), and positions are added (Vaswani et al. 2017,
                  section 3.4) */
  bool attends; /* has self-attention layers of its own, which are then what knows positions; else those on top do */
  size_t size;  /* of what it declares */
  void (*declare)(void *encoder, ParamSet *set, const ModelConfig *config);
  /* States [N,D], sentence by sentence. */
  const Tensor *(*run)(const void *encoder, Tape *tape, const EncoderInput *in, Encoded *out);
} EncoderDef;

const EncoderDef *encoder_def(EncoderKind kind);

typedef struct Encoder {
  const EncoderDef *def;
  const ModelConfig *config;
  int embedding;   /* parameter [Vs,E], or -1: */
  Patches patches; /* what sources that are not text are read through */
  Positions positions;
  void *own;    /* what the kind declares */
  Stack on_top; /* self-attention */
} Encoder;

/* embedding: the parameter to use when it is tied to the decoder's, else -1 to declare one. */
void encoder_declare(Encoder *encoder, ParamSet *set, const ModelConfig *config, int embedding);
void encoder_free(Encoder *encoder);
/* Sentences are given without </s>, which is added; regions have none. noise may be NULL. */
Encoded *encoder_run(const Encoder *encoder, Tape *tape, const Ids *sources, int n, const Noise *noise);
/* Steps taken for each token of a sentence, [S], copied to an arena; NULL where no layer ponders. */
const double *encoder_steps(const Encoded *encoded, int sentence, Arena *arena);
/* What each head of self-attention looked at in a sentence, [n,S,S], copied to an arena; n 0: there is none. */
HeadWeights encoder_looks(const Encoded *encoded, int sentence, Arena *arena);

#endif
