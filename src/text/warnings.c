#include "text/warnings.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"

__attribute__((format(printf, 2, 0))) static void pass_on(Warnings *warnings, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  size_t size = n < 0 ? 1 : (size_t)n + 1;
  char *text = mem_zero(size, 1, "warning");
  (void)vsnprintf(text, size, format, again);
  va_end(again);
  warnings->warn(warnings->ctx, text);
  mem_free(text);
}

void warnings_add(Warnings *warnings, WarningKind kind, const char *format, ...) {
  if (warnings == NULL || ++warnings->n[kind] > WARNINGS_SHOWN) return;
  va_list args;
  va_start(args, format);
  pass_on(warnings, format, args);
  va_end(args);
}

void warnings_tell(Warnings *warnings, const char *format, ...) {
  if (warnings == NULL) return;
  va_list args;
  va_start(args, format);
  pass_on(warnings, format, args);
  va_end(args);
}

void warnings_end(Warnings *warnings) {
  static const char *const what[] = {"with invalid UTF-8 or NUL", "cut", "whose translation was cut", "without a query",
                                     "left out"};
  if (warnings == NULL) return;
  for (int kind = 0; kind < N_WARNINGS; kind++) {
    long more = warnings->n[kind] - WARNINGS_SHOWN;
    warnings->n[kind] = 0;
    if (more <= 0) continue;
    Str text = {0};
    str_addf(&text, "%ld more %s %s", more, more == 1 ? "line" : "lines", what[kind]);
    warnings->warn(warnings->ctx, str_text(&text));
    str_free(&text);
  }
}
