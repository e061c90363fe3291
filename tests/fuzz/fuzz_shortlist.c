/* fuzz_shortlist.c - any bytes as a shortlist, asked for the tokens of a sentence. */
#include "given.h"
#include "search/shortlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const int32_t tokens[] = {4, 5, ID_UNK};
  const Ids source = {tokens, 3};
  Err err = {0};
  Vocab *vocab = given_vocab();
  Arena *arena = arena_new();
  Shortlist *list =
      shortlist_read(given_file(data, size), vocab, vocab, &(ShortlistOptions){.n_common = 1, .n_best = 2}, NULL, &err);
  if (given_well(list != NULL, &err)) {
    NarrowTokens given = shortlist_tokens(list, arena, &source, 1);
    for (int i = 0; i < narrow_width(&given, 0); i++) CHECK(narrow_token(&given, 0, i) < 7, "token %d", i);
  }
  shortlist_free(list);
  arena_free(arena);
  vocab_free(vocab);
  return 0;
}
