/* tape.h - reverse-mode differentiation over coarse operations. An operation computes at once (eagerly) and, while the
 * tape records, pushes a node whose backward adds to the gradients of its inputs; tape_backward runs the nodes in
 * reverse.
 *
 * Everything a tape gives out lives on its arena. With recording off (translation) nothing is saved and no tensor has a
 * gradient. A tape belongs to one thread; the ParamSet it reads is shared and const. */
#ifndef AD_TAPE_H
#define AD_TAPE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/profile.h"
#include "num/param.h"
#include "num/tensor.h"

typedef struct TapeNode {
  const char *op;
  void (*backward)(void *saved);
  void *saved;
  struct TapeNode *previous;
} TapeNode;

/* Who wants to know when the gradient of a parameter is complete: once backward has passed all that uses it. */
typedef struct TapeWatch {
  void (*complete)(void *ctx, int param);
  void *ctx;
  int *uses; /* [params] zeros before and after; how often what is recorded uses each */
} TapeWatch;

typedef struct Tape {
  Arena *arena;
  Arena *gradients; /* of tensors, zeroed when backward begins; NULL: they stand on arena, zeros from the start */
  const ParamSet *params;
  real *grads; /* block of params' layout; NULL: no gradients of parameters */
  bool recording;
  TapeNode *last;
  const TapeWatch *watch; /* NULL: nobody */
  Profile *profile; /* of a recording tape: time since the last node belongs to the op that pushes the next; or NULL */
} Tape;

/* Forgets all nodes and takes back the arenas. */
void tape_reset(Tape *tape);
/* A new tensor: values not cleared, gradients zero from when backward begins (none when not recording). */
Tensor *tape_tensor(Tape *tape, int rows, int cols);
/* The same with values zero. */
Tensor *tape_zeros(Tape *tape, int rows, int cols);
/* A new tensor in place: while recording its gradient stands where its values stand. For what one operation reads that
 * needs no values of it when backward comes back, and that sets the gradient instead of adding to it. */
Tensor *tape_in_place(Tape *tape, int rows, int cols);
/* A copy of a view, on the arena. */
Tensor *tape_keep(Tape *tape, Tensor view);
/* The tensor of a parameter. */
Tensor *tape_param(Tape *tape, int index);
/* The tensor of a part of one. */
Tensor *tape_part(Tape *tape, int part);
/* Memory for the time of one forward pass of an operation: while recording, where gradients will stand. Until a mark
 * of arena that the caller has made is rewound. */
void *tape_scratch(Tape *tape, size_t count, size_t size);
/* Memory of a node. */
void *tape_alloc(Tape *tape, size_t count, size_t size);
/* op names the operation, which has done its forward work, in a profile. No effect when not recording. */
void tape_push(Tape *tape, const char *op, void (*backward)(void *saved), void *saved);
void tape_backward(Tape *tape);

#endif
