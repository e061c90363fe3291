/* temporary.h - the names of the files that must not outlive the process: it unlinks them when a signal, a bug or a
 * lack of memory ends it. Safe from any thread. */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include <stdbool.h>

/* Notes a path until temporary_forget; returns its number, or -1 when there are too many or it is too long, and then
 * the file may stay behind. Relative paths are of the working directory, which does not change. */
int temporary_note(const char *path);
void temporary_forget(int number);
/* True for a path that is noted, spelled so. */
bool temporary_is_noted(const char *path);
/* Unlinks the files noted. May be called in a signal handler. */
void temporary_unlink(void);

#endif
