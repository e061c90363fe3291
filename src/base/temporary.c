#include "base/temporary.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 64, LONGEST = 4096 };
enum { FREE, TAKEN, NOTED };

/* Never on the heap: a signal may come while a name is given back. */
static struct {
  atomic_int state;
  char path[LONGEST];
} names[MOST];

int temporary_note(const char *path) {
  size_t n = strlen(path);
  if (n >= LONGEST) return -1;
  for (int i = 0; i < MOST; i++) {
    int expected = FREE;
    if (!atomic_compare_exchange_strong(&names[i].state, &expected, TAKEN)) continue;
    memcpy(names[i].path, path, n + 1);
    atomic_store(&names[i].state, NOTED);
    return i;
  }
  return -1;
}

void temporary_forget(int number) {
  if (number >= 0) atomic_store(&names[number].state, FREE);
}

bool temporary_is_noted(const char *path) {
  for (int i = 0; i < MOST; i++)
    if (atomic_load(&names[i].state) == NOTED && strcmp(names[i].path, path) == 0) return true;
  return false;
}

void temporary_unlink(void) {
  int before = errno;
  for (int i = 0; i < MOST; i++)
    if (atomic_load(&names[i].state) == NOTED) (void)unlink(names[i].path);
  errno = before;
}
