/* runs.h - runs of pieces between the marks of white space, U+2581, of a subword model: what stays the same however the
 * same text is cut into pieces. Pure. */
#ifndef TEXT_RUNS_H
#define TEXT_RUNS_H

#include <stdbool.h>

#include "text/words.h"

/* spans[i] of n pieces receives the runs that piece i has a part in; returns how many runs there are. A mark belongs to
 * the run after it; with suffix to the one before. A run of marks alone is none: it belongs to the next, at the end to
 * the last. */
int runs_find(const char *const *pieces, int n, bool suffix, WordSpan *spans);

#endif
