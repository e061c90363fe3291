/* param.h - the trained numbers of a model. Each tensor is declared once by name, shape and how it starts; values,
 * gradients and an optimizer's moments are blocks with one layout, so that clipping, averaging and saving are one loop.
 *
 * A ParamSet owns its declarations and its values, unless they are lent to it: those of a model that is not to change
 * may lie in a mapped file. Const (any thread may read) once the values are set. */
#ifndef NUM_PARAM_H
#define NUM_PARAM_H

#include <stdint.h>

#include "base/pool.h"
#include "num/tensor.h"

typedef enum ParamStart {
  START_ZERO,
  START_ONE,
  START_GLOROT, /* U(+-sqrt(6 / (in + out))), each gate (block of rows) a matrix of its own (Glorot and Bengio 2010) */
  START_ORTHOGONAL, /* each gate an orthogonal matrix (Saxe et al. 2014) */
  START_EMBEDDING,  /* N(0, 0.1^2) */
  START_UNIT,       /* N(0, 1 / columns): of variance 1 once multiplied by the root of the columns */
  START_GATED,      /* N(0, 4 / columns): a gated linear unit of it keeps the variance (Gehring et al. 2017, 3.5) */
  START_POSITIONS,  /* N(0, 0.02^2) */
  START_CIRCLE,     /* 0, 1, 0, 1, ... in row 0, below it 0 */
  START_FORGET,     /* 0, and 1 in the second of four gates: an LSTM's forget gate (Jozefowicz et al. 2015) */
  START_ADDRESS, /* of each of `gates` groups: 0, -2 and shifts -R .. R of which the softmax gives 0 the weight 0.8 */
  START_VECTOR,  /* U(+-sqrt(3 / n)) */
  START_WIDTH,   /* n^(-1/4), n given as gates: the Gaussian score's width for queries of size n */
  START_VALUE,   /* one value everywhere: param_constant */
  START_REACH    /* n^(-1/2) / 2: the width at which a kernel reaches 2 n^(1/2), as far as states in (-1, 1) can be */
} ParamStart;

typedef struct Param {
  char *name;
  int rank;       /* of the stored shape: 1, 2 or 3 */
  int rows, cols; /* rank 1: rows = 1 */
  int taps;       /* rank 3: the stored shape is [rows, cols / taps, taps] */
  ParamStart start;
  int gates;
  double value;     /* of START_VALUE */
  size_t offset;    /* in numbers, into every block of this layout */
  const real *lent; /* values that lie elsewhere; NULL: in the set's own block */
  /* Codes [rows, cols] of 8 bits, and a scale a row, of which the lent values were made (num/int8.h); NULL: of none. */
  const int8_t *codes;
  const real *scale;
  bool coded; /* the lent values are still to be made of the codes: none may be read before param_pack */
  bool table; /* rows are read one by one, products with parts apart */
} Param;

/* What each row is of that passes through a part; a part may be of several. */
typedef enum ParamSide {
  SIDE_SOURCE = 1,   /* a source token */
  SIDE_TARGET = 2,   /* a target token */
  SIDE_SENTENCE = 4, /* a sentence */
  SIDE_OTHER = 8     /* something else, such as a position of a table; or a row needs not all of the part */
} ParamSide;

/* A block of a matrix that takes part in products by itself: often all of it, sometimes the columns of one of several
 * inputs, or the rows of one of several results. */
typedef struct ParamPart {
  int param, row, rows, col, cols;
  unsigned sides;
  bool again; /* an update multiplies with it more than once a shard: at each step, or for each block of rows */
  Pack pack;  /* of the values as they were at param_pack; empty before, and when it does not pay */
  unsigned long packed; /* the set's `changes` at that time */
} ParamPart;

/* Rows of one side that look at rows of a side, their own or another. */
typedef struct ParamLook {
  unsigned rows, at;  /* SIDE_SOURCE or SIDE_TARGET */
  int columns;        /* numbers compared and numbers summed of each row looked at: a multiply-add each */
  int before, behind; /* how far from its own place a row looks; PARAM_ALL: to the end */
} ParamLook;
enum { PARAM_ALL = 1 << 30 };

typedef struct ParamSet {
  Param *params;
  int n_params, cap;
  ParamPart *parts;
  int n_parts, parts_cap;
  ParamLook *looks;
  int n_looks, looks_cap;
  unsigned side;         /* of the parts declared next */
  size_t size;           /* numbers in a block, padding included */
  real *values;          /* the set's own block; NULL while they are lent, or not there yet */
  unsigned long changes; /* how often the values have changed: param_changed */
} ParamSet;

/* Declares a matrix [rows, cols] or a vector [cols]; gives its index. Before param_seal. */
int param_matrix(ParamSet *set, const char *name, int rows, int cols, ParamStart start, int gates);
int param_vector(ParamSet *set, const char *name, int cols, ParamStart start, int gates);
/* A vector [cols] that starts at one value. */
int param_constant(ParamSet *set, const char *name, int cols, double value);
/* Declares the kernels of a convolution of `taps` positions, as torch.nn.Conv1d stores them: [rows, channels, taps]. */
int param_kernels(ParamSet *set, const char *name, int rows, int channels, int taps, ParamStart start);
/* Declares columns col .. col+cols-1 of a matrix as a part; gives its index. */
int param_part(ParamSet *set, int param, int col, int cols);
/* Likewise rows row .. row+rows-1, whole. */
int param_part_rows(ParamSet *set, int param, int row, int rows);
/* Parts declared from now on are of this side; before the first call of none. */
void param_side(ParamSet *set, ParamSide side);
/* Sets the sides of one part, one or several, and gives its index. */
int param_side_of(ParamSet *set, int part, unsigned sides);
/* Says that an update multiplies with the part more than once a shard; gives its index. */
int param_again(ParamSet *set, int part);
/* Multiply-adds of one row of a side in all products with parts. */
double param_work(const ParamSet *set, ParamSide side);
/* Says that rows of the side of now look at others; look.rows is set. */
void param_look(ParamSet *set, ParamLook look);
/* Multiply-adds of all looks in a pair of so many rows a side. */
double param_look_work(const ParamSet *set, int n_source, int n_target);
/* A matrix whose rows are read one by one (param_row), whatever parts of it take part in products. */
int param_table(ParamSet *set, const char *name, int rows, int cols, ParamStart start);
/* A matrix and the part that is all of it; gives the part's index. */
int param_weight(ParamSet *set, const char *name, int rows, int cols, ParamStart start, int gates);
/* Ends declaring and allocates the values, zero. */
void param_seal(ParamSet *set);
/* Ends declaring, too, once done for each parameter: its values, row after row, lie at a place that outlives the set.
 */
void param_lend(ParamSet *set, int index, const real *values);
/* Likewise the codes of a matrix, and room for its values, which param_pack or param_own makes of them when they are
 * needed: PACK_INT8 needs none of a table or of what its parts hold. */
void param_lend_codes(ParamSet *set, int index, const int8_t *codes, const real *scale, const real *room);
/* Gives a set whose values are lent a block of its own with a copy of them, so that they may be changed. */
void param_own(ParamSet *set);
/* To be called whenever values have been written: packs of what they were are then refused (a bug), not used. */
void param_changed(ParamSet *set);
/* Exchanges the set's values for those of another block of its layout. */
void param_swap(ParamSet *set, real **block);
/* Puts the values of a row of a table to x. */
void param_row(const ParamSet *set, int index, int row, real *x);
/* The values of a parameter, row after row. */
const real *param_values(const ParamSet *set, int index);
void param_free(ParamSet *set);
/* A new zeroed block of the layout, freed with mem_free. */
real *param_block(const ParamSet *set, const char *what);
/* Fills the values as declared; a number is a function of seed, tensor name and place alone. */
void param_start(ParamSet *set, uint64_t seed);
/* The tensor of a parameter, gradients in the block grads (NULL: none). */
Tensor param_tensor(const ParamSet *set, int index, real *grads);
/* The tensor of a part, with its pack when there is one; it must have been packed since the values last changed. */
Tensor param_part_tensor(const ParamSet *set, int part, real *grads);
/* Packs the parts anew, once the values have changed; for training (PACK_BOTH) only those where it pays: small ones,
 * and those used again. pool may be NULL. Does nothing in the double build. */
void param_pack(ParamSet *set, Pool *pool, PackKind kind);
/* Index by name, -1 when there is none. */
int param_find(const ParamSet *set, const char *name);
/* Numbers in all tensors, padding left out. */
size_t param_count(const ParamSet *set);

#endif
