/* fuzz_vocabulary.c - any bytes as a list of tokens; what is accepted comes back from JSON the same. */
#include "given.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Vocab *vocab = vocab_read(given_file(data, size), NULL, &err);
  if (!given_well(vocab != NULL, &err)) return 0;
  Str text = {0};
  vocab_to_json(vocab, &text);
  Vocab *again = vocab_from_json(text.at, text.n, "printed", &err);
  CHECK(again != NULL && vocab_equal(vocab, again), "%s", err.text);
  str_free(&text);
  vocab_free(vocab);
  vocab_free(again);
  return 0;
}
