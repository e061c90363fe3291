/* alignment_heads.h - reads back what JSON Lines say of heads of all kinds. */
#ifndef EVAL_ALIGNMENT_HEADS_H
#define EVAL_ALIGNMENT_HEADS_H

#include "base/json.h"
#include "eval/alignment_reader.h"

/* Replaces the heads in file by those of an object whose tokens it has; a key may be missing. place is where messages
 * find the object. */
bool alignment_heads_read(AlignmentFile *file, const Json *object, const char *place, Err *err);
AllHeads alignment_heads_view(const AlignmentFile *file);
void alignment_heads_free(AlignmentFile *file);

#endif
