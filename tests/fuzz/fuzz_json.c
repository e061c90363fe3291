/* fuzz_json.c - any bytes through json_parse; what is accepted must print and read back to the same text. */
#include <stdint.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const Json *json) {
  size_t n = 1;
  if (json_type(json) == JSON_STRING) n += strlen(json_string(json));
  for (const Json *c = json_first(json); c != NULL; c = json_next(c)) n += walk(c);
  return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Json *json = json_parse((const char *)data, size, "fuzz", ERR_FILE, &err);
  CHECK((json == NULL) == (err.kind == ERR_FILE), "an error without a reason, or a reason without an error");
  if (json == NULL) return 0;
  Str once = {0}, twice = {0};
  json_print(&once, json, size % 2 == 0);
  Json *again = json_parse(str_text(&once), once.n, "printed", ERR_FILE, &err);
  CHECK(again != NULL, "%s", err.text);
  json_print(&twice, again, size % 2 == 0);
  CHECK(strcmp(str_text(&once), str_text(&twice)) == 0 && walk(json) == walk(again), "printed and read: another tree");
  json_free(json);
  json_free(again);
  str_free(&once);
  str_free(&twice);
  return 0;
}
