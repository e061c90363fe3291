/* mixture.h - words as the mean of what each source position gives alone, weighted as attention weighs it: the exact
 * marginal of hard attention (Deng et al. 2018, section 3; Shankar et al. 2018). A part is a row with the context h_i
 * of one position; its state, and what goes on to the next step, have the soft context. On the tape's arena. */
#ifndef NN_MIXTURE_H
#define NN_MIXTURE_H

#include "nn/attention.h"
#include "nn/gate.h"
#include "nn/narrow.h"

typedef struct Mixture {
  Mixed mixed;
  const int *row;        /* [n] the row that a part is of */
  Tensor joined;         /* [n, columns of a row's] what readouts are made of */
  const Tensor *readout; /* [n,O] of these; set by whoever makes them */
} Mixture;

/* What N rows are whose looks have been made. */
typedef struct MixtureRows {
  const AttentionRun *attention;
  const GateRun *gate;  /* NULL: none */
  const Tensor *joined; /* [N, width of a context + others] */
  const int *sentence;  /* [N] */
} MixtureRows;
/* The parts: every position that a row may look at. */
Mixture *mixture_open(Tape *tape, const MixtureRows *rows);
/* log p of the words of row r, into logprob: of logits [parts of r, V] the first n_words of each. */
void mixture_words(const Mixture *mixture, Tape *tape, int r, const Tensor *logits, int n_words, real *logprob);

#endif
