/* output.h - standard output, with its errors told. Commands write results here and nowhere else; messages and progress
 * go to stderr. For the main thread.
 *
 * Each function returns false when the output cannot be written. A reader that closed the pipe has seen enough: then
 * err stays empty, and a command that returns at once ends with status 0 and no message. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

bool output_write(const char *at, size_t n, Err *err);
bool output_flush(Err *err);
/* The last thing a program does with its output: some errors only show here. */
bool output_close(Err *err);

/* False, with an error of the command line that begins with `what` (the command and the option), when a file to be
 * written at path would take the place of one of inputs [n], which are read; "-" is standard input, a NULL is passed
 * over. */
bool output_spares(const char *path, const char *what, const char *const *inputs, int n, Err *err);

/* Tells on stderr what is wrong but stops nothing. For Warnings.warn; ctx is not used. */
void output_warn(void *ctx, const char *text);

/* Tells on stderr what is good to know. */
void output_note(const char *text);

#endif
