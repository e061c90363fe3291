/* gold.h - the gold links of a text, in any form that link_file.h reads.
 *
 * A Gold belongs to its maker and to one thread. */
#ifndef EVAL_GOLD_H
#define EVAL_GOLD_H

#include "base/err.h"
#include "eval/link_file.h"

typedef struct Gold Gold;

/* Reads all sentences; gzip too. from_1: Pharaoh links count from 1. warnings may be NULL. NULL on failure. */
Gold *gold_read(const char *path, bool from_1, Warnings *warnings, Err *err);
/* The links of a sentence, by id from 0, valid until the next call. NULL when its line is missing. */
const PharaohLinks *gold_get(Gold *gold, int id, Err *err);
int gold_count(const Gold *gold); /* sentences */
/* False when a link is of a word that the sentence, of these lengths, does not have. */
bool gold_check(Gold *gold, int id, const LinkLengths *lengths, Err *err);
/* Whether they can be those of a text of so many sentences. */
bool gold_fits(const Gold *gold, int n_sentences);
void gold_free(Gold *gold); /* NULL is allowed */

#endif
