/* sentencepiece_shim.h - the SentencePiece library as C; its only user is sentencepiece.c, and sentencepiece_shim.cc is
 * the only C++ of the program. Texts are given to callbacks, and are theirs only during the call. A loaded model is
 * const and may be shared by any threads. */
#ifndef TEXT_SENTENCEPIECE_SHIM_H
#define TEXT_SENTENCEPIECE_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SentencepieceShim SentencepieceShim;

/* Takes a text: the bytes of a model, a message. */
typedef void (*SentencepieceTaker)(void *ctx, const char *at, size_t n);
/* Takes a piece, and the bytes begin .. end-1 of the text that it stands for. */
typedef void (*SentencepiecePieceTaker)(void *ctx, const char *at, size_t n, size_t begin, size_t end);
/* The next line to learn from, valid until the next call; false at the end. */
typedef bool (*SentencepieceFeeder)(void *ctx, const char **at, size_t *n);

/* From now on `end` is called where memory runs out in C++, and does not return. */
void sentencepiece_shim_exhausted(void (*end)(void));
/* options: names and values in turn, NULL at the end. False: take gets the library's message instead of the model. */
bool sentencepiece_shim_train(const char *const *options, SentencepieceFeeder feed, void *feed_ctx,
                              SentencepieceTaker take, void *take_ctx);
/* NULL when the bytes are no model. */
SentencepieceShim *sentencepiece_shim_load(const char *bytes, size_t n);
void sentencepiece_shim_free(SentencepieceShim *shim);
int sentencepiece_shim_size(const SentencepieceShim *shim);
/* Valid as long as the model. */
const char *sentencepiece_shim_piece(const SentencepieceShim *shim, int id);
/* The library's ids of what is <pad>, <s>, </s>, <unk> here, however they are spelled; -1: the model has none. */
void sentencepiece_shim_specials(const SentencepieceShim *shim, int ids[4]);
bool sentencepiece_shim_split(const SentencepieceShim *shim, const char *text, size_t n, SentencepiecePieceTaker take,
                              void *ctx);
/* The text that the pieces spell: take gets for each piece in turn its part, whole all of it as the library would have
 * it. */
bool sentencepiece_shim_join(const SentencepieceShim *shim, const char *const *pieces, int n, SentencepieceTaker take,
                             SentencepieceTaker whole, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
