/* fuzz_config.c - any bytes as a config; what is accepted is checked, printed, and reads back to the same. */
#include "given.h"

static void check_same(const Config *config, const char *text) {
  Err err = {0};
  Config again;
  Str differences = {0};
  Json *json = json_parse(text, strlen(text), "printed", ERR_USAGE, &err);
  CHECK(json != NULL && config_from_json(&again, json, "printed", ERR_USAGE, &err), "%s", err.text);
  CHECK(config_diff(&differences, config, &again, NULL, 0) == 0, "%s", str_text(&differences));
  str_free(&differences);
  json_free(json);
  config_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Config config;
  if (!given_well(config_load(&config, given_file(data, size), NULL, 0, NULL, &err), &err)) return 0;
  (void)given_well(config_check_train(&config, "fuzz", &err), &err);
  Json *json = config_to_json(&config, false);
  Str text = {0};
  json_print(&text, json, true);
  check_same(&config, str_text(&text));
  str_free(&text);
  json_free(json);
  config_free(&config);
  return 0;
}
