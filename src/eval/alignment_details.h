/* alignment_details.h - reads back what JSON Lines say of an alignment beside its weights: the output line, its
 * score, what its tokens cost, where local_p looked, which tokens are unknown, what was cut. */
#ifndef EVAL_ALIGNMENT_DETAILS_H
#define EVAL_ALIGNMENT_DETAILS_H

#include "base/json.h"
#include "eval/alignment_reader.h"

/* Replaces these in file by those of an object whose tokens it has; a key may be missing. place is where messages find
 * the object. */
bool alignment_details_read(AlignmentFile *file, const Json *object, const char *place, Err *err);
/* A whole number from low; `missing` when the key is not there. */
bool alignment_details_integer(long *value, const Json *object, const char *key, long low, long missing);
/* n weights, from 0 to 1, into to; false when the row is not so many of them. */
bool alignment_details_weights(float *to, const Json *row, int n);
/* Weights are shares; sums of rounded ones may pass 1 by a little. */
bool alignment_details_is_weight(double value);

#endif
