/* nbest.h - lists of the best outputs of each line, as Moses writes them: `0 ||| text ||| F0= -1.38 ||| -0.43`, the
 * line's number from 0, the output, features with their values, the score that ranks. */
#ifndef TEXT_NBEST_H
#define TEXT_NBEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Views of a line, without the blanks around each part. */
typedef struct NbestEntry {
  int id;
  const char *text, *features;
  size_t n_text, n_features; /* bytes */
} NbestEntry;

/* Takes line[0..n) apart; path and number are for the message. The text may have bars of its own. */
bool nbest_parse(NbestEntry *entry, const char *line, size_t n, const char *path, long number, Err *err);
/* The number k of the first feature Fk that the entry does not have. */
int nbest_free_feature(const NbestEntry *entry);

#endif
