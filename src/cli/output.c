#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool fail(Err *err) {
  if (errno == EPIPE) return false;
  return err_set(err, ERR_FILE, "standard output: cannot write: %s; is it open, and is there room left?",
                 strerror(errno));
}

bool output_write(const char *at, size_t n, Err *err) { return fwrite(at, 1, n, stdout) == n || fail(err); }
bool output_flush(Err *err) { return fflush(stdout) == 0 || fail(err); }
bool output_close(Err *err) { return fclose(stdout) == 0 || fail(err); }

void output_warn(void *ctx, const char *text) {
  (void)ctx;
  (void)fprintf(stderr, "attn-seq2seq: warning: %s\n", text);
}

void output_note(const char *text) { (void)fprintf(stderr, "attn-seq2seq: %s\n", text); }
