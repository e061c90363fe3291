/* pieces.h - a text cut into words or scalars, of which every run is one stretch of bytes, so that an n-gram is a view.
 *
 * A Pieces owns its bytes and belongs to its caller; zero-initialised it is empty and ready, pieces_free ends it. */
#ifndef EVAL_PIECES_H
#define EVAL_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef struct Pieces {
  Str text;          /* words with one blank between, scalars with nothing */
  size_t *from, *to; /* [n] byte offsets of each piece */
  int n, cap;
} Pieces;

void pieces_clear(Pieces *pieces); /* keeps the memory */
/* Appends one word. */
void pieces_add(Pieces *pieces, const char *at, size_t n);
/* Replace what pieces holds by the words of valid UTF-8 at[0..n) between white space of that kind. */
void pieces_words(Pieces *pieces, const char *at, size_t n, bool (*space)(uint32_t scalar));
/* Replaces it by the scalars of at[0..n) but for Unicode white space. */
void pieces_scalars(Pieces *pieces, const char *at, size_t n);
/* ASCII white space, at which the `word` tokenizer splits. */
bool pieces_blank(uint32_t scalar);
/* Replaces ids[0..*cap) by a number for each piece, grown as need be: equal pieces, equal numbers. known keeps them
 * over many calls. */
void pieces_ids(const Pieces *pieces, StrMap *known, int **ids, int *cap);
void pieces_free(Pieces *pieces);

#endif
