#define _XOPEN_SOURCE 700 /* realpath */

#include "session.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

enum { NOBODY = 65534 };

static bool give_up_rights(void) { return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0); }

/* A shell that starts the tests in the background has its children ignore signals of the terminal, for good. */
static bool heed_signals(void) {
  static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (signal(ignored[i], SIG_DFL) == SIG_ERR) return false;
  return true;
}

_Noreturn static void become(const char *folder, const char *line, bool nobody, int out, int said) {
  const struct rlimit no_core = {0, 0};
  char *program = realpath(PROGRAM, NULL);
  int in = open("/dev/null", O_RDONLY);
  bool ok = program != NULL && setenv("A", program, 1) == 0 && unsetenv("ATTN_SEQ2SEQ_MODEL") == 0 &&
            unsetenv("OPENBLAS_NUM_THREADS") == 0 && chdir(folder) == 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 &&
            dup2(said, 2) == 2 && setrlimit(RLIMIT_CORE, &no_core) == 0 && (!nobody || give_up_rights()) &&
            heed_signals();
  (void)close(in);
  (void)close(out);
  (void)close(said);
  if (ok) (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
  _exit(126);
}

/* A pipe whose reading end no child keeps. */
static void make_pipe(int ends[2]) {
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(fcntl(ends[0], F_SETFD, FD_CLOEXEC), 0);
}

static Session start(const char *folder, const char *line, bool nobody) {
  int out[2], said[2];
  make_pipe(out);
  make_pipe(said);
  pid_t pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) become(folder, line, nobody, out[1], said[1]);
  (void)close(out[1]);
  (void)close(said[1]);
  return (Session){pid, out[0], said[0]};
}

/* Reads what has come; false at the end. */
static bool take(int fd, Str *into) {
  char chunk[1 << 14];
  ssize_t got = read(fd, chunk, sizeof chunk);
  if (got > 0) str_add(into, chunk, (size_t)got);
  return got > 0;
}

Ran session_wait(Session *session) {
  Ran ran = {0};
  struct pollfd ends[2] = {{session->out, POLLIN, 0}, {session->said, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    ck_assert_int_gt(poll(ends, 2, -1), 0);
    if (ends[0].revents != 0 && !take(ends[0].fd, &ran.out)) ends[0].fd = -1;
    if (ends[1].revents != 0 && !take(ends[1].fd, &ran.said)) ends[1].fd = -1;
  }
  (void)close(session->out);
  (void)close(session->said);
  int status = 0;
  ck_assert_int_eq(waitpid(session->pid, &status, 0), session->pid);
  ran.status = WIFSIGNALED(status) ? SESSION_KILLED + WTERMSIG(status) : WEXITSTATUS(status);
  return ran;
}

Session session_start(const char *folder, const char *line) { return start(folder, line, false); }

Ran session_run(const char *folder, const char *line) {
  Session session = start(folder, line, false);
  return session_wait(&session);
}

Ran session_run_as_nobody(const char *folder, const char *line) {
  Session session = start(folder, line, true);
  return session_wait(&session);
}

void session_must(const char *folder, const char *line) {
  Ran ran = session_run(folder, line);
  ck_assert_msg(ran.status == 0, "%s\nended with status %d and said:\n%.2000s", line, ran.status, str_text(&ran.said));
  session_end(&ran);
}

void session_await(const char *folder, const char *name) {
  Str path = {0};
  str_addf(&path, "%s/%s", folder, name);
  for (int tries = 0; !io_exists(path.at); tries++) {
    ck_assert_msg(tries < 10000, "%s does not come", path.at);
    (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  }
  str_free(&path);
}

void session_end(Ran *ran) {
  str_free(&ran->out);
  str_free(&ran->said);
}

void session_files(Str *out, const char *folder) {
  Ran ran = session_run(folder, "LC_ALL=C; export LC_ALL; find . ! -type d | sort");
  ck_assert_int_eq(ran.status, 0);
  str_add(out, str_text(&ran.out), ran.out.n);
  session_end(&ran);
}

Str session_read(const char *folder, const char *name) {
  Str path = {0}, text = {0};
  Err err = {0};
  str_addf(&path, "%s/%s", folder, name);
  ck_assert_msg(io_read_all(&text, path.at, 1 << 28, &err), "%s", err.text);
  str_free(&path);
  return text;
}

void session_write(const char *folder, const char *name, const char *text) {
  Str path = {0};
  Err err = {0};
  str_addf(&path, "%s/%s", folder, name);
  ck_assert_msg(io_write_file(path.at, text, strlen(text), &err), "%s", err.text);
  str_free(&path);
}

void session_same(const char *folder, const char *a, const char *b) {
  Str x = session_read(folder, a), y = session_read(folder, b);
  ck_assert_msg(x.n == y.n && memcmp(str_text(&x), str_text(&y), x.n) == 0, "%s and %s differ", a, b);
  str_free(&x);
  str_free(&y);
}

/* ---- A corpus. */

static const char config[] =
    "{\"data\": {\"train\": {\"source\": \"t.src\", \"target\": \"t.tgt\"},\n"
    "          \"valid\": {\"source\": \"v.src\", \"target\": \"v.tgt\"}},\n"
    " \"model\": {\"embedding\": 8, \"encoder\": {\"hidden\": 8}, \"decoder\": {\"hidden\": 8}},\n"
    " \"train\": {\"model\": \"out/m.safetensors\", \"epochs\": 3, \"batch_size\": 16, \"threads\": 1,\n"
    "           \"log_every\": 4}}\n";

static void write_lines(const char *folder, const char *source, const char *target, int n, unsigned random) {
  Str s = {0}, t = {0};
  for (int i = 0; i < n; i++) {
    char letters[4];
    int length = 2 + i % 3;
    for (int k = 0; k < length; k++) {
      random = random * 1103515245U + 12345U;
      letters[k] = (char)('a' + (random >> 16) % 8);
    }
    for (int k = 0; k < length; k++) {
      str_addf(&s, "%s%c", k > 0 ? " " : "", letters[k]);
      str_addf(&t, "%s%c", k > 0 ? " " : "", letters[length - 1 - k]);
    }
    str_addc(&s, '\n');
    str_addc(&t, '\n');
  }
  session_write(folder, source, str_text(&s));
  session_write(folder, target, str_text(&t));
  str_free(&s);
  str_free(&t);
}

void session_corpus(const char *folder) {
  write_lines(folder, "t.src", "t.tgt", 300, 1);
  write_lines(folder, "v.src", "v.tgt", 20, 2);
  session_write(folder, "c.json", config);
}
