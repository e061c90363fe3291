/* fuzz_safetensors.c - any bytes as a file, and again as the header of a file with a right length and some data. */
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "num/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte that an opened file offers. */
static void use(const SafeTensors *st) {
  Str copy = {0};
  for (int i = 0; i < safetensors_count(st); i++) {
    const SafeTensor *t = safetensors_at(st, i);
    str_add(&copy, t->data, t->n_bytes);
    CHECK(safetensors_find(st, t->name) == t && t->rank <= SAFETENSORS_MAX_RANK, "tensor %d is lost", i);
  }
  for (const char *key = NULL; (key = safetensors_next_key(st, key)) != NULL;)
    str_adds(&copy, safetensors_metadata(st, key));
  str_free(&copy);
}

static void open_bytes(const void *bytes, size_t n) {
  Err err = {0};
  SafeTensors *st = safetensors_open_bytes(bytes, n, "fuzz", &err);
  CHECK((st == NULL) == (err.kind == ERR_FILE), "an error without a reason, or a reason without an error");
  if (st != NULL) use(st);
  safetensors_close(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  open_bytes(data, size);
  Str file = {0};
  for (int i = 0; i < 8; i++) str_addc(&file, (char)((uint64_t)size >> 8 * i & 0xFF));
  str_add(&file, (const char *)data, size);
  str_add(&file, "0123456789abcdef", size % 17);
  open_bytes(file.at, file.n);
  str_free(&file);
  return 0;
}
