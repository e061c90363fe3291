/* tokenizer.h - from a line of text to its tokens and back.
 *
 * A Tokenizer belongs to its maker, who frees it; it is const while in use and may be shared by any threads. Lines are
 * valid UTF-8 without NUL and without their line end, as lines.h gives them. Whatever changes a whole line before it is
 * split has its place in tokenizer_split, the one way from a line to tokens. */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include <stddef.h>

#include "base/str.h"
#include "text/tokens.h"

typedef enum TokenizerKind {
#define TOKENIZER(name) TOKENIZER_##name,
#include "text/tokenizers.def"
#undef TOKENIZER
  N_TOKENIZERS
} TokenizerKind;

typedef struct TokenizerDef {
  const char *name; /* as in the config */
  /* Appends the tokens of text[0..n) to out. */
  void (*split)(const char *text, size_t n, Tokens *out);
  /* Appends the text of the tokens to out. */
  void (*join)(const Tokens *tokens, Str *out);
} TokenizerDef;

#define TOKENIZER(name) extern const TokenizerDef tokenizer_##name;
#include "text/tokenizers.def"
#undef TOKENIZER

const TokenizerDef *tokenizer_def(TokenizerKind kind);

typedef struct Tokenizer Tokenizer;
Tokenizer *tokenizer_new(TokenizerKind kind);
void tokenizer_free(Tokenizer *tokenizer);
TokenizerKind tokenizer_kind(const Tokenizer *tokenizer);
/* Replaces out by the tokens of text[0..n). */
void tokenizer_split(const Tokenizer *tokenizer, const char *text, size_t n, Tokens *out);
/* Appends the text that the tokens spell to out. */
void tokenizer_join(const Tokenizer *tokenizer, const Tokens *tokens, Str *out);

#endif
