#include "base/pool.h"

#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "child.h"

enum { MOST = 1000 };

typedef struct Log {
  atomic_int times[MOST];  /* how often a task ran */
  atomic_int last[8];      /* the task a worker had before */
  atomic_int out_of_order; /* tasks that came after a later one on the same worker */
  atomic_int bad_worker;
  int n_workers;
} Log;

static void note(void *ctx, int task, int worker) {
  Log *log = ctx;
  if (worker < 0 || worker >= log->n_workers) {
    atomic_fetch_add(&log->bad_worker, 1);
    return;
  }
  atomic_fetch_add(&log->times[task], 1);
  if (atomic_exchange(&log->last[worker], task) > task) atomic_fetch_add(&log->out_of_order, 1);
}

static void run_once(Pool *pool, int n_tasks) {
  Log log = {.n_workers = pool_size(pool)};
  for (int i = 0; i < 8; i++) atomic_store(&log.last[i], -1);
  pool_run(pool, n_tasks, note, &log);
  int n_wrong = 0;
  for (int i = 0; i < MOST; i++) n_wrong += atomic_load(&log.times[i]) != (i < n_tasks);
  ck_assert_int_eq(n_wrong, 0);
  ck_assert_int_eq(atomic_load(&log.out_of_order), 0);
  ck_assert_int_eq(atomic_load(&log.bad_worker), 0);
}

START_TEST(every_task_once) {
  static const int sizes[] = {1, 2, 3, 8};
  Pool *pool = pool_new(sizes[_i]);
  ck_assert_int_eq(pool_size(pool), sizes[_i]);
  static const int n_tasks[] = {0, 1, 2, 7, 8, 9, MOST};
  for (size_t i = 0; i < sizeof n_tasks / sizeof *n_tasks; i++) run_once(pool, n_tasks[i]);
  pool_free(pool);
}
END_TEST

START_TEST(many_runs) {
  Pool *pool = pool_new(4);
  for (int i = 0; i < 2000; i++) run_once(pool, i % 9);
  pool_free(pool);
}
END_TEST

static void take_in_turn(void *ctx, int task, int worker) {
  atomic_int *taken = ctx;
  ck_assert_int_eq(worker, 0);
  ck_assert_int_eq(atomic_fetch_add(taken, 1), task);
}

START_TEST(one_worker_is_the_caller) {
  Pool *pool = pool_new(1);
  atomic_int taken = 0;
  pool_run(pool, 100, take_in_turn, &taken);
  ck_assert_int_eq(atomic_load(&taken), 100);
  pool_free(pool);
}
END_TEST

/* Every task waits until all have started: passes only when the workers run side by side. */
static void meet(void *ctx, int task, int worker) {
  (void)task;
  (void)worker;
  atomic_int *arrived = ctx;
  atomic_fetch_add(arrived, 1);
  while (atomic_load(arrived) < 3) (void)pool_cores(); /* a system call, so that others get their turn */
}

START_TEST(workers_run_side_by_side) {
  Pool *pool = pool_new(3);
  atomic_int arrived = 0;
  pool_run(pool, 3, meet, &arrived);
  ck_assert_int_eq(atomic_load(&arrived), 3);
  pool_free(pool);
}
END_TEST

START_TEST(ends_unused) {
  for (int i = 0; i < 50; i++) pool_free(pool_new(3));
  pool_free(NULL);
  ck_assert_int_ge(pool_cores(), 1);
}
END_TEST

static void run_inside(void *ctx, int task, int worker) {
  (void)task;
  (void)worker;
  pool_run(*(Pool **)ctx, 1, run_inside, ctx);
}

static void nest(void *ctx) {
  Pool *pool = pool_new(1);
  pool_run(pool, 1, run_inside, &pool);
  (void)ctx;
}

START_TEST(a_run_inside_a_run_is_a_bug) {
  char said[256];
  ck_assert_int_eq(child_run(nest, NULL, said, sizeof said), 128 + SIGABRT);
  ck_assert_msg(strstr(said, "called from inside a run") != NULL, "%s", said);
}
END_TEST

Suite *test_pool(void);
Suite *test_pool(void) {
  Suite *s = suite_create("pool");
  TCase *t = tcase_create("pool");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, every_task_once, 0, 4);
  tcase_add_test(t, many_runs);
  tcase_add_test(t, one_worker_is_the_caller);
  tcase_add_test(t, workers_run_side_by_side);
  tcase_add_test(t, ends_unused);
  tcase_add_test(t, a_run_inside_a_run_is_a_bug);
  suite_add_tcase(s, t);
  return s;
}
