#include "cli/signals.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static atomic_int came;

static void on_signal(int number) {
  if (atomic_exchange(&came, number) != 0) _exit(128 + number);
}

const atomic_int *signals_catch(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART; /* no read or write fails for it: training looks at the flag between updates */
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  return &came;
}
