/* side.h - the tokens of one side of a batch as rows: step by step, as recurrent layers want them (packed.h), or
 * sentence by sentence, as attention does. Lives on an arena. */
#ifndef NUM_SIDE_H
#define NUM_SIDE_H

#include <stdbool.h>

#include "num/packed.h"
#include "num/places.h"
#include "num/rows.h"

typedef struct Side {
  Rows rows;            /* as they stand */
  Rows sorted;          /* sentence by sentence; the same where they stand so */
  const Packed *packed; /* NULL: the rows stand sentence by sentence */
  Places places;        /* where they stand sentence by sentence, whether they do or not */
} Side;

/* length[b] >= 1 tokens of each of n >= 1 sentences; borrowed. */
Side *side_new(Arena *arena, const int *length, int n, bool packed);

#endif
