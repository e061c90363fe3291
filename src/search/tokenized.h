/* tokenized.h - a line of text as tokens and ids, in memory that is used again for the next line.
 *
 * Belongs to its caller and to one thread; zero-initialised it is empty and ready, tokenized_free ends it. */
#ifndef SEARCH_TOKENIZED_H
#define SEARCH_TOKENIZED_H

#include "num/ids.h"
#include "text/tokenizer.h"
#include "text/vocab.h"

typedef struct Tokenized {
  Str line;      /* as it was given */
  Tokens tokens; /* surface forms */
  int32_t *ids;  /* [tokens.n] */
  int cap;
} Tokenized;

/* Replaces what it holds by the source line[0..n). False when what it names cannot be read (tokenizer_read). */
bool tokenized_read(Tokenized *t, const Tokenizer *tokenizer, const Vocab *vocab, const char *line, size_t n, Err *err);
/* By line[0..n), which is text. */
void tokenized_set(Tokenized *t, const Tokenizer *tokenizer, const Vocab *vocab, const char *line, size_t n);
/* The first max tokens, or all when there are not more. */
Ids tokenized_ids(const Tokenized *t, int max);
void tokenized_free(Tokenized *t);

#endif
