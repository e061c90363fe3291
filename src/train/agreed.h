/* agreed.h - warnings of several configs, of which those are passed on that every one of them gives: what one variant
 * has no use for is often set for another.
 *
 * Belongs to its caller and to one thread; zero-initialised it is empty and ready, agreed_free ends it. */
#ifndef TRAIN_AGREED_H
#define TRAIN_AGREED_H

#include "base/str.h"
#include "text/warnings.h"

typedef struct Agreed {
  Str lines;    /* each once, in the order they first came */
  StrMap times; /* of each */
} Agreed;

/* For Warnings.warn; agreed is an Agreed. A config gives a line once. */
void agreed_add(void *agreed, const char *line);
/* Passes on the lines that came n times. */
void agreed_tell(const Agreed *agreed, int n, Warnings *warnings);
void agreed_free(Agreed *agreed);

#endif
