#define _GNU_SOURCE /* sched_getaffinity */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/mem.h"

typedef struct Worker {
  Pool *pool;
  int index;
  pthread_t thread;
} Worker;

/* All fields below lock are guarded by it. */
struct Pool {
  int size;
  Worker *workers; /* [size]; workers[0] is the caller and has no thread */
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  int next, n_tasks, n_running;
  void (*run)(void *ctx, int task, int worker);
  void *ctx;
  MemTrap *trap; /* of who called run, or NULL */
  bool sprung;
  char text[sizeof((MemTrap *)0)->text]; /* of the first that sprang */
  bool closing;
};

/* Runs a task in a trap of its own: a thread cannot jump to another's. */
static void run_trapped(Pool *pool, int task, int worker) {
  MemTrap mine;
  MemTrap *const before = mem_trap(&mine);
  if (setjmp(mine.back) == 0) {
    pool->run(pool->ctx, task, worker);
    (void)mem_trap(before);
    return;
  }
  (void)mem_trap(before);
  (void)pthread_mutex_lock(&pool->lock);
  if (!pool->sprung) memcpy(pool->text, mine.text, sizeof pool->text);
  pool->sprung = true;
  (void)pthread_mutex_unlock(&pool->lock);
}

/* Takes tasks until none is left; called with the lock held and returns with it held. */
static void work(Pool *pool, int worker) {
  while (pool->next < pool->n_tasks) {
    int task = pool->next++;
    pool->n_running++;
    (void)pthread_mutex_unlock(&pool->lock);
    if (pool->trap == NULL) pool->run(pool->ctx, task, worker);
    else run_trapped(pool, task, worker);
    (void)pthread_mutex_lock(&pool->lock);
    pool->n_running--;
  }
  if (pool->n_running == 0) (void)pthread_cond_signal(&pool->done);
}

static void *thread_main(void *arg) {
  Worker *me = arg;
  fault_own_thread();
  Pool *pool = me->pool;
  (void)pthread_mutex_lock(&pool->lock);
  while (!pool->closing) {
    work(pool, me->index);
    if (!pool->closing) (void)pthread_cond_wait(&pool->work, &pool->lock);
  }
  (void)pthread_mutex_unlock(&pool->lock);
  return NULL;
}

enum { MOST = 1024 };

Pool *pool_new(int n_workers) {
  static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT}; /* come from what a thread does */
  if (n_workers > MOST) n_workers = MOST;
  Pool *pool = mem_zero(1, sizeof *pool, "thread pool");
  pool->workers = mem_zero((size_t)n_workers, sizeof *pool->workers, "thread pool");
  (void)pthread_mutex_init(&pool->lock, NULL);
  (void)pthread_cond_init(&pool->work, NULL);
  (void)pthread_cond_init(&pool->done, NULL);
  sigset_t all, old;
  (void)sigfillset(&all);
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) (void)sigdelset(&all, own[i]);
  (void)pthread_sigmask(SIG_BLOCK, &all, &old);
  pool->size = 1;
  for (int i = 1; i < n_workers; i++) {
    pool->workers[i] = (Worker){.pool = pool, .index = i};
    if (pthread_create(&pool->workers[i].thread, NULL, thread_main, &pool->workers[i]) != 0) break;
    pool->size = i + 1; /* a system that gives fewer threads gets the same results, later */
  }
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  return pool;
}

void pool_free(Pool *pool) {
  if (pool == NULL) return;
  (void)pthread_mutex_lock(&pool->lock);
  pool->closing = true;
  (void)pthread_cond_broadcast(&pool->work);
  (void)pthread_mutex_unlock(&pool->lock);
  for (int i = 1; i < pool->size; i++) (void)pthread_join(pool->workers[i].thread, NULL);
  (void)pthread_cond_destroy(&pool->work);
  (void)pthread_cond_destroy(&pool->done);
  (void)pthread_mutex_destroy(&pool->lock);
  mem_free(pool->workers);
  mem_free(pool);
}

int pool_size(const Pool *pool) { return pool->size; }

void pool_run(Pool *pool, int n_tasks, void (*run)(void *ctx, int task, int worker), void *ctx) {
  (void)pthread_mutex_lock(&pool->lock);
  CHECK(pool->next == pool->n_tasks && pool->n_running == 0, "pool_run: called from inside a run");
  pool->run = run;
  pool->ctx = ctx;
  pool->next = 0;
  pool->n_tasks = n_tasks;
  pool->trap = mem_trapped();
  pool->sprung = false;
  if (n_tasks > 1) (void)pthread_cond_broadcast(&pool->work);
  work(pool, 0);
  while (pool->n_running > 0) (void)pthread_cond_wait(&pool->done, &pool->lock);
  (void)pthread_mutex_unlock(&pool->lock);
  if (pool->sprung) mem_trap_on(pool->trap, pool->text);
}

int pool_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n < 1 ? 1 : n;
}
