/* start.c - what the environment alone can tell OpenBLAS, before the program's main: where it says otherwise, it is
 * told there, or the program starts again. Of the program, and no library's business. */
#include "num/blas.h"

#if !defined(BLAS_REF)
#include <features.h>
#endif

#if !defined(BLAS_REF) && defined(__GLIBC__)

#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Starts the program again with a variable set, NAME=VALUE, unless it is set. Only the environment tells the library
 * these things, when it is loaded. Nothing of the C library may be used here that needs to be set up. Where it cannot
 * (a huge environment, a file that is gone), the program goes on as it is. */
static void start_again(char **argv, char **envp, const char *variable) {
  enum { MOST = 1000 };
  static char *env[MOST + 2], own[64];
  const size_t name = (size_t)(strchr(variable, '=') - variable) + 1;
  int n = 0;
  for (char **at = envp; *at != NULL; at++) {
    if (strncmp(*at, variable, name) == 0 || n == MOST) return;
    env[n++] = *at;
  }
  env[n] = memcpy(own, variable, strlen(variable) + 1);
  env[n + 1] = NULL;
  (void)execve((const char *)getauxval(AT_EXECFN), argv, env);
}

/* An entry of the environment that says something else while the libraries are set up, and what it says else. */
static char **lent, *entry;

/* OpenBLAS starts a thread a core when it is loaded, before main, and where address space is short these spin for ever.
 * Told by an entry that it does not read, for an environment cannot grow; where there is none, by another start. */
static void alone(int argc, char **argv, char **envp) {
  static char one[] = "OPENBLAS_NUM_THREADS=1";
  (void)argc;
  for (char **at = envp; *at != NULL; at++) {
    bool is_read = strncmp(*at, "OPENBLAS_", 9) == 0, same = strncmp(*at, one, sizeof one - 2) == 0;
    if (same || (!is_read && lent == NULL)) lent = at;
    if (same) break;
  }
  if (lent == NULL) {
    start_again(argv, envp, one);
    return;
  }
  entry = *lent;
  *lent = one;
}
__attribute__((used, section(".preinit_array"))) static void (*const before_libraries)(int, char **, char **) = alone;

/* Once the library is set up and has chosen. Who has set its variable is left alone. */
__attribute__((constructor)) static void with_better_kernels(int argc, char **argv, char **envp) {
  const char *better = blas_better_kernels();
  (void)argc;
  if (lent != NULL) *lent = entry;
  if (better != NULL) start_again(argv, envp, better);
}

#endif
