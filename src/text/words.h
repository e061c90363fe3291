/* words.h - which words of a text its tokens are pieces of.
 *
 * The words are those between the ASCII white space of the text, as whoever counts positions in it by hand would have
 * them: whatever a subword model makes of the text inside. A piece may be of several words, a word may have no piece
 * (of characters that the model drops). Belongs to its caller and to one thread; zero-initialised it is empty and
 * ready, words_free ends it. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "text/tokens.h"

/* Words first..last. */
typedef struct WordSpan {
  int first, last;
} WordSpan;

/* The bytes begin .. end-1. */
typedef struct ByteRange {
  size_t begin, end;
} ByteRange;

struct Words {
  Tokens texts;      /* at least one, which may be empty */
  WordSpan *spans;   /* [n] of each token */
  ByteRange *ranges; /* [n] its part of the text */
  int n, cap;        /* tokens */
  ByteRange *places; /* [texts.n] of each word */
  int cap_places;
};

void words_clear(Words *words); /* keeps the memory */
/* The part of the text that the next token stands for; begins rise. */
void words_add(Words *words, ByteRange range);
/* Fills in texts and spans, once all tokens are added. A token of white space, or of nothing, belongs to the word at or
 * after it, at the end to the last. */
void words_find(Words *words, const char *text, size_t n);
/* How many words the first n_tokens tokens are of: of all tokens, all words. */
int words_count(const Words *words, int n_tokens);
void words_free(Words *words);

#endif
