/* fuzz_graph.c - any bytes as a line of text with links beside it, of words and of characters. */
#include "given.h"
#include "text/graph_line.h"
#include "text/tokenizer.h"

static void check_line(TokenizerKind kind, const char *line, size_t size) {
  Tokenizer *tokenizer = tokenizer_new(kind, false, NULL);
  Tokens tokens = {0};
  Err err = {0};
  if (given_well(tokenizer_read(tokenizer, line, size, &tokens, &err), &err))
    for (int k = 0; k < tokens.n_links; k++) {
      const TokenLink *link = &tokens.links[k];
      CHECK(link->from >= 0 && link->from < tokens.n && link->to >= 0 && link->to < tokens.n, "link %d-%d of %d",
            link->from, link->to, tokens.n);
    }
  tokens_free(&tokens);
  tokenizer_free(tokenizer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *line = mem_text((const char *)data, size);
  check_line(TOKENIZER_word, line, size);
  check_line(TOKENIZER_char, line, size);
  mem_free(line);
  return 0;
}
