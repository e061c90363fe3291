/* Tasks in processes of their own: what comes back, signals, deadlines. */
#include "base/process.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { N = 5 };

typedef struct Seen {
  int status[N], n;
  char said[N][32];
} Seen;

static int work(void *ctx, int task, Str *said) {
  Seen *seen = ctx;
  seen->n = 100; /* of the child alone */
  str_addf(said, "task %d", task);
  if (task == 3) abort();
  return task * 10;
}

static void note(void *ctx, int task, int status, const char *said) {
  Seen *seen = ctx;
  seen->n++;
  seen->status[task] = status;
  ck_assert_uint_lt(strlen(said), sizeof seen->said[task]);
  memcpy(seen->said[task], said, strlen(said) + 1);
}

START_TEST(each_ends_for_itself) {
  Seen seen = {{0}, 0, {{0}}};
  ck_assert(process_each(&(ProcessPlan){N, 2, work, note, &seen, NULL, 0}));
  ck_assert_int_eq(seen.n, N);
  for (int i = 0; i < N; i++) {
    char said[32] = "";
    if (i != 3) (void)snprintf(said, sizeof said, "task %d", i);
    ck_assert_int_eq(seen.status[i], i == 3 ? PROCESS_BROKEN : i * 10);
    ck_assert_str_eq(seen.said[i], said);
  }
}
END_TEST

/* As a program that ignores its children's ends begins others. */
START_TEST(ignored_ends_are_waited_for) {
  Seen seen = {{0}, 0, {{0}}};
  (void)signal(SIGCHLD, SIG_IGN);
  ck_assert(process_each(&(ProcessPlan){N, 2, work, note, &seen, NULL, 0}));
  for (int i = 0; i < N; i++) ck_assert_int_eq(seen.status[i], i == 3 ? PROCESS_BROKEN : i * 10);
}
END_TEST

static volatile sig_atomic_t got;
static void on_signal(int number) { got = number; }

/* Waits for a signal, and tells which. */
static int wait_for(void *ctx, int task, Str *said) {
  struct sigaction action;
  sigset_t none, all;
  (void)ctx, (void)task;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  (void)sigfillset(&all);
  (void)sigprocmask(SIG_BLOCK, &all, &none);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigdelset(&none, SIGTERM);
  (void)sigdelset(&none, SIGINT);
  while (got == 0) (void)sigsuspend(&none);
  str_adds(said, "ended");
  return got;
}

START_TEST(a_deadline_is_a_signal) {
  Seen seen = {{0}, 0, {{0}}};
  ck_assert(!process_each(&(ProcessPlan){N, 2, wait_for, note, &seen, NULL, clock_now() + 0.5}));
  ck_assert_int_eq(seen.n, 2);
  ck_assert(seen.status[0] == SIGTERM || seen.status[0] == PROCESS_BROKEN); /* killed before it could wait for it */
}
END_TEST

START_TEST(interrupted_before_it_begins) {
  Seen seen = {{0}, 0, {{0}}};
  atomic_int interrupted = SIGINT;
  ck_assert(!process_each(&(ProcessPlan){N, 2, wait_for, note, &seen, &interrupted, 0}));
  ck_assert_int_eq(seen.n, 0);
}
END_TEST

Suite *test_process(void);
Suite *test_process(void) {
  Suite *s = suite_create("process");
  TCase *t = tcase_create("process");
  tcase_add_test(t, each_ends_for_itself);
  tcase_add_test(t, ignored_ends_are_waited_for);
  tcase_add_test(t, a_deadline_is_a_signal);
  tcase_add_test(t, interrupted_before_it_begins);
  suite_add_tcase(s, t);
  return s;
}
