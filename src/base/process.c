#define _GNU_SOURCE /* prctl */
#include "base/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/mem.h"

typedef struct Child {
  int task;
  pid_t pid;
  Str said;
} Child;

typedef struct Running {
  const ProcessPlan *plan;
  Child *children;      /* [at_once], of which n run */
  struct pollfd *pipes; /* [at_once]: the end of a pipe that closes when its child ends */
  int n;
  int sent; /* the signal that was passed on, 0: none */
} Running;

static void write_all(int fd, const Str *text) {
  for (size_t at = 0; at < text->n;) {
    ssize_t n = write(fd, text->at + at, text->n - at);
    if (n > 0) at += (size_t)n;
    else if (errno != EINTR) return;
  }
}

_Noreturn static void be_child(const ProcessPlan *plan, int task, int fd, pid_t parent) {
  Str said = {0};
  (void)setpgid(0, 0); /* what a terminal sends comes from the caller, once */
#ifdef __linux__
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (getppid() != parent) _exit(PROCESS_BROKEN - 1);
  int status = plan->run(plan->ctx, task, &said);
  write_all(fd, &said);
  _exit(status);
}

static void begin(Running *r, int task) {
  int ends[2] = {-1, -1};
  pid_t parent = getpid(), pid = -1;
  (void)fflush(NULL);
  if (pipe(ends) == 0 && (pid = fork()) == 0) {
    (void)close(ends[0]);
    for (int i = 0; i < r->n; i++) (void)close(r->pipes[i].fd);
    be_child(r->plan, task, ends[1], parent);
  }
  if (pid < 0) {
    for (int k = 0; k < 2 && ends[k] >= 0; k++) (void)close(ends[k]);
    r->plan->ended(r->plan->ctx, task, PROCESS_BROKEN, "no process can be begun for it");
    return;
  }
  (void)close(ends[1]);
  r->children[r->n] = (Child){.task = task, .pid = pid};
  r->pipes[r->n++] = (struct pollfd){.fd = ends[0], .events = POLLIN};
}

static void end(Running *r, int i) {
  Child child = r->children[i];
  int how;
  (void)close(r->pipes[i].fd);
  r->n--;
  r->children[i] = r->children[r->n];
  r->pipes[i] = r->pipes[r->n];
  while (waitpid(child.pid, &how, 0) < 0 && errno == EINTR) continue;
  r->plan->ended(r->plan->ctx, child.task, WIFEXITED(how) ? WEXITSTATUS(how) : PROCESS_BROKEN, str_text(&child.said));
  str_free(&child.said);
}

/* False at the end of the pipe. */
static bool take(Running *r, int i) {
  char bytes[512];
  ssize_t n = read(r->pipes[i].fd, bytes, sizeof bytes);
  if (n > 0) str_add(&r->children[i].said, bytes, (size_t)n);
  return n > 0 || (n < 0 && errno == EINTR);
}

static void pass_on(Running *r) {
  int number = r->plan->interrupted == NULL ? 0 : atomic_load(r->plan->interrupted);
  if (number == 0 && r->plan->deadline > 0 && clock_now() >= r->plan->deadline) number = SIGTERM;
  if (number == 0 || r->sent != 0) return;
  r->sent = number;
  for (int i = 0; i < r->n; i++) (void)kill(r->children[i].pid, number);
}

/* A signal ends the waiting; one that comes just before it is seen a little later. */
static void await(Running *r) {
  enum { MILLISECONDS = 500 };
  if (poll(r->pipes, (nfds_t)r->n, MILLISECONDS) <= 0) return;
  for (int i = r->n - 1; i >= 0; i--)
    if (r->pipes[i].revents != 0 && !take(r, i)) end(r, i);
}

bool process_each(const ProcessPlan *plan) {
  Running r = {.plan = plan};
  int next = 0;
  (void)signal(SIGCHLD, SIG_DFL); /* who starts a program may have it ignored; then no status could be waited for */
  r.children = mem_zero((size_t)plan->at_once, sizeof *r.children, "processes");
  r.pipes = mem_zero((size_t)plan->at_once, sizeof *r.pipes, "processes");
  for (;;) {
    pass_on(&r);
    while (r.sent == 0 && next < plan->n_tasks && r.n < plan->at_once) begin(&r, next++);
    if (r.n == 0) break;
    await(&r);
  }
  mem_free(r.children);
  mem_free(r.pipes);
  return next == plan->n_tasks;
}
