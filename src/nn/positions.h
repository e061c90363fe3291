/* positions.h - how one side's self-attention layers know where a token stands. A kind is one file position_NAME.c and
 * a line in positions.def. Const once declared.
 *
 * L layers, d size of a row, h heads of d / h. Positions count from 0, <s> of a target and its first word being 0 and
 * 1. A table for n positions begins with those for fewer, number for number. */
#ifndef NN_POSITIONS_H
#define NN_POSITIONS_H

#include "ad/op.h"
#include "nn/model_config.h"

typedef struct PositionSpec {
  const char *name;  /* of the side, "encoder" or "decoder": its tensors stand behind it. Borrowed */
  const char *stack; /* what the names of its layers stand behind: NAME, or "encoder.self_attention" */
  PositionKind kind;
  int size, layers, heads; /* d, L, h; without layers a table is for the embedding alone */
  int max_positions;       /* learned: rows of its table */
  int max_distance;        /* relative: k, farther ones count as k */
  bool relative_values;
  int flow_steps; /* of the solver, a position */
} PositionSpec;

typedef struct Positions {
  PositionSpec spec;
  int first;  /* parameter: the first declared */
  int net[2]; /* parts: flow's matrices */
} Positions;

/* What one layer is given; x NULL where its kind has nothing for it. */
typedef struct PositionLayer {
  Tensor table; /* [n,d]: for layer 0 added to x itself, for later ones to what q, k and v read */
  Tensor turns; /* [n,d/h]: q and k are turned by it (op_rotary) */
  Tensor relative_key, relative_value; /* [2k+1,d/h] of op_relative and op_relative_value */
} PositionLayer;

typedef struct PositionDef {
  const char *name;
  bool tables;                                          /* gives tables; the others are known to self-attention only */
  bool limited;                                         /* knows no position from max_positions on */
  void (*declare)(Positions *positions, ParamSet *set); /* NULL: nothing is learnt */
  void (*open)(const Positions *positions, Tape *tape, int n, PositionLayer *layers); /* NULL: gives nothing */
} PositionDef;

const PositionDef *positions_def(PositionKind kind);

void positions_declare(Positions *positions, ParamSet *set, const PositionSpec *spec);
/* For positions 0 .. n-1, what each layer is given [L], on the tape's arena. n <= max_positions of a limited kind. */
const PositionLayer *positions_open(const Positions *positions, Tape *tape, int n);

/* Turns projected queries and keys of rows at the positions index, where the kind does; v is never turned: where it
 * shares its numbers with one of them, *q and *k become new tensors. */
void positions_turn(const PositionLayer *layer, Tape *tape, const int *index, Tensor *q, Tensor *k, const Tensor *v);

/* What is added to the embedding itself, [n,d]; NULL: nothing. */
const Tensor *positions_first(const PositionLayer *layers);

/* For the kinds. Declares NAME.rest [rows,cols], or [cols] when rows is 0; gives its index. */
int positions_param(const Positions *positions, ParamSet *set, const char *rest, int rows, int cols, ParamStart start);
/* A table without gradients. */
Tensor positions_constant(Tape *tape, int n, int cols);
/* Row i holds sin and cos of i 10000^(-2c/d) at columns 2c and 2c + 1 (Vaswani et al. 2017, section 3.5). */
Tensor positions_sinusoids(Tape *tape, int n, int size);

#endif
