/* Bodies of requests: bytes as JSON and as a form, of both kinds. The first byte chooses. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "serve/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n) {
  static const TranslateConfig usual = {
      .beam_size = 5, .length_penalty = 1, .max_length_ratio = 2, .max_length = 50, .batch_size = 32};
  static const RequestLimits limits = {.lines = 8, .bytes = 100, .beam_size = 8};
  if (n == 0) return 0;
  Request r;
  Err err = {0};
  const char *type = (at[0] & 1) != 0 ? "application/x-www-form-urlencoded" : NULL;
  RequestKind kind = (at[0] & 2) != 0 ? REQUEST_SCORE : REQUEST_TRANSLATE;
  if (request_read(&r, kind, type, (const char *)at + 1, n - 1, &limits, &err) == REQUEST_OK) {
    SearchOptions options = search_options_usual(&usual);
    bool ok = request_options(&r, &limits, &options, &err);
    CHECK(r.n <= limits.lines && (ok || err.kind == ERR_USAGE), "a request that breaks limits");
    CHECK(options.translate.beam.beam_size <= limits.beam_size, "a beam that breaks limits");
    for (int i = 0; i < r.n; i++) CHECK(strlen(r.sources[i]) <= limits.bytes, "a text that breaks limits");
  } else {
    CHECK(err.kind == ERR_USAGE, "refused without a reason");
  }
  request_free(&r);
  return 0;
}
