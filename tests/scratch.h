/* scratch.h - a temporary folder for a test: made by scratch_open, removed with its files by scratch_close. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stddef.h>

#include "base/str.h"

enum { SCRATCH_NAMES = 16 };

typedef struct Scratch {
  Str folder;
  Str names[SCRATCH_NAMES]; /* paths given out by scratch_path, reused in turn */
  int next;
} Scratch;

void scratch_open(Scratch *scratch);
void scratch_close(Scratch *scratch);
/* The path of a file in it; one of the last SCRATCH_NAMES asked for. */
const char *scratch_path(Scratch *scratch, const char *name);
/* Writes n bytes, or the text, to that file and gives its path. */
const char *scratch_bytes(Scratch *scratch, const char *name, const void *at, size_t n);
const char *scratch_text(Scratch *scratch, const char *name, const char *text);
/* The same, compressed with gzip. */
const char *scratch_gzip(Scratch *scratch, const char *name, const char *text);

#endif
