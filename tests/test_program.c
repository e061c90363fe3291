/* The whole program in a child process: exit status, standard output and messages. */
#include "cli/program.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "scratch.h"

typedef struct Run {
  int status; /* exit status, or -1 after a signal */
  Str out, message;
} Run;

/* Runs the words, NULL at the end, with standard output in `to` ("out": the file that run.out is read from). */
static Run run_to(Scratch *s, char **argv, int to) {
  Run run = {0};
  Err err = {0};
  int argc = 0, status = 0;
  while (argv[argc] != NULL) argc++;
  const char *message = scratch_bytes(s, "message", "", 0);
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    int messages = open(message, O_WRONLY);
    (void)signal(SIGPIPE, SIG_IGN);
    if (dup2(to, 1) < 0 || dup2(messages, 2) < 0) _exit(99);
    _exit(program_run(argc, argv));
  }
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ck_assert(io_read_all(&run.message, message, 1 << 20, &err));
  return run;
}

static Run run(Scratch *s, char **argv) {
  Err err = {0};
  const char *out = scratch_bytes(s, "out", "", 0);
  int to = open(out, O_WRONLY);
  Run run = run_to(s, argv, to);
  (void)close(to);
  ck_assert(io_read_all(&run.out, out, 1 << 20, &err));
  return run;
}

static void end(Run *run) {
  str_free(&run->out);
  str_free(&run->message);
}

static char program[] = "attn-seq2seq", command[] = "config", help[] = "--help";

START_TEST(help_and_version) {
  Scratch s = {0};
  scratch_open(&s);
  char version[] = "--version";
  Run r = run(&s, (char *[]){program, help, NULL});
  ck_assert_int_eq(r.status, 0);
  ck_assert_ptr_nonnull(strstr(str_text(&r.out), "\n  config "));
  ck_assert_str_eq(str_text(&r.message), "");
  end(&r);
  r = run(&s, (char *[]){program, version, NULL});
  ck_assert_int_eq(r.status, 0);
  ck_assert_ptr_nonnull(strstr(str_text(&r.out), "attn-seq2seq " VERSION "\nkernels: "));
  end(&r);
  r = run(&s, (char *[]){program, command, help, NULL});
  ck_assert_int_eq(r.status, 0);
  ck_assert_ptr_nonnull(strstr(str_text(&r.out), "--schema"));
  end(&r);
  scratch_close(&s);
}
END_TEST

START_TEST(usage_errors) {
  Scratch s = {0};
  scratch_open(&s);
  char unknown[] = "confg", option[] = "--shema";
  Run r = run(&s, (char *[]){program, unknown, NULL});
  ck_assert_int_eq(r.status, 2);
  ck_assert_ptr_nonnull(
      strstr(str_text(&r.message), "attn-seq2seq: \"confg\": unknown command; did you mean \"config\"?\n"));
  ck_assert_str_eq(str_text(&r.out), "");
  end(&r);
  r = run(&s, (char *[]){program, command, option, NULL});
  ck_assert_int_eq(r.status, 2);
  ck_assert_ptr_nonnull(strstr(str_text(&r.message), "did you mean --schema?"));
  end(&r);
  r = run(&s, (char *[]){program, NULL});
  ck_assert_int_eq(r.status, 2);
  ck_assert_ptr_nonnull(strstr(str_text(&r.message), "no command given"));
  end(&r);
  scratch_close(&s);
}
END_TEST

START_TEST(long_messages_are_cut) {
  Scratch s = {0};
  scratch_open(&s);
  Str text = {0};
  for (int i = 0; i < 30; i++) str_addf(&text, "%s\"x%d\":1", i == 0 ? "{" : ",", i);
  str_adds(&text, "}");
  const char *path = scratch_text(&s, "c.json", str_text(&text));
  char argument[256];
  ck_assert_uint_lt(strlen(path), sizeof argument);
  (void)strcpy(argument, path);
  Run r = run(&s, (char *[]){program, command, argument, NULL});
  int lines = 0;
  for (size_t i = 0; i < r.message.n; i++) lines += r.message.at[i] == '\n';
  ck_assert_int_eq(r.status, 2);
  ck_assert_int_eq(lines, 20);
  end(&r);
  str_free(&text);
  scratch_close(&s);
}
END_TEST

START_TEST(missing_file_is_status_1) {
  Scratch s = {0};
  scratch_open(&s);
  char missing[] = "/nonexistent/c.json";
  Run r = run(&s, (char *[]){program, command, missing, NULL});
  ck_assert_int_eq(r.status, 1);
  ck_assert_ptr_nonnull(strstr(str_text(&r.message), missing));
  end(&r);
  scratch_close(&s);
}
END_TEST

START_TEST(a_closed_pipe_is_no_failure) {
  Scratch s = {0};
  scratch_open(&s);
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  (void)close(ends[0]);
  Run r = run_to(&s, (char *[]){program, command, NULL}, ends[1]);
  ck_assert_int_eq(r.status, 0);
  ck_assert_str_eq(str_text(&r.message), "");
  (void)close(ends[1]);
  end(&r);
  scratch_close(&s);
}
END_TEST

START_TEST(a_full_disk_is_a_failure) {
  Scratch s = {0};
  scratch_open(&s);
  int full = open("/dev/full", O_WRONLY);
  if (full >= 0) { /* only Linux has it */
    Run r = run_to(&s, (char *[]){program, command, NULL}, full);
    ck_assert_int_eq(r.status, 1);
    ck_assert_ptr_nonnull(strstr(str_text(&r.message), "standard output: cannot write: "));
    end(&r);
    (void)close(full);
  }
  scratch_close(&s);
}
END_TEST

Suite *test_program(void);
Suite *test_program(void) {
  Suite *s = suite_create("program");
  TCase *t = tcase_create("program");
  tcase_add_test(t, help_and_version);
  tcase_add_test(t, usage_errors);
  tcase_add_test(t, long_messages_are_cut);
  tcase_add_test(t, missing_file_is_status_1);
  tcase_add_test(t, a_closed_pipe_is_no_failure);
  tcase_add_test(t, a_full_disk_is_a_failure);
  suite_add_tcase(s, t);
  return s;
}
