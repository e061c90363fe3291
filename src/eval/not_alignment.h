/* not_alignment.h - files that hold no alignments although one was asked for, told by what they are. */
#ifndef EVAL_NOT_ALIGNMENT_H
#define EVAL_NOT_ALIGNMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Both are true when nothing speaks against alignments with weights, else false with an error that says what the file
 * is. The name: Pharaoh links. */
bool not_alignment_path(const char *path, Err *err);
/* The bytes, n of them: a model or a config. name is that of the file, for the error. */
bool not_alignment_bytes(const char *name, const char *at, size_t n, Err *err);

#endif
