#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t used(const Err *err) { return strlen(err->text); }

bool err_set(Err *err, ErrKind kind, const char *format, ...) {
  va_list args;
  va_start(args, format);
  err->kind = kind;
  (void)vsnprintf(err->text, sizeof err->text, format, args);
  va_end(args);
  return false;
}

bool err_add(Err *err, ErrKind kind, const char *format, ...) {
  size_t n = used(err);
  if (err->kind == ERR_NONE) err->kind = kind;
  if (n > 0 && n + 1 < sizeof err->text) err->text[n++] = '\n';
  va_list args;
  va_start(args, format);
  (void)vsnprintf(err->text + n, sizeof err->text - n, format, args);
  va_end(args);
  return false;
}

bool err_prefix(Err *err, const char *format, ...) {
  char old[sizeof err->text];
  memcpy(old, err->text, sizeof old);
  va_list args;
  va_start(args, format);
  (void)vsnprintf(err->text, sizeof err->text, format, args);
  va_end(args);
  size_t n = used(err);
  (void)snprintf(err->text + n, sizeof err->text - n, "%s", old);
  return false;
}

void err_clear(Err *err) {
  err->kind = ERR_NONE;
  err->text[0] = '\0';
}

void err_bug(const char *file, int line, const char *cond, const char *format, ...) {
  (void)fprintf(stderr, "%s:%d: bug: %s: ", file, line, cond);
  va_list args;
  va_start(args, format);
  (void)vfprintf(stderr, format, args);
  va_end(args);
  (void)fputc('\n', stderr);
  abort();
}
