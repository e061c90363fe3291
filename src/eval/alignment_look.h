/* alignment_look.h - one layer or head in the place of the alignment: what pictures, the terminal and a CSV matrix show
 * of JSON Lines that tell of all heads.
 *
 * An AlignmentLook belongs to its caller and to one thread; zero-initialised it is empty and ready, alignment_look_free
 * ends it. */
#ifndef EVAL_ALIGNMENT_LOOK_H
#define EVAL_ALIGNMENT_LOOK_H

#include "base/err.h"
#include "eval/alignment.h"

typedef struct LookChoice {
  HeadKind kind;
  int layer; /* from 1; 0: the only one */
  int head;  /* from 1; 0: the mean of the layer's */
} LookChoice;

typedef struct AlignmentLook {
  Alignment alignment; /* views of what follows, and of what was given */
  size_t cap;
  float *weights; /* [cap] */
  int cap_tokens;
  const char **tokens; /* [cap_tokens] what the decoder has read */
  bool *unknown;
} AlignmentLook;

/* Fills look->alignment: rows and columns as the kind of heads has them, gold links and p_t left out by whoever draws
 * them. An empty output stays as it is. False when a has not such heads; a outlives the use. */
bool alignment_look_set(AlignmentLook *look, const Alignment *a, const LookChoice *choice, Err *err);
void alignment_look_free(AlignmentLook *look);

#endif
