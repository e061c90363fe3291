/* tokenizer_char.c - one token a Unicode scalar. A space is the visible U+2423, so that a U+2423 of the text itself
 * comes back as a space. */
#include <string.h>

#include "base/utf8.h"
#include "text/tokenizer.h"

static const char visible_space[] = "\xE2\x90\xA3";

static void split(const Sentencepiece *none, const char *text, size_t n, Tokens *out) {
  (void)none;
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    size_t step = utf8_next(text + i, n - i, &scalar, &valid);
    if (scalar == ' ') tokens_add(out, visible_space, sizeof visible_space - 1);
    else tokens_add(out, text + i, step);
    i += step;
  }
}

static void join(const Tokens *tokens, Str *out) {
  for (int i = 0; i < tokens->n; i++) {
    size_t n;
    const char *token = tokens_get(tokens, i, &n);
    if (strcmp(token, visible_space) == 0) str_addc(out, ' ');
    else str_add(out, token, n);
  }
}

const TokenizerDef tokenizer_char = {"char", false, split, join};
