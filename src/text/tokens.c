#include "text/tokens.h"

#include <limits.h>

#include "base/err.h"
#include "base/mem.h"
#include "text/region_file.h"
#include "text/words.h"

void tokens_clear(Tokens *tokens) {
  str_clear(&tokens->text);
  tokens->n = tokens->n_links = 0;
  if (tokens->words != NULL) words_clear(tokens->words);
  if (tokens->regions != NULL) tokens->regions->regions = (Regions){0};
}

void tokens_add(Tokens *tokens, const char *at, size_t n) {
  if (tokens->n == tokens->cap) {
    CHECK(tokens->cap <= INT_MAX / 2, "tokens_add: %d tokens in one list", tokens->n);
    tokens->cap = tokens->cap == 0 ? 64 : tokens->cap * 2;
    tokens->ends = mem_grow(tokens->ends, (size_t)tokens->cap, sizeof *tokens->ends, "tokens");
  }
  str_add(&tokens->text, at, n);
  str_addc(&tokens->text, '\0');
  tokens->ends[tokens->n++] = tokens->text.n;
}

const char *tokens_get(const Tokens *tokens, int i, size_t *n) {
  CHECK(i >= 0 && i < tokens->n, "token %d of %d", i, tokens->n);
  size_t start = i == 0 ? 0 : tokens->ends[i - 1];
  if (n != NULL) *n = tokens->ends[i] - start - 1;
  return tokens->text.at + start;
}

const Words *tokens_words(const Tokens *tokens) {
  return tokens->words != NULL && tokens->n > 0 && tokens->words->n == tokens->n ? tokens->words : NULL;
}

Words *tokens_make_words(Tokens *tokens) {
  if (tokens->words == NULL) tokens->words = mem_zero(1, sizeof *tokens->words, "words");
  words_clear(tokens->words);
  return tokens->words;
}

const Regions *tokens_regions(const Tokens *tokens) {
  return tokens->regions != NULL && tokens->regions->regions.n > 0 ? &tokens->regions->regions : NULL;
}

const char *tokens_entry(const Tokens *tokens, int i, size_t *n) {
  static const char region[] = "region";
  if (tokens_regions(tokens) == NULL) return tokens_get(tokens, i, n);
  *n = sizeof region - 1;
  return region;
}

RegionFile *tokens_make_regions(Tokens *tokens) {
  if (tokens->regions == NULL) tokens->regions = mem_zero(1, sizeof *tokens->regions, "source regions");
  return tokens->regions;
}

void tokens_link(Tokens *tokens, TokenLink link) {
  if (tokens->n_links == tokens->cap_links) {
    tokens->cap_links = 2 * tokens->cap_links + 16;
    tokens->links = mem_grow(tokens->links, (size_t)tokens->cap_links, sizeof *tokens->links, "links");
  }
  tokens->links[tokens->n_links++] = link;
}

void tokens_free(Tokens *tokens) {
  mem_free(tokens->links);
  if (tokens->regions != NULL) region_file_free(tokens->regions);
  mem_free(tokens->regions);
  if (tokens->words != NULL) words_free(tokens->words);
  mem_free(tokens->words);
  str_free(&tokens->text);
  mem_free(tokens->ends);
  *tokens = (Tokens){0};
}
