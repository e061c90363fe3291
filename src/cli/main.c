/* main.c - the process: its signals and its three standard files. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/signals.h"

/* A standard file that is not open must not become the number of a model file: a file that gives an error when it is
 * used takes its place (as an input one that can only be written, as an output one that can only be read). */
static void guard_standard_files(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGXFSZ, SIG_IGN);
  signals_tidy();
  guard_standard_files();
  signals_guard();
  int status = program_run(argc, argv);
#ifndef LEAK_CHECK
  _exit(status); /* nothing is left to write; libraries might wait for threads that memory was too short for */
#endif
  return status;
}
