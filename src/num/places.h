/* places.h - whose rows are whose: where in a matrix the positions of each sentence stand. */
#ifndef NUM_PLACES_H
#define NUM_PLACES_H

#include <stddef.h>

/* Position i of sentence b is row start[b] + i, or row[start[b] + i] when row is given. */
typedef struct Places {
  int n_sent, longest;
  const int *start, *length; /* [n_sent] */
  const int *row;            /* NULL: the rows of a sentence adjoin */
} Places;

static inline int places_row(const Places *p, int sentence, int i) {
  int at = p->start[sentence] + i;
  return p->row == NULL ? at : p->row[at];
}

#endif
