/* tokens.h - a growable list of short texts: the tokens of a line, the entries of a vocabulary.
 *
 * All bytes lie in one block, each token followed by a NUL, so that a list that is cleared and filled again touches the
 * heap only while it grows. A Tokens belongs to its caller and to one thread; zero-initialised it is empty and ready,
 * tokens_free ends it. */
#ifndef TEXT_TOKENS_H
#define TEXT_TOKENS_H

#include <stddef.h>

#include "base/str.h"
#include "num/ids.h"
#include "num/regions.h"

typedef struct Words Words;
typedef struct RegionFile RegionFile;

typedef struct Tokens {
  Str text;
  size_t *ends; /* [n] offset just after the NUL of each token */
  int n, cap;
  Words *words;        /* the list's own, or NULL; see tokens_words */
  RegionFile *regions; /* likewise; see tokens_regions */
  TokenLink *links;    /* [n_links] between the tokens: see graph_line.h */
  int n_links, cap_links;
} Tokens;

void tokens_clear(Tokens *tokens); /* keeps the memory */
/* Appends a copy of at[0..n); at may not point into the list. */
void tokens_add(Tokens *tokens, const char *at, size_t n);
/* Token i, NUL-terminated, its bytes in *n (n may be NULL). Valid until the next change. */
const char *tokens_get(const Tokens *tokens, int i, size_t *n);
/* The words of the text that the tokens are pieces of, where whoever filled the list told; else NULL. Valid until the
 * next change. */
const Words *tokens_words(const Tokens *tokens);
/* Room for them, empty. */
Words *tokens_make_words(Tokens *tokens);
/* The entry of a vocabulary that token i is: itself; of regions, whatever their place, "region". */
const char *tokens_entry(const Tokens *tokens, int i, size_t *n);
/* What the tokens are names of where the line is not text, as many; else NULL. Valid until the next change. */
const Regions *tokens_regions(const Tokens *tokens);
void tokens_link(Tokens *tokens, TokenLink link);
/* Room for them. */
RegionFile *tokens_make_regions(Tokens *tokens);
void tokens_free(Tokens *tokens);

#endif
