#include "capture.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "cli/program.h"

enum { MAX_WORDS = 16 };

_Noreturn static void be_program(const char *const *words, const char *out, const char *message) {
  char *argv[MAX_WORDS + 2] = {mem_text("attn-seq2seq", 12)};
  int argc = 1;
  for (; words[argc - 1] != NULL && argc <= MAX_WORDS; argc++)
    argv[argc] = mem_text(words[argc - 1], strlen(words[argc - 1]));
  (void)signal(SIGPIPE, SIG_IGN);
  if (dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1) < 0) _exit(99);
  if (dup2(open(message, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2) < 0) _exit(99);
  _exit(program_run(argc, argv));
}

Capture capture_run(Scratch *scratch, const char *const *words) {
  Capture capture = {0};
  Err err = {0};
  int status = 0;
  Str out = {0}, message = {0}; /* not of scratch_path, whose older names the caller may hold */
  str_addf(&out, "%s/capture.out", str_text(&scratch->folder));
  str_addf(&message, "%s/capture.message", str_text(&scratch->folder));
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) be_program(words, out.at, message.at);
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  capture.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ck_assert(io_read_all(&capture.out, out.at, 1 << 24, &err));
  ck_assert(io_read_all(&capture.message, message.at, 1 << 20, &err));
  str_free(&out);
  str_free(&message);
  return capture;
}

void capture_free(Capture *capture) {
  str_free(&capture->out);
  str_free(&capture->message);
}

void capture_expect(Scratch *scratch, const char *const *words, int status, const char *out, const char *message) {
  Capture capture = capture_run(scratch, words);
  ck_assert_str_eq(str_text(&capture.message), message);
  ck_assert_str_eq(str_text(&capture.out), out);
  ck_assert_int_eq(capture.status, status);
  capture_free(&capture);
}
