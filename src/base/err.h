/* err.h - the two kinds of error a function can meet besides running out of memory (see mem.h).
 *
 * A bug:     CHECK(cond, "linear: x %s against W %s", ...) prints file:line and aborts. Always on.
 * The world: files, configs, text, a full disk. The function returns false or NULL and fills its last parameter, Err
 * *err. Callers add context with err_prefix; only src/cli/ prints and picks the exit code.
 *
 * An Err belongs to its caller (usually on the stack, zero-initialised) and owns no memory. Not shared between threads.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

typedef enum ErrKind {
  ERR_NONE = 0,
  ERR_FILE = 1, /* a file is missing, unreadable, damaged or full; exit status 1 */
  ERR_USAGE = 2 /* the command line or the content of a config; exit status 2 */
} ErrKind;

typedef struct Err {
  ErrKind kind;
  char text[8192]; /* one or more lines, without the last line end; cut at the end if longer */
} Err;

/* Replaces what err holds. Returns false, so that `return err_set(...)` reads well. */
bool err_set(Err *err, ErrKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Appends one more line to what err holds; the kind of the first stays. Returns false. */
bool err_add(Err *err, ErrKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts context before the text. Returns false. */
bool err_prefix(Err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void err_clear(Err *err);

#define CHECK(cond, ...) ((cond) ? (void)0 : err_bug(__FILE__, __LINE__, #cond, __VA_ARGS__))
_Noreturn void err_bug(const char *file, int line, const char *cond, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
