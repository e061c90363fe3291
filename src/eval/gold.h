/* gold.h - a file of gold links, a line of Pharaoh links a sentence.
 *
 * A Gold belongs to its maker and to one thread. */
#ifndef EVAL_GOLD_H
#define EVAL_GOLD_H

#include "base/err.h"
#include "eval/pharaoh.h"

typedef struct Gold Gold;

/* Reads all lines; gzip too. NULL on failure. */
Gold *gold_read(const char *path, Err *err);
/* The links of a sentence, by id from 0, valid until the next call. NULL when its line is missing or wrong. */
const PharaohLinks *gold_get(Gold *gold, int id, Err *err);
int gold_count(const Gold *gold); /* lines */
void gold_free(Gold *gold);       /* NULL is allowed */

#endif
