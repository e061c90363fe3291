/* decoder.h - what every kind of decoder is: a reader of encoder states and of the target so far that gives, for each
 * row, what the output layer makes a word of. A kind is one file decoder_NAME.c and a line in decoders.def.
 *
 * The same mathematics serves two ways of running: over whole targets, which are given (training, scoring), and step by
 * step (a search), where the decoder keeps between steps what it wants, row by row of the hypotheses. Const once
 * declared; what a search keeps belongs to that search. */
#ifndef NN_DECODER_H
#define NN_DECODER_H

#include "nn/encoder.h"
#include "nn/mixture.h"

/* Targets to learn or to score, with their closing </s>, in the order of rows that the decoder wants. */
typedef struct Targets {
  const Side *side;
  const int32_t *in;   /* [N] what a row reads: <s> y_1 .. y_m */
  const int32_t *want; /* [N] and what it is to give: y_1 .. y_m </s> */
} Targets;

/* One step of a search: row r is of sentence rows.sentence[r], is at step rows.step[r], the same for all, and has read
 * tokens[r]. */
typedef struct StepRows {
  Rows rows;
  const int32_t *tokens; /* [n] */
} StepRows;

/* The weights of layers, heads beside heads. */
typedef struct Looks {
  int n_layers, n_heads;
  const Tensor *const *layers; /* [n_layers] each [N, n_heads times the longest of what is looked at] */
} Looks;

/* What a decoder gives for N rows, on the tape's arena. */
typedef struct DecoderOut {
  const Tensor *readout;  /* [N,O] what the output layer reads; NULL of a decoder that copies */
  const Tensor *weights;  /* [N,S] the alignment */
  const Tensor *centre;   /* [N,1] p_t of local_p; NULL with another scope */
  PonderedSide pondered;  /* of layers that ponder, rows as they stand */
  const HardRun *hard;    /* of hard attention, rows as they stand; else NULL */
  const Mixture *mixture; /* words are a mean of parts' and not the readout's; NULL: the readout's */
  /* Looks at the source, of which the alignment is made, and at what was read, in a step this row's own steps so far;
   * HEADS_ENCODER is none of a decoder's. */
  Looks looks[N_HEAD_KINDS];
} DecoderOut;

/* What a search may come to. */
typedef struct SearchRoom {
  int rows;  /* hypotheses that live at once, of all sentences */
  int steps; /* of the longest output, with its `</s>` */
} SearchRoom;

typedef struct DecoderDef {
  const char *name;
  bool cloze;              /* the source is a document and a query (cloze.h) */
  bool copies;             /* its words are those of the source, as likely as its weights say: no output layer and no
                              embedding of words read */
  bool packed;             /* the order of rows that teach wants: step by step, or sentence by sentence */
  size_t size, state_size; /* of what it declares, and of what a search keeps */
  /* embedding: the parameter [V,E] of the words read; -1: none. */
  void (*declare)(void *decoder, ParamSet *set, const ModelConfig *config, int embedding);
  /* All steps of whole targets. */
  void (*teach)(const void *decoder, Tape *tape, const Encoded *encoded, const Targets *targets, const NoiseRun *noise,
                DecoderOut *out);
  /* The state before the first step, one row a sentence. What grows goes to the arena kept; the rest stands on the
   * tape's. */
  void (*start)(const void *decoder, Tape *tape, Arena *kept, const Encoded *encoded, const SearchRoom *room,
                void *state);
  /* One step from the state's rows. The state then is the one after; it stands until the tape's arena is rewound, and
   * longer once select has chosen from it. */
  void (*step)(const void *decoder, Tape *tape, const Encoded *encoded, void *state, const StepRows *rows,
               DecoderOut *out);
  /* Row r of the next step goes on from row parents[r] of the last, r < n. */
  void (*select)(const void *decoder, void *state, const int *parents, int n);
} DecoderDef;

const DecoderDef *decoder_def(DecoderKind kind);

#endif
