/* dictionary.h - a word list of lines SOURCE TAB TARGET. A Dictionary belongs to its maker, who frees it; it never
 * changes and may be shared by any threads. */
#ifndef TEXT_DICTIONARY_H
#define TEXT_DICTIONARY_H

#include "base/err.h"
#include "text/warnings.h"

typedef struct Dictionary Dictionary;

/* Of several entries for a word the first counts. warnings may be NULL. NULL on failure. */
Dictionary *dictionary_read(const char *path, Warnings *warnings, Err *err);
void dictionary_free(Dictionary *dictionary); /* may be NULL */
/* The entry of a word, NULL when there is none. */
const char *dictionary_find(const Dictionary *dictionary, const char *word);

#endif
