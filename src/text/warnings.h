/* warnings.h - what is wrong with a text but stops nothing, on its way to whoever prints it.
 *
 * At most 10 messages of each kind are passed on, the rest is counted and told at the end. A Warnings belongs to its
 * caller and to one thread; functions that take one accept NULL and then say nothing. */
#ifndef TEXT_WARNINGS_H
#define TEXT_WARNINGS_H

typedef enum WarningKind {
  WARNING_TEXT,    /* a line with invalid UTF-8 or NUL */
  WARNING_CUT,     /* a line longer than allowed, cut */
  WARNING_OUTPUT,  /* an output cut at its greatest length */
  WARNING_QUERY,   /* a line without a document or a query, for a model that wants both */
  WARNING_UNKNOWN, /* lines about tokens that are not in a vocabulary, left out */
  N_WARNINGS
} WarningKind;

enum { WARNINGS_SHOWN = 10 };

typedef struct Warnings {
  void (*warn)(void *ctx, const char *text); /* one line, without line end */
  void *ctx;
  long n[N_WARNINGS]; /* given so far, shown or not */
} Warnings;

void warnings_add(Warnings *warnings, WarningKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What is said once, of the text as a whole: always passed on. */
void warnings_tell(Warnings *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Passes on the number of messages held back, a line a kind, and starts counting anew. */
void warnings_end(Warnings *warnings);

#endif
