/* tokenizer.h - from a line of text to its tokens and back.
 *
 * A Tokenizer belongs to its maker, who frees it; it is const while in use and may be shared by any threads. Lines are
 * valid UTF-8 without NUL and without their line end, as lines.h gives them. Whatever changes a whole line before it is
 * split has its place in tokenizer_split, the one way from a line to tokens; tokenizer_prepare is that part alone. */
#ifndef TEXT_TOKENIZER_H
#define TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/region_file.h"
#include "text/sentencepiece.h"
#include "text/tokens.h"

typedef enum TokenizerKind {
#define TOKENIZER(name) TOKENIZER_##name,
#include "text/tokenizers.def"
#undef TOKENIZER
  N_TOKENIZERS
} TokenizerKind;

typedef struct TokenizerDef {
  const char *name; /* as in the config */
  bool learned;     /* goes by a model learned from text */
  /* Appends the tokens of text[0..n) to out. model: NULL unless learned. */
  void (*split)(const Sentencepiece *model, const char *text, size_t n, Tokens *out);
  /* Appends the text of the tokens to out. words: NULL, or receives the words of that text where tokens are pieces. */
  void (*join)(const Sentencepiece *model, const Tokens *tokens, Str *out, Words *words);
} TokenizerDef;

#define TOKENIZER(name) extern const TokenizerDef tokenizer_##name;
#include "text/tokenizers.def"
#undef TOKENIZER

const TokenizerDef *tokenizer_def(TokenizerKind kind);

typedef struct Tokenizer Tokenizer;
/* lowercase: lines are turned into lower case before they are split. model: of a learned kind, which takes it over;
 * else NULL. */
Tokenizer *tokenizer_new(TokenizerKind kind, bool lowercase, Sentencepiece *model);
/* Of lines that are no text but each the name of a file, whose regions (region_file.h) are its tokens. */
Tokenizer *tokenizer_of_regions(const RegionForm *form);
Tokenizer *tokenizer_copy(const Tokenizer *tokenizer);
void tokenizer_free(Tokenizer *tokenizer); /* tokenizer may be NULL */
TokenizerKind tokenizer_kind(const Tokenizer *tokenizer);
/* The kind's name, or "regions". */
const char *tokenizer_name(const Tokenizer *tokenizer);
bool tokenizer_lowercase(const Tokenizer *tokenizer);
/* NULL: lines are text. */
const RegionForm *tokenizer_regions(const Tokenizer *tokenizer);
/* NULL unless the kind is learned. */
const Sentencepiece *tokenizer_model(const Tokenizer *tokenizer);
/* True when both give the same tokens for every line. */
bool tokenizer_equal(const Tokenizer *a, const Tokenizer *b);
/* Replaces out by text[0..n) as a tokenizer with or without lowercase splits it. */
void tokenizer_prepare(bool lowercase, const char *text, size_t n, Str *out);
/* Replaces out by the tokens of the line, whatever it is: a text, or the name of a file, white space at its ends left
 * out; none of white space alone. False when the file cannot be read. */
bool tokenizer_read(const Tokenizer *tokenizer, const char *line, size_t n, Tokens *out, Err *err);
/* Replaces out by the tokens of text[0..n); not of regions. */
void tokenizer_split(const Tokenizer *tokenizer, const char *text, size_t n, Tokens *out);
/* Appends the text that the tokens spell to out. */
void tokenizer_join(const Tokenizer *tokenizer, const Tokens *tokens, Str *out);
/* The same, and tells the tokens the words of that text, as splitting it does. */
void tokenizer_join_words(const Tokenizer *tokenizer, Tokens *tokens, Str *out);

#endif
