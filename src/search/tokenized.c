#include "search/tokenized.h"

#include "base/mem.h"

void tokenized_set(Tokenized *t, const Tokenizer *tokenizer, const Vocab *vocab, const char *line, size_t n) {
  str_clear(&t->line);
  str_add(&t->line, line, n);
  tokenizer_split(tokenizer, line, n, &t->tokens);
  if (t->tokens.n > t->cap) {
    t->cap = t->tokens.n;
    t->ids = mem_grow(t->ids, (size_t)t->cap, sizeof *t->ids, "token ids");
  }
  vocab_encode(vocab, &t->tokens, t->ids);
}

Ids tokenized_ids(const Tokenized *t, int max) { return (Ids){t->ids, t->tokens.n < max ? t->tokens.n : max}; }

void tokenized_free(Tokenized *t) {
  str_free(&t->line);
  tokens_free(&t->tokens);
  mem_free(t->ids);
  *t = (Tokenized){0};
}
