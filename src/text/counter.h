/* counter.h - the different tokens of a corpus, numbered from 0 as they first come, and how often each comes.
 *
 * A Counter belongs to its caller and to one thread; zero-initialised it is empty and ready, counter_free ends it. */
#ifndef TEXT_COUNTER_H
#define TEXT_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "text/tokens.h"

typedef struct Counter {
  StrMap numbers; /* token -> number + 1 */
  Tokens tokens;  /* number -> token */
  int64_t *counts;
  int cap;
} Counter;

/* Counts one more of the token at[0..n) and gives its number. */
int counter_add(Counter *counter, const char *at, size_t n);
void counter_free(Counter *counter);

#endif
