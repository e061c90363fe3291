/* link_texts.h - the two texts that links belong to, for the lengths of their sentences.
 *
 * A LinkTexts belongs to its caller and to one thread. */
#ifndef EVAL_LINK_TEXTS_H
#define EVAL_LINK_TEXTS_H

#include "eval/link_file.h"

typedef struct LinkTexts LinkTexts;

/* warnings outlives the reader, or is NULL. NULL on failure. */
LinkTexts *link_texts_open(const char *source, const char *target, Warnings *warnings, Err *err);
/* 1: the words of the next pair, between ASCII white space. 0: the end of both. -1: an error; texts of unequal length
 * are one. */
int link_texts_next(LinkTexts *texts, LinkLengths *lengths, Err *err);
/* Reads on to the end; how many pairs there are, or -1. */
long link_texts_count(LinkTexts *texts, Err *err);
const char *link_texts_path(const LinkTexts *texts); /* of the source */
void link_texts_close(LinkTexts *texts);             /* may be NULL */

#endif
