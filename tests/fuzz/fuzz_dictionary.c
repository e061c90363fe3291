/* fuzz_dictionary.c - any bytes as a dictionary, in which a word is looked up. */
#include "given.h"
#include "text/dictionary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Dictionary *dictionary = dictionary_read(given_file(data, size), NULL, &err);
  if (given_well(dictionary != NULL, &err)) (void)dictionary_find(dictionary, "a");
  dictionary_free(dictionary);
  return 0;
}
