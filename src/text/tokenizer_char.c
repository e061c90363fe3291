/* tokenizer_char.c - one token a Unicode scalar. A space is the visible U+2423; a U+2423 of the text itself has a
 * backslash before it, the only token of two scalars. */
#include <string.h>

#include "base/utf8.h"
#include "text/tokenizer.h"

#define VISIBLE_SPACE "\xE2\x90\xA3"
static const char escaped[] = "\\" VISIBLE_SPACE;

static void add(Tokens *out, const char *scalar, size_t n) {
  if (n == 1 && *scalar == ' ') tokens_add(out, VISIBLE_SPACE, strlen(VISIBLE_SPACE));
  else if (n == strlen(VISIBLE_SPACE) && memcmp(scalar, VISIBLE_SPACE, n) == 0)
    tokens_add(out, escaped, strlen(escaped));
  else tokens_add(out, scalar, n);
}

static void split(const Sentencepiece *none, const char *text, size_t n, Tokens *out) {
  (void)none;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    size_t step = utf8_next(text + i, n - i, &scalar, &valid);
    add(out, text + i, step);
    i += step;
  }
}

static void join(const Sentencepiece *none, const Tokens *tokens, Str *out, Words *words) {
  (void)none, (void)words;
  for (int i = 0; i < tokens->n; i++) {
    size_t n;
    const char *token = tokens_get(tokens, i, &n);
    if (strcmp(token, VISIBLE_SPACE) == 0) str_addc(out, ' ');
    else if (strcmp(token, escaped) == 0) str_adds(out, VISIBLE_SPACE);
    else str_add(out, token, n);
  }
}

const TokenizerDef tokenizer_char = {"char", false, split, join};
