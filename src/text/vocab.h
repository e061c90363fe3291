/* vocab.h - tokens and their ids: `<pad>` 0, `<s>` 1, `</s>` 2, `<unk>` 3, then the tokens of the text.
 *
 * The names of the four specials are for files and screens only: a text token spelled like one is an unknown word. A
 * Vocab belongs to its maker, who frees it; it never changes and may be shared by any threads. */
#ifndef TEXT_VOCAB_H
#define TEXT_VOCAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "num/ids.h"
#include "text/counter.h"
#include "text/tokens.h"
#include "text/warnings.h"

typedef struct Vocab Vocab;

/* The tokens counted at least min_count times, by falling count, ties by byte order; at most size entries with the four
 * specials, all when size is 0. name is what messages call the vocabulary ("vocab.source"). NULL when no token is left.
 */
Vocab *vocab_build(const Counter *counter, int size, int min_count, const char *name, Err *err);
/* A given vocabulary file: one token a line, as vocab_lines.h reads them; the four specials may stand in the first four
 * lines. warnings may be NULL. */
Vocab *vocab_read(const char *path, Warnings *warnings, Err *err);
/* A JSON array of all tokens in id order, as a model file holds it. name is what messages call the source. */
Vocab *vocab_from_json(const char *text, size_t n, const char *name, Err *err);
/* From all tokens in id order, the specials first. */
Vocab *vocab_from_tokens(const Tokens *tokens, const char *name, Err *err);
void vocab_free(Vocab *vocab);

int vocab_size(const Vocab *vocab);
/* ID_UNK for what is not there. */
int32_t vocab_id(const Vocab *vocab, const char *token, size_t n);
/* NUL-terminated, valid as long as the vocabulary. */
const char *vocab_token(const Vocab *vocab, int32_t id);
bool vocab_equal(const Vocab *a, const Vocab *b);
/* Appends the JSON array. */
void vocab_to_json(const Vocab *vocab, Str *out);

/* ids [tokens->n] of the tokens. */
void vocab_encode(const Vocab *vocab, const Tokens *tokens, int32_t *ids);
/* Replaces out by the tokens of ids [n]. */
void vocab_decode(const Vocab *vocab, const int32_t *ids, int n, Tokens *out);

#endif
