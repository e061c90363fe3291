#include "child.h"

#include <check.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef LEAK_CHECK
#include <sanitizer/lsan_interface.h>
#endif

_Noreturn static void be_child(void (*run)(void *ctx), void *ctx, int to) {
  struct rlimit no_core = {0, 0};
  (void)setrlimit(RLIMIT_CORE, &no_core);
  (void)dup2(to, 2);
#ifdef LEAK_CHECK
  __lsan_disable(); /* who ends early frees nothing */
#endif
  run(ctx);
  _exit(0);
}

int child_run(void (*run)(void *ctx), void *ctx, char *said, size_t size) {
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) be_child(run, ctx, ends[1]);
  (void)close(ends[1]);
  size_t n = 0;
  char chunk[256];
  ssize_t got;
  while ((got = read(ends[0], chunk, sizeof chunk)) > 0)
    for (ssize_t i = 0; i < got && n + 1 < size; i++) said[n++] = chunk[i];
  said[n] = '\0';
  (void)close(ends[0]);
  int status = 0;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
