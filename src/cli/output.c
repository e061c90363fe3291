#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/ranks.h"

static bool fail(Err *err) {
  if (errno == EPIPE) return false;
  return err_set(err, ERR_FILE, "standard output: cannot write: %s; is it open, and is there room left?",
                 strerror(errno));
}

bool output_write(const char *at, size_t n, Err *err) { return fwrite(at, 1, n, stdout) == n || fail(err); }
bool output_flush(Err *err) { return fflush(stdout) == 0 || fail(err); }
bool output_close(Err *err) { return fclose(stdout) == 0 || fail(err); }

bool output_spares(const char *path, const char *what, const char *const *inputs, int n, Err *err) {
  for (int i = 0; i < n && io_is_file(path); i++) {
    const char *input = inputs[i] != NULL && strcmp(inputs[i], "-") == 0 ? "/dev/stdin" : inputs[i];
    if (input != NULL && io_same(input, path))
      return err_set(err, ERR_USAGE, "%s %s would overwrite a file that is read; name another", what, path);
  }
  return true;
}

void output_warn(void *ctx, const char *text) {
  (void)ctx;
  if (ranks_me() == 0) (void)fprintf(stderr, "attn-seq2seq: warning: %s\n", text);
}

void output_note(const char *text) {
  if (ranks_me() == 0) (void)fprintf(stderr, "attn-seq2seq: %s\n", text);
}
