#include "base/fault.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static _Atomic(const char *) now, last;
static _Thread_local bool own;

const char *fault_tell(const char *as) {
  if (as != NULL) atomic_store(&last, as);
  return atomic_exchange(&now, as);
}

void fault_own_thread(void) { own = true; }

const char *fault_told(void) { return own ? atomic_load(&now) : atomic_load(&last); }
