/* tokenizer_word.c - words between ASCII white space; joined with one space. U+00A0 and the like stay in tokens. */
#include <stdbool.h>

#include "text/tokenizer.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void split(const Sentencepiece *none, const char *text, size_t n, Tokens *out) {
  (void)none;
  for (size_t i = 0; i < n;) {
    while (i < n && is_space(text[i])) i++;
    size_t start = i;
    while (i < n && !is_space(text[i])) i++;
    if (i > start) tokens_add(out, text + start, i - start);
  }
}

static void join(const Sentencepiece *none, const Tokens *tokens, Str *out, Words *words) {
  (void)none, (void)words;
  for (int i = 0; i < tokens->n; i++) {
    size_t n;
    const char *token = tokens_get(tokens, i, &n);
    if (i > 0) str_addc(out, ' ');
    str_add(out, token, n);
  }
}

const TokenizerDef tokenizer_word = {"word", false, split, join};
