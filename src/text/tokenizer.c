#include "text/tokenizer.h"

#include "base/err.h"
#include "base/mem.h"

struct Tokenizer {
  TokenizerKind kind;
};

const TokenizerDef *tokenizer_def(TokenizerKind kind) {
  static const TokenizerDef *const defs[] = {
#define TOKENIZER(name) &tokenizer_##name,
#include "text/tokenizers.def"
#undef TOKENIZER
  };
  CHECK(kind < N_TOKENIZERS, "tokenizer %d", (int)kind);
  return defs[kind];
}

Tokenizer *tokenizer_new(TokenizerKind kind) {
  CHECK(kind < N_TOKENIZERS, "tokenizer %d", (int)kind);
  Tokenizer *tokenizer = mem_zero(1, sizeof *tokenizer, "tokenizer");
  tokenizer->kind = kind;
  return tokenizer;
}

void tokenizer_free(Tokenizer *tokenizer) { mem_free(tokenizer); }

TokenizerKind tokenizer_kind(const Tokenizer *tokenizer) { return tokenizer->kind; }

void tokenizer_split(const Tokenizer *tokenizer, const char *text, size_t n, Tokens *out) {
  tokens_clear(out);
  tokenizer_def(tokenizer->kind)->split(text, n, out);
}

void tokenizer_join(const Tokenizer *tokenizer, const Tokens *tokens, Str *out) {
  tokenizer_def(tokenizer->kind)->join(tokens, out);
}
