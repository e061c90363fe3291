/* capture.h - runs the program in a child process and keeps what it says. */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include "base/str.h"
#include "scratch.h"

typedef struct Capture {
  int status; /* exit status, or -1 after a signal */
  Str out, message;
} Capture;

/* Runs attn-seq2seq with words, which end in NULL; its two outputs pass through files of scratch. */
Capture capture_run(Scratch *scratch, const char *const *words);
void capture_free(Capture *capture);
/* Runs it and compares everything it says and its exit status. */
void capture_expect(Scratch *scratch, const char *const *words, int status, const char *out, const char *message);

#endif
