/* fuzz_references.c - any bytes as a table of references, in which a source is looked up. */
#include "eval/references.h"

#include "given.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const MetricText source = {"a b", 3};
  int n = 0;
  Err err = {0};
  References *references = references_load(given_file(data, size), NULL, &err);
  if (given_well(references != NULL, &err)) (void)references_find(references, &source, &n);
  references_free(references);
  return 0;
}
