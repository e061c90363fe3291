/* rnn.h - one recurrent layer in one direction: its parameters, and its run over packed sequences. With adaptive
 * computation time (Graves 2016) the cell runs several times a step, over the same input but for one more number, which
 * is 1 the first time and 0 then. */
#ifndef NN_RNN_H
#define NN_RNN_H

#include "nn/cell.h"
#include "nn/noise.h"
#include "nn/norm.h"
#include "nn/pondered.h"
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
  PonderRule ponder;          /* max_rounds 0: each step is one of the cell's */
  int w_flag, w_halt, b_halt; /* parts: the last column of weight_ih, and what halts; its bias */
} RnnLayer;

typedef struct RnnSpec {
  const char *name; /* tensors are NAME.{weight_ih,weight_hh,bias_ih,bias_hh}_lLAYERSUFFIX */
  int layer;
  const char *suffix;
  CellKind cell;
  int in, fed; /* sizes of inputs known before the first step, and step by step; 0: none */
  int hidden;
  bool normed;          /* also NAME.norm_{ih,hh,c}_l...{weight,bias} */
  const ActConfig *act; /* when on, also NAME.halt_l...{weight,bias} */
} RnnSpec;
RnnLayer rnn_declare(ParamSet *set, const RnnSpec *spec);

/* A layer at work on the rows of one or all steps of a side, on the tape's arena. */
typedef struct RnnRun {
  const RnnLayer *layer;
  Tape *tape;
  const NoiseRun *noise; /* of the side's rows; NULL: none */
  NoisePlace place;      /* of the states that W_hh reads */
  Cell *cell;
  Tensor *dropped;     /* [N,H] what W_hh reads; NULL: the states as they are */
  Linear *flag, *halt; /* NULL: one step of the cell's a step */
  Tensor *cost;        /* [N,1] Pondered; NULL likewise */
  int *steps;
} RnnRun;
/* Room for the gates [n,GH] that the layer's steps read: in place, but where it ponders over them again and again. */
Tensor *rnn_gates(const RnnLayer *layer, Tape *tape, int n);
RnnRun *rnn_open(const RnnLayer *layer, Tape *tape, int n, const NoiseRun *noise, NoisePlace place);

/* Rows row .. row+n-1 of a run go one step further. */
typedef struct RnnStep {
  int row;
  Tensor input;        /* [n,GH] W_ih x + b_ih */
  Tensor gates;        /* [n,GH] that, normalised if the layer is; of rnn_gates, or a copy is made */
  const Tensor *h;     /* [n,H] before; NULL: zeros */
  const Tensor *c;     /* likewise, of a cell with c */
  Tensor h_new, c_new; /* [n,H] are written; c_new x NULL: none */
} RnnStep;
void rnn_step(const RnnRun *run, const RnnStep *step);

/* How long the rows have pondered. */
Pondered rnn_pondered(const RnnRun *run);

/* Runs a layer of the encoder over x [N,in] from zero states; h [N,H] and, for a cell with c, c [N,H] are written.
 * reverse: from the last token of each sentence to its first. Gives how long it has pondered. */
Pondered rnn_run(const RnnLayer *layer, Tape *tape, const Packed *packed, bool reverse, const NoiseRun *noise,
                 const Tensor *x, Tensor *h, Tensor *c);

#endif
