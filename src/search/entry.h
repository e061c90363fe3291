/* entry.h - an output as the texts that are printed and written: its tokens as surface forms, its line, its alignment.
 *
 * Belongs to its caller and to one thread; zero-initialised it is empty and ready, entry_free ends it. Memory is used
 * again for the next output. */
#ifndef SEARCH_ENTRY_H
#define SEARCH_ENTRY_H

#include "eval/alignment.h"
#include "search/beam.h"
#include "search/translator.h"

typedef struct Entry {
  Alignment alignment; /* views of what follows and of what was given */
  Tokens spelled;      /* the target, when it was not given as text */
  Str line;
  const char **source, **target;
  int source_cap, target_cap;
  bool *unknown; /* of source, then of target */
  int unknown_cap;
} Entry;

/* Fills entry->alignment for the output h of a source line, of which n_source tokens were read. target: its tokens as
 * text, or NULL to spell what h holds. h NULL: the output of an empty line. rank: in an n-best list from 1, else 0.
 * What is given outlives the entry's use. */
void entry_set(Entry *entry, const Translator *translator, int id, int rank, const Tokens *source, int n_source,
               const Tokens *target, const Hypothesis *h);
void entry_free(Entry *entry);

#endif
