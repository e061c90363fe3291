/* shortlist.h - a lexical shortlist: the target tokens that a source token may become, so that the output layer need
 * not look at the whole vocabulary (Jean et al. 2015, section 3.3; lexicon.h makes the file).
 *
 * A file has lines SOURCE TAB TARGET TAB WEIGHT in any order; `</s>` and `<unk>` stand for the specials. A sentence may
 * give the specials, the commonest tokens (target vocabularies are in falling order of counts), and for each of its
 * source tokens, unknown ones and its closing `</s>` too, the targets of most weight.
 *
 * A Shortlist belongs to its maker, who frees it; it never changes and may be shared by any threads. */
#ifndef SEARCH_SHORTLIST_H
#define SEARCH_SHORTLIST_H

#include "nn/narrow.h"
#include "text/vocab.h"

typedef struct ShortlistOptions {
  int n_common; /* tokens that every sentence may give, the specials not counted */
  int n_best;   /* of a source token */
} ShortlistOptions;

/* 100 commonest, 50 best. */
extern const ShortlistOptions shortlist_usual;

typedef struct Shortlist Shortlist;
/* NULL on failure; a line that is not of the form is one. Lines with tokens that the vocabularies do not have are left
 * out, with one warning (warnings may be NULL). */
Shortlist *shortlist_read(const char *path, const Vocab *source, const Vocab *target, const ShortlistOptions *options,
                          Warnings *warnings, Err *err);
void shortlist_free(Shortlist *shortlist);
/* What each of n sentences may give; on the arena. */
NarrowTokens shortlist_tokens(const Shortlist *shortlist, Arena *arena, const Ids *sources, int n);

#endif
