#include "cli/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/map.h"
#include "base/temporary.h"

static atomic_int came;

/* True for what was ignored when the program began, as nohup has it. */
static bool is_ignored(int number) {
  struct sigaction old;
  return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

static void catch_it(int number, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  (void)sigaction(number, &action, NULL);
}

/* The default that SA_RESETHAND has put back ends the process when the handler returns. */
static void on_end(int number) {
  temporary_unlink();
  (void)raise(number);
}

void signals_tidy(void) {
  static const int ends[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGABRT, SIGXCPU};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (!is_ignored(ends[i])) catch_it(ends[i], on_end, (int)SA_RESETHAND);
}

static void on_request(int number) {
  if (atomic_exchange(&came, number) == 0) return;
  temporary_unlink();
  _exit(128 + number);
}

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

/* Only the first of several threads tells; none goes on. */
_Noreturn static void tell(const char *subject, const char *rest) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&told)) (void)pause();
  temporary_unlink();
  say("attn-seq2seq: ");
  say(subject);
  say(rest);
  _exit(1);
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  const char *path = number == SIGBUS ? map_owner(info->si_addr) : NULL;
  if (path != NULL)
    tell(path, ": was cut short while it was in use; start again when it is complete, and replace files by renaming\n");
  if (fault_told() != NULL) tell(fault_told(), "\n");
  temporary_unlink();
  (void)signal(number, SIG_DFL); /* a bug: it happens again, and ends the process */
  (void)raise(number);
}

void signals_guard(void) {
  static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  struct sigaction action;
  fault_own_thread();
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) (void)sigaction(faults[i], &action, NULL);
}

const atomic_int *signals_catch(void) {
  /* SA_RESTART: no read or write fails for it; training looks at the flag between updates. SIGINT is ignored in what a
   * shell's script runs in the background, and yet who sends it there means it. */
  if (!is_ignored(SIGHUP)) catch_it(SIGHUP, on_request, SA_RESTART);
  catch_it(SIGINT, on_request, SA_RESTART);
  catch_it(SIGTERM, on_request, SA_RESTART);
  catch_it(SIGUSR1, on_request, SA_RESTART); /* which mpirun passes on to all ranks, and lets them end by themselves */
  return &came;
}
