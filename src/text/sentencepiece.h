/* sentencepiece.h - subword models of the SentencePiece library (Kudo and Richardson 2018): learned from text, kept as
 * the bytes of a model file of that library, and used to split text into pieces.
 *
 * A program built without the library has all of this, but says so wherever a model would be made or read. Text goes
 * through a model learned here unchanged: nothing is normalised but white space, and every character of the training
 * text is in it. A given model does what it was made to do. Its pieces have ids of ours: first <pad>, <s>, </s>, <unk>,
 * whatever it calls them, if it has them; then the others in its order, but for what no line can be split into (pieces
 * spelled like these four, or with a line end). A Sentencepiece belongs to its maker, who frees it; it never changes
 * and may be shared by any threads. */
#ifndef TEXT_SENTENCEPIECE_H
#define TEXT_SENTENCEPIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "text/words.h"

typedef struct Sentencepiece Sentencepiece;

/* What is learned here, then what else a given model may be. */
typedef enum SentencepieceType {
  SENTENCEPIECE_bpe,
  SENTENCEPIECE_unigram,
  SENTENCEPIECE_WORD,
  SENTENCEPIECE_CHAR
} SentencepieceType;

enum { SENTENCEPIECE_USUAL = 8000 }; /* pieces where no size is given, if the text has so many */

/* What a build without the library lacks and what to do about it; NULL when it is there. */
const char *sentencepiece_missing(void);

/* What a model is learned from: next gives line after line, valid until the next call, and false at the end. */
typedef struct SentencepieceText {
  bool (*next)(void *ctx, const char **line, size_t *n);
  void *ctx;
} SentencepieceText;

/* size counts the four specials; 0: SENTENCEPIECE_USUAL, or fewer. name is what messages call the vocabulary
 * ("vocab.source"). The same text gives the same bytes. NULL on failure, with the sizes that the text allows. */
Sentencepiece *sentencepiece_learn(SentencepieceText text, SentencepieceType type, int size, const char *name,
                                   Err *err);
/* A model from its bytes, which are copied. name is what messages call the source. */
Sentencepiece *sentencepiece_load(const void *bytes, size_t n, const char *name, Err *err);
Sentencepiece *sentencepiece_copy(const Sentencepiece *sp);
void sentencepiece_free(Sentencepiece *sp); /* sp may be NULL */

/* The bytes of the model, a view. */
const char *sentencepiece_bytes(const Sentencepiece *sp, size_t *n);
/* Appends all pieces in the order of their ids. */
void sentencepiece_pieces(const Sentencepiece *sp, Tokens *out);
SentencepieceType sentencepiece_type(const Sentencepiece *sp);
/* U+2581 ends a word instead of beginning it. */
bool sentencepiece_suffix(const Sentencepiece *sp);
/* Of unigram the log-probability of a piece; of bpe minus the rank of its merge. */
float sentencepiece_score(const Sentencepiece *sp, int id);
/* True for a piece that is never spelled in another way: a byte, a symbol that the user defined, a special. */
bool sentencepiece_atomic(const Sentencepiece *sp, int id);

/* Appends the pieces of text[0..n), the best there are; what no piece spells is given as it stands. U+2581 stands for
 * white space. When out was empty it is told the words of the text. */
void sentencepiece_split(const Sentencepiece *sp, const char *text, size_t n, Tokens *out);
/* Appends the text of pieces, as the library decodes them; but a special is written out, and line ends become spaces,
 * NUL U+FFFD. words: NULL, or receives the words of this text; none when the model changes it as a whole
 * (denormalisation). */
void sentencepiece_join(const Sentencepiece *sp, const Tokens *pieces, Str *out, Words *words);

#endif
