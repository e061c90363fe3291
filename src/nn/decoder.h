/* decoder.h - the recurrent decoder whose state looks at the encoder's states (model.md's "Decoder start" and "One
 * decoder step"). The same step serves training, where the rows of all steps stand in slabs of the whole batch, and
 * translation, where a run holds one step. Const once declared. */
#ifndef NN_DECODER_H
#define NN_DECODER_H

#include "nn/attention.h"
#include "nn/encoder.h"

typedef struct Decoder {
  const ModelConfig *config;
  int embedding; /* parameter [V,E] */
  RnnLayer layers[MAX_LAYERS];
  RnnLayer second; /* the second GRU of a cgru, whose first is layers[0] */
  int init_w[MAX_LAYERS], init_b[MAX_LAYERS];
  Attention attention;
  int combine; /* parts: [O, D + Q (+ E)] */
  Norm norm_combine;
  int output_w, output_b; /* [V,O], [V] */
} Decoder;

/* What goes from step to step, n rows each: recurrent states of every layer, with input feeding h~,
 * with coverage how much of each source position has been looked at. */
typedef struct DecoderState {
  Tensor h[MAX_LAYERS];
  Tensor c[MAX_LAYERS]; /* x NULL for a cell without c */
  Tensor feed;          /* x NULL without input feeding, and before the first step of training */
  Tensor covered;       /* [.,S] what attention has looked at; x NULL without coverage */
} DecoderState;

/* A decoder at work on rows of one or all steps. On the tape's arena. */
typedef struct DecoderRun {
  const Decoder *decoder;
  Tape *tape;
  const NoiseRun *noise; /* NULL: none */
  AttentionRun *attention;
  Linear
      *feed; /* columns of layer 0's W_ih for h~ (luong with feeding) or the context, W_ih of the second GRU; or NULL */
  Linear *below[MAX_LAYERS]; /* W_ih of layers from 1 on */
  Cell *cell[MAX_LAYERS];
  Cell *second; /* of a cgru, NULL otherwise */
  Linear *combine;
  Tensor *input[MAX_LAYERS];           /* [N,GH] W_ih x + b_ih */
  Tensor *gates[MAX_LAYERS];           /* the same tensor, or another that takes it normalised step by step */
  Tensor *second_input, *second_gates; /* [N,3Q] likewise */
  Tensor *query;                       /* [N,Q] s'_t, what a cgru's first GRU gives */
  Tensor *h[MAX_LAYERS];               /* [N,Q] recurrent states; one of them may be columns of joined */
  Tensor *c[MAX_LAYERS];               /* NULL for a cell without c */
  Tensor *o[MAX_LAYERS];               /* [N,Q] outputs: h, or h + the output below when residual */
  Tensor *dropped[MAX_LAYERS];         /* [N,Q] inputs of layers from 1 on after dropout; NULL when off */
  Tensor *dropped_h[MAX_LAYERS];       /* [N,Q] states before as W_hh reads them, after dropout; NULL when off */
  Tensor *dropped_query;               /* s'_t likewise, for the second GRU */
  Tensor *joined;                      /* [N, D + Q (+ E)]: [c; s] or, deep, [c; s; e]: what W_combine reads */
  Tensor *combined;                    /* [N,O] W_combine joined */
  Tensor *readout;                     /* [N,O] h~; the same tensor as combined unless that is normalised */
  Tensor *weights;                     /* [N,S] alignments */
  Tensor *covered;                     /* [N,S] after each look; NULL without coverage */
  Tensor *centre;                      /* [N,1] p_t of local_p; NULL with another scope */
} DecoderRun;

void decoder_declare(Decoder *decoder, ParamSet *set, const ModelConfig *config);
/* s_0 of every sentence, in sentence order. */
void decoder_start(const Decoder *decoder, Tape *tape, const Encoded *encoded, DecoderState *state);
/* A run over n rows whose input tokens are ids [n]. noise may be NULL. */
DecoderRun *decoder_open(const Decoder *decoder, Tape *tape, const Encoded *encoded, const AttentionKeys *keys,
                         const int32_t *ids, int n, const NoiseRun *noise);
/* The step of rows row .. row+n-1 from the states before, n rows each; sentence, step [n]. */
void decoder_step(DecoderRun *run, int row, int n, const DecoderState *before, const int *sentence, const int *step);
/* The states after the step that wrote rows row .. row+n-1. */
void decoder_state(const DecoderRun *run, int row, int n, DecoderState *state);
/* What need not be done step by step, for all n rows at once; sentence, step [n]. Afterwards readout and weights stand.
 */
void decoder_finish(DecoderRun *run, const int *sentence, const int *step);

#endif
