#include "search/tokenized.h"

#include "base/mem.h"
#include "text/graph_line.h"

bool tokenized_read(Tokenized *t, const Tokenizer *tokenizer, const Vocab *vocab, const char *line, size_t n,
                    Err *err) {
  str_clear(&t->line);
  str_add(&t->line, line, graph_line_text(line, n));
  if (!tokenizer_read(tokenizer, line, n, &t->tokens, err)) return false;
  if (t->tokens.n > t->cap) {
    t->cap = t->tokens.n;
    t->ids = mem_grow(t->ids, (size_t)t->cap, sizeof *t->ids, "token ids");
  }
  vocab_encode(vocab, &t->tokens, t->ids);
  return true;
}

void tokenized_set(Tokenized *t, const Tokenizer *tokenizer, const Vocab *vocab, const char *line, size_t n) {
  Err err = {0};
  CHECK(tokenizer_regions(tokenizer) == NULL && tokenized_read(t, tokenizer, vocab, line, n, &err),
        "a text of %zu bytes", n);
}

Ids tokenized_ids(const Tokenized *t, int max) {
  return (Ids){.at = t->ids,
               .n = t->tokens.n < max ? t->tokens.n : max,
               .regions = tokens_regions(&t->tokens),
               .links = {t->tokens.links, t->tokens.n_links}};
}

void tokenized_free(Tokenized *t) {
  str_free(&t->line);
  tokens_free(&t->tokens);
  mem_free(t->ids);
  *t = (Tokenized){0};
}
