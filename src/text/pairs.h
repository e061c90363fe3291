/* pairs.h - reads a parallel text pair by pair: from two files, line i of one belonging to line i of the other, or from
 * one file of lines SOURCE TAB TARGET.
 *
 * A Pairs belongs to its caller and to one thread. */
#ifndef TEXT_PAIRS_H
#define TEXT_PAIRS_H

#include <stddef.h>

#include "base/err.h"
#include "text/warnings.h"

/* Either source and target, or tsv; the others are NULL. */
typedef struct PairFiles {
  const char *source, *target, *tsv;
} PairFiles;

/* Two lines as lines.h gives them, valid until the next pair is read. */
typedef struct Pair {
  const char *source, *target;
  size_t n_source, n_target; /* bytes */
} Pair;

typedef struct Pairs Pairs;
/* warnings outlives the reader, or is NULL. NULL on failure. */
Pairs *pairs_open(const PairFiles *files, Warnings *warnings, Err *err);
/* 1: *pair holds the next pair. 0: the end of both files. -1: an error; files of unequal length are one. */
int pairs_next(Pairs *pairs, Pair *pair, Err *err);
/* Number of the pair given last, from 1; after the end, the number of pairs. */
long pairs_number(const Pairs *pairs);
/* The file that the source, or the pair, is read from. */
const char *pairs_path(const Pairs *pairs);
void pairs_close(Pairs *pairs); /* pairs may be NULL */

#endif
