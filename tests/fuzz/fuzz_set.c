/* fuzz_set.c - any lines as --set KEY=VALUE. */
#include "given.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { MOST = 16 };
  const char *sets[MOST];
  int n = 0;
  Err err = {0};
  Config config;
  char *text = mem_text((const char *)data, size);
  for (char *at = strtok(text, "\n"); at != NULL && n < MOST; at = strtok(NULL, "\n")) sets[n++] = at;
  if (given_well(config_load(&config, NULL, sets, n, NULL, &err), &err)) config_free(&config);
  mem_free(text);
  return 0;
}
