/* fuzz_vectors.c - any bytes as word vectors of two numbers. */
#include "given.h"
#include "text/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  real numbers[7 * 2] = {0};
  Tensor embedding = {.x = numbers, .rows = 7, .cols = 2, .ld = 2};
  Vocab *vocab = given_vocab();
  Err err = {0};
  (void)given_well(vectors_read(given_file(data, size), vocab, &embedding, NULL, &err) >= 0, &err);
  vocab_free(vocab);
  return 0;
}
