/* packed.h - sentences of unequal length as rows without padding. Sentences are sorted by falling length; the rows of
 * step 0 (one a sentence) come first, then those of step 1 (one a sentence longer than 1), and so on. The rows of a
 * step stand in the same order in every step, so the sentences still running at a step are its first rows. Lives on an
 * arena. */
#ifndef NUM_PACKED_H
#define NUM_PACKED_H

#include "base/arena.h"

typedef struct Packed {
  int n_sent, n_steps, n_rows;
  int *order;    /* [n_sent] sentence at sorted place j; ties keep their order */
  int *place;    /* [n_sent] sorted place of a sentence */
  int *length;   /* [n_sent] length of a sentence (by sentence, not by place) */
  int *active;   /* [n_steps] rows of a step */
  int *start;    /* [n_steps + 1] first row of a step */
  int *sentence; /* [n_rows] sentence of a row */
  int *step;     /* [n_rows] step of a row */
} Packed;

/* length[i] >= 1 for each of n_sent >= 1 sentences. */
Packed *packed_new(Arena *arena, const int *length, int n_sent);
/* The row of step t of a sentence. */
static inline int packed_row(const Packed *p, int sentence, int t) { return p->start[t] + p->place[sentence]; }

#endif
