/* pairs.h - reads a parallel text pair by pair: from two files, line i of one belonging to line i of the other, or from
 * one file of lines SOURCE TAB TARGET. A third column of such a line that names a licence, as in the lists of Anki and
 * Tatoeba, is left out, with one warning a file.
 *
 * A Pairs belongs to its caller and to one thread. */
#ifndef TEXT_PAIRS_H
#define TEXT_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "text/warnings.h"

/* Either source and target, or tsv; the others are NULL. The rest chooses among their pairs; zero means all. */
typedef struct PairFiles {
  const char *source, *target, *tsv;
  const char *graph; /* links between the tokens of the source, line by line; NULL: none */
  int every;         /* pairs `every`, 2 `every`, ... are held out; 0: none are */
  int fold;          /* 1 to `every`: one drawn of every so many instead, those of all folds being all; 0: no fold */
  bool held_out;     /* gives those, else the others */
  long most;         /* pairs given at most; 0: no limit */
} PairFiles;

/* Two lines as lines.h gives them, valid until the next pair is read. */
typedef struct Pair {
  const char *source, *target;
  size_t n_source, n_target; /* bytes */
} Pair;                      /* the source joined with its links, where there are any (graph_line.h) */

typedef struct Pairs Pairs;
/* warnings outlives the reader, or is NULL. NULL on failure. */
Pairs *pairs_open(const PairFiles *files, Warnings *warnings, Err *err);
/* 1: *pair holds the next pair that is chosen. 0: the end of both files, or `most` are given. -1: an error; files of
 * unequal length are one. */
int pairs_next(Pairs *pairs, Pair *pair, Err *err);
/* Number of the line read last, from 1; after the end of the files, the number of lines. */
long pairs_number(const Pairs *pairs);
/* True when the files were read to their end. */
bool pairs_ended(const Pairs *pairs);
/* The file that the source, or the pair, is read from; that of the target. */
const char *pairs_path(const Pairs *pairs);
const char *pairs_target_path(const Pairs *pairs);
/* Those it was opened with, or NULL. */
Warnings *pairs_warnings(const Pairs *pairs);
void pairs_close(Pairs *pairs); /* pairs may be NULL */

#endif
