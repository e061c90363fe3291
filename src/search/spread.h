/* spread.h - sentences shared out among the ranks of a job (ranks.h): their text goes from rank 0 to all, batch b is of
 * rank b mod R, and what is found goes to all. What depends on the batches of a text stays what it is on one rank.
 *
 * All functions are of all ranks, but for those that only fill or read a text. */
#ifndef SEARCH_SPREAD_H
#define SEARCH_SPREAD_H

#include "base/arena.h"
#include "search/beam.h"
#include "search/ensemble.h"

/* False when program, kernels or models differ between ranks. */
bool spread_agree(const Ensemble *ensemble, Err *err);

/* Of n batches those of this rank: how many, and the kth. */
int spread_count(int n);
int spread_batch(int k);

/* Lines one after another. */
void spread_add_line(Str *text, const char *line, size_t n);
/* The line at *at, which moves on; false at the end. A view. */
bool spread_next_line(const Str *text, size_t *at, const char **line, size_t *n);
/* The text of rank 0 and its number come to all. */
void spread_text(Str *text, int *number);

/* Appends what was found for sentence i. */
void spread_add(Str *found, int i, const BeamResult *result);
/* Takes in what others have found; `found` is what this rank has. results are filled, what they point to lies on the
 * arena. */
void spread_results(const Str *found, Arena *arena, BeamResult *results);

#endif
