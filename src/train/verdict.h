/* verdict.h - whether what a training has made can be trusted, told by its validation losses alone. */
#ifndef TRAIN_VERDICT_H
#define TRAIN_VERDICT_H

#include "base/str.h"

/* Losses a target token, natural logarithm. */
typedef struct VerdictCase {
  double start;           /* before the first update */
  double least, last;     /* of all validations, at least one */
  long least_step;        /* update of the least one */
  long best_step;         /* update whose weights are the model */
  int n_words;            /* target vocabulary */
  const char *start_from; /* the model that a fine-tuning began with, else NULL */
} VerdictCase;

typedef enum Verdict { VERDICT_SOUND, VERDICT_DOUBTFUL, VERDICT_DIVERGED } Verdict;

/* Appends what is to be said, nothing when sound. Diverged: no validation came near the start or a uniform guess among
 * all words. Doubtful: none was better than these, or the last one is worse than such a guess. */
Verdict verdict_of(const VerdictCase *c, Str *text);

#endif
