/* checker.h - what checks of a config complain to. Of the conf floor alone. */
#ifndef CONF_CHECKER_H
#define CONF_CHECKER_H

#include "base/err.h"

typedef struct Checker {
  const char *name;
  ErrKind kind;
  Err *err;
  bool ok;
} Checker;

#define COMPLAIN(check, format, ...) \
  ((check)->ok = err_add((check)->err, (check)->kind, "%s: " format, (check)->name, __VA_ARGS__))

#endif
