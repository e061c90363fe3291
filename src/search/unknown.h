/* unknown.h - words for `<unk>` in an output: what the source says there, or what a dictionary says of it. */
#ifndef SEARCH_UNKNOWN_H
#define SEARCH_UNKNOWN_H

#include "search/entry.h"
#include "text/dictionary.h"

/* Memory that is used again for the next output. Zero-initialised it is empty and ready, unknown_free ends it. */
typedef struct Unknown {
  Tokens raw;      /* words of the source line as it was typed */
  Tokens replaced; /* the target with its replacements */
  int *word;       /* [cap] word of each source token */
  double *sum;     /* [cap] attention of each source word */
  int cap;
} Unknown;

/* Replaces each unknown token of entry's target, which was set with weights, by the source word it attends to most (the
 * first on a tie, never `</s>`), or by the entry that the dictionary, which may be NULL, has for it, as typed or in
 * lower case. A word is a token, or of subword models what stands between white space. line: the source as it was
 * typed; source: all its tokens. The entry's views live until the next call. */
void unknown_replace(Unknown *unknown, Entry *entry, const Translator *translator, const char *line,
                     const Tokens *source, const Dictionary *dictionary);
void unknown_free(Unknown *unknown);

#endif
