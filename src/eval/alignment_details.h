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

#endif
