/* fuzz_state.c - any bytes as a model or training state that is described. */
#include "given.h"
#include "train/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Str text = {0};
  bool ok = info_describe(&text, given_file(data, size), size % 2 == 0 ? INFO_TEXT : INFO_JSON, &err);
  (void)given_well(ok, &err);
  str_free(&text);
  return 0;
}
