/* rnn.h - one recurrent layer in one direction: its parameters, and its run over packed sequences. */
#ifndef NN_RNN_H
#define NN_RNN_H

#include "nn/cell.h"
#include "nn/noise.h"
#include "nn/norm.h"
#include "num/packed.h"

typedef struct RnnLayer {
  const CellDef *cell;
  int hidden;
  int mask;       /* which mask of recurrent states is its own */
  int w_ih, w_hh; /* parts of parameters */
  int w_fed;      /* the columns of weight_ih for what comes step by step; w_ih are the others; -1: none */
  int b_ih, b_hh; /* parameters */
  /* With layer normalisation, a gate at a time: of W_ih x + b_ih, of W_hh h + b_hh; and of a cell's c. */
  Norm norm_ih, norm_hh, norm_c;
} RnnLayer;

/* Declares NAME.{weight_ih,weight_hh,bias_ih,bias_hh}_lLAYERSUFFIX for inputs of size in, known before the first
 * step, and of size fed (0: none), known step by step; normed: NAME.norm_{ih,hh,c}_l...{weight,bias} too. */
RnnLayer rnn_declare(ParamSet *set, const char *name, int layer, const char *suffix, CellKind cell, int in, int fed,
                     int hidden, bool normed);
/* The layer's cell, open over the steps of a sequence. */
Cell *rnn_open(const RnnLayer *layer, Tape *tape);
/* Runs a layer of the encoder over x [N,in] from zero states; h [N,H] and, for a cell with c, c [N,H] are written.
 * reverse: from the last token of each sentence to its first. */
void rnn_run(const RnnLayer *layer, Tape *tape, const Packed *packed, bool reverse, const NoiseRun *noise,
             const Tensor *x, Tensor *h, Tensor *c);

#endif
