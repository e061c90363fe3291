#include "base/monitor.h"

#include <pthread.h>
#include <stddef.h>

#include "base/mem.h"

struct Monitor {
  pthread_mutex_t lock;
  pthread_cond_t changed;
};

Monitor *monitor_new(void) {
  Monitor *m = mem_zero(1, sizeof *m, "monitor");
  (void)pthread_mutex_init(&m->lock, NULL);
  (void)pthread_cond_init(&m->changed, NULL);
  return m;
}

void monitor_free(Monitor *m) {
  if (m == NULL) return;
  (void)pthread_cond_destroy(&m->changed);
  (void)pthread_mutex_destroy(&m->lock);
  mem_free(m);
}

void monitor_enter(Monitor *m) { (void)pthread_mutex_lock(&m->lock); }
void monitor_leave(Monitor *m) { (void)pthread_mutex_unlock(&m->lock); }
void monitor_wait(Monitor *m) { (void)pthread_cond_wait(&m->changed, &m->lock); }
void monitor_wake(Monitor *m) { (void)pthread_cond_broadcast(&m->changed); }
