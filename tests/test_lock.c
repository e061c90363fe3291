/* Locks: one process at a time, named to the others; what a killed process has left holds nobody up. */
#include "base/lock.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/temporary.h"
#include "child.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

/* A process that has done `begin` with path and stays until it is killed. */
static pid_t hold(void (*begin)(const char *path), const char *path) {
  int ends[2];
  char ready;
  ck_assert_int_eq(pipe(ends), 0);
  pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    begin(path);
    (void)!write(ends[1], "x", 1);
    for (;;) (void)pause();
  }
  ck_assert_int_eq((int)read(ends[0], &ready, 1), 1);
  (void)close(ends[0]);
  (void)close(ends[1]);
  return child;
}

static void end(pid_t child) {
  ck_assert_int_eq(kill(child, SIGKILL), 0);
  ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void expect_busy(const Err *err, const char *path, pid_t process) {
  Str want = {0};
  str_addf(&want, "%s: process %ld is writing it; wait for its end, or name another file", path, (long)process);
  ck_assert_int_eq(err->kind, ERR_FILE);
  ck_assert_str_eq(err->text, want.at);
  str_free(&want);
}

static void take(const char *path) {
  Err err = {0};
  if (lock_take(path, &err) == NULL) _exit(1);
}

static void start_writing(const char *path) {
  Err err = {0};
  IoOut *out = io_create(path, &err);
  if (out == NULL || !io_write(out, "half", 4, &err)) _exit(1);
}

START_TEST(second_is_refused_by_name) {
  Err err = {0};
  const char *path = scratch_path(&scratch, "model"), *file = scratch_path(&scratch, "model.lock"),
             *link = scratch_path(&scratch, "link");
  pid_t first = hold(take, path);
  Str text = {0};
  ck_assert(lock_take(path, &err) == NULL);
  expect_busy(&err, path, first);
  ck_assert(!lock_is_free(path, &err));
  expect_busy(&err, path, first);
  ck_assert(io_create(path, &err) == NULL); /* whoever is not at work on a file does not write it */
  expect_busy(&err, path, first);
  ck_assert_int_eq(symlink("model", link), 0);
  ck_assert(lock_take(link, &err) == NULL);
  expect_busy(&err, link, first);
  ck_assert(io_read_all(&text, file, 100, &err));
  ck_assert_int_eq(strtol(text.at, NULL, 10), first);
  str_free(&text);
  end(first);
  ck_assert(io_exists(file) && lock_is_free(path, &err));
  Lock *lock = lock_take(path, &err);
  ck_assert_ptr_nonnull(lock);
  ck_assert(lock_is_free(path, &err)); /* for this process, and asking does not give it up */
  ck_assert(lock_take(path, &err) == NULL);
  ck_assert_ptr_nonnull(strstr(err.text, "already being written by this command"));
  IoOut *out = io_create(path, &err);
  ck_assert_ptr_nonnull(out);
  io_abandon(out);
  lock_release(lock);
  lock_release(NULL);
  ck_assert(!io_exists(file));
}
END_TEST

START_TEST(asking_keeps_the_lock) {
  Err err = {0};
  char said[256];
  const char *path = scratch_path(&scratch, "model");
  Lock *lock = lock_take(path, &err);
  ck_assert(lock_is_free(path, &err));
  ck_assert_int_eq(child_run((void (*)(void *))take, (void *)(size_t)path, said, sizeof said), 1);
  lock_release(lock);
  ck_assert_int_eq(child_run((void (*)(void *))take, (void *)(size_t)path, said, sizeof said), 0);
}
END_TEST

START_TEST(two_writers) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "out", "old"), *temporary = scratch_path(&scratch, "out.tmp");
  pid_t first = hold(start_writing, path);
  ck_assert(!io_write_file(path, "new", 3, &err));
  expect_busy(&err, path, first);
  end(first);
  ck_assert(io_exists(temporary));
  ck_assert(io_write_file(path, "new", 3, &err));
  ck_assert(!io_exists(temporary));
  IoOut *one = io_create(path, &err);
  ck_assert_ptr_nonnull(one);
  ck_assert(io_create(path, &err) == NULL);
  ck_assert_ptr_nonnull(strstr(err.text, "already being written by this command"));
  io_abandon(one);
}
END_TEST

START_TEST(noted_names) {
  const char *a = scratch_text(&scratch, "a", ""), *b = scratch_text(&scratch, "b", "");
  char longer[5000];
  int first = temporary_note(a), second = temporary_note(b);
  ck_assert(temporary_is_noted(a) && temporary_is_noted(b));
  temporary_forget(second);
  ck_assert(!temporary_is_noted(b));
  temporary_unlink();
  ck_assert(!io_exists(a) && io_exists(b));
  temporary_forget(first);
  temporary_forget(-1);
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  ck_assert_int_eq(temporary_note(longer), -1);
}
END_TEST

Suite *test_lock(void);
Suite *test_lock(void) {
  Suite *s = suite_create("lock");
  TCase *t = tcase_create("lock");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, second_is_refused_by_name);
  tcase_add_test(t, asking_keeps_the_lock);
  tcase_add_test(t, two_writers);
  tcase_add_test(t, noted_names);
  suite_add_tcase(s, t);
  return s;
}
