/* numbered.h - files of a folder named by the sentence they belong to: 000001.csv, and 000001.2.csv for the second
 * entry of its n-best list. Remembers which were written, so that those of an earlier run can go.
 *
 * A Numbered belongs to its caller; zero-initialised it has seen nothing, numbered_free ends it. */
#ifndef EVAL_NUMBERED_H
#define EVAL_NUMBERED_H

#include "base/err.h"
#include "base/str.h"

typedef struct Numbered {
  int *ranks; /* [n] the last rank written of each sentence, 0: none */
  int n, cap;
} Numbered;

/* Appends the name for the output of a sentence, id from 0; rank from 1 or 0. end: ".csv". */
void numbered_name(Str *out, int id, int rank, const char *end);
/* The sentence, from 1, that a path's last part names in this way, whatever its end; 0: none. */
long numbered_sentence(const char *path);
void numbered_wrote(Numbered *numbered, int id, int rank);
/* Removes from the folder the files of such names with this end that were not written. */
bool numbered_sweep(const Numbered *numbered, const char *folder, const char *end, Err *err);
void numbered_free(Numbered *numbered);

#endif
