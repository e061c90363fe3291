#include "text/tokenizer.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unicode.h"

struct Tokenizer {
  TokenizerKind kind;
  bool lowercase;
  Sentencepiece *model; /* NULL: none */
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

Tokenizer *tokenizer_new(TokenizerKind kind, bool lowercase, Sentencepiece *model) {
  CHECK(tokenizer_def(kind)->learned == (model != NULL), "tokenizer %s", tokenizer_def(kind)->name);
  Tokenizer *tokenizer = mem_zero(1, sizeof *tokenizer, "tokenizer");
  *tokenizer = (Tokenizer){kind, lowercase, model};
  return tokenizer;
}

Tokenizer *tokenizer_copy(const Tokenizer *tokenizer) {
  const Sentencepiece *model = tokenizer->model;
  return tokenizer_new(tokenizer->kind, tokenizer->lowercase, model == NULL ? NULL : sentencepiece_copy(model));
}

void tokenizer_free(Tokenizer *tokenizer) {
  if (tokenizer == NULL) return;
  sentencepiece_free(tokenizer->model);
  mem_free(tokenizer);
}

TokenizerKind tokenizer_kind(const Tokenizer *tokenizer) { return tokenizer->kind; }

bool tokenizer_lowercase(const Tokenizer *tokenizer) { return tokenizer->lowercase; }

const Sentencepiece *tokenizer_model(const Tokenizer *tokenizer) { return tokenizer->model; }

static bool same_model(const Sentencepiece *a, const Sentencepiece *b) {
  size_t n_a, n_b;
  if (a == NULL || b == NULL) return a == b;
  const char *bytes_a = sentencepiece_bytes(a, &n_a), *bytes_b = sentencepiece_bytes(b, &n_b);
  return n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0;
}

bool tokenizer_equal(const Tokenizer *a, const Tokenizer *b) {
  return a->kind == b->kind && a->lowercase == b->lowercase && same_model(a->model, b->model);
}

void tokenizer_prepare(bool lowercase, const char *text, size_t n, Str *out) {
  str_clear(out);
  if (lowercase) unicode_lower(out, text, n);
  else str_add(out, text, n);
}

void tokenizer_split(const Tokenizer *tokenizer, const char *text, size_t n, Tokens *out) {
  tokens_clear(out);
  if (!tokenizer->lowercase) {
    tokenizer_def(tokenizer->kind)->split(tokenizer->model, text, n, out);
    return;
  }
  Str lower = {0};
  tokenizer_prepare(true, text, n, &lower);
  tokenizer_def(tokenizer->kind)->split(tokenizer->model, str_text(&lower), lower.n, out);
  str_free(&lower);
}

void tokenizer_join(const Tokenizer *tokenizer, const Tokens *tokens, Str *out) {
  tokenizer_def(tokenizer->kind)->join(tokenizer->model, tokens, out, NULL);
}

void tokenizer_join_words(const Tokenizer *tokenizer, Tokens *tokens, Str *out) {
  tokenizer_def(tokenizer->kind)->join(tokenizer->model, tokens, out, tokens_make_words(tokens));
}
