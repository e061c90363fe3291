#include "base/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/mem.h"

struct Thread {
  pthread_t thread;
  void (*run)(void *ctx);
  void *ctx;
};

void thread_block_signals(void) {
  static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT}; /* come from what a thread does */
  sigset_t all;
  (void)sigfillset(&all);
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) (void)sigdelset(&all, own[i]);
  (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
}

void thread_take_signals(void) {
  sigset_t all;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}

static void *thread_main(void *arg) {
  Thread *t = arg;
  thread_block_signals();
  fault_own_thread();
  t->run(t->ctx);
  return NULL;
}

Thread *thread_start(void (*run)(void *ctx), void *ctx) {
  Thread *t = mem_zero(1, sizeof *t, "thread");
  *t = (Thread){.run = run, .ctx = ctx};
  if (pthread_create(&t->thread, NULL, thread_main, t) == 0) return t;
  mem_free(t);
  return NULL;
}

void thread_join(Thread *t) {
  if (t == NULL) return;
  (void)pthread_join(t->thread, NULL);
  mem_free(t);
}
