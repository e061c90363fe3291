#include "base/io.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static void expect_error(const Err *err, const char *message) {
  ck_assert_int_eq(err->kind, ERR_FILE);
  ck_assert_msg(strstr(err->text, message) != NULL, "\"%s\" is not in \"%s\"", message, err->text);
}

static void expect_content(const char *path, const char *want) {
  Err err = {0};
  Str got = {0};
  ck_assert_msg(io_read_all(&got, path, 1 << 20, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

static bool has_temporary(const char *path) {
  Str name = {0};
  str_addf(&name, "%s.tmp", path);
  bool is = io_exists(name.at);
  str_free(&name);
  return is;
}

/* The lines of the file, each closed by '$'; the error of the end in err. Returns the last answer of io_lines_next. */
static int read_lines(const char *path, Str *out, Err *err) {
  IoLines *lines = io_lines_open(path, err);
  if (lines == NULL) return -1;
  const char *line;
  size_t n;
  int got;
  long number = 0;
  while ((got = io_lines_next(lines, &line, &n, err)) == 1) {
    str_add(out, line, n);
    str_addc(out, '$');
    ck_assert_int_eq(io_lines_number(lines), ++number);
  }
  ck_assert_str_eq(io_lines_path(lines), path);
  io_lines_close(lines);
  return got;
}

static void expect_lines(const char *path, const char *want, size_t n) {
  Err err = {0};
  Str got = {0};
  ck_assert_int_eq(read_lines(path, &got, &err), 0);
  ck_assert_uint_eq(got.n, n);
  ck_assert_mem_eq(str_text(&got), want, n);
  str_free(&got);
}

START_TEST(lines_keep_raw_bytes) {
  expect_lines(scratch_bytes(&scratch, "a", "x\0y\r\n\xFF\r\r\n\n\rz", 12), "x\0y$\xFF\r$$\rz$", 11);
  expect_lines(scratch_text(&scratch, "a", ""), "", 0);
  expect_lines(scratch_text(&scratch, "a", "\r\n\n"), "$$", 2);
  expect_lines(scratch_text(&scratch, "a", "end\r"), "end$", 4);
}
END_TEST

/* Lines longer than any buffer, and many of them, plain and compressed. */
START_TEST(lines_over_buffer_borders) {
  Str text = {0}, want = {0};
  for (int i = 0; i < 300; i++) {
    for (int j = 0; j < i * 10; j++) str_addc(&text, (char)('a' + (i + j) % 26));
    str_addc(&text, '\n');
  }
  str_add(&want, text.at, text.n);
  for (size_t i = 0; i < want.n; i++)
    if (want.at[i] == '\n') want.at[i] = '$';
  expect_lines(scratch_text(&scratch, "plain", text.at), want.at, want.n);
  expect_lines(scratch_gzip(&scratch, "packed", text.at), want.at, want.n);
  str_free(&text);
  str_free(&want);
}
END_TEST

/* Bytes that gzip cannot shrink, so that the file is cut in the midst of data. */
static void noisy(Str *text) {
  unsigned state = 1;
  for (int i = 0; i < 200000; i++) {
    state = state * 1664525u + 1013904223u;
    str_addc(text, (char)('!' + (state >> 24) % 90));
  }
}

START_TEST(damaged_gzip) {
  Err err = {0};
  Str text = {0}, packed = {0}, got = {0};
  noisy(&text);
  const char *path = scratch_gzip(&scratch, "a.gz", text.at);
  ck_assert(io_read_all(&packed, path, 1 << 20, &err));
  ck_assert_int_eq(read_lines(scratch_bytes(&scratch, "cut.gz", packed.at, packed.n / 2), &got, &err), -1);
  expect_error(&err, "/cut.gz: damaged gzip file: unexpected end of file");
  ck_assert_int_eq(read_lines(scratch_bytes(&scratch, "cut.gz", packed.at, packed.n - 4), &got, &err), -1);
  expect_error(&err, "/cut.gz: damaged gzip file: unexpected end of file");
  packed.at[packed.n - 6] ^= 1; /* in the checksum */
  ck_assert_int_eq(read_lines(scratch_bytes(&scratch, "bad.gz", packed.at, packed.n), &got, &err), -1);
  expect_error(&err, "/bad.gz: damaged gzip file: incorrect data check");
  str_free(&text);
  str_free(&packed);
  str_free(&got);
}
END_TEST

START_TEST(folders_and_missing_files_are_refused) {
  Err err = {0};
  Str out = {0};
  char hex[65];
  const char *none = scratch_path(&scratch, "none"), *folder = scratch.folder.at;
  ck_assert_ptr_null(io_lines_open(folder, &err));
  expect_error(&err, "is a folder; name a text file");
  ck_assert_ptr_null(io_lines_open(none, &err));
  expect_error(&err, "/none: cannot open: No such file or directory");
  ck_assert(!io_read_all(&out, folder, 100, &err));
  expect_error(&err, "cannot read: Is a directory");
  ck_assert(!io_read_all(&out, none, 100, &err));
  expect_error(&err, "/none: cannot open");
  ck_assert(!io_sha256(none, hex, &err));
  expect_error(&err, "/none: cannot open");
  ck_assert_ptr_null(io_create(folder, &err));
  expect_error(&err, "is a folder; name a file to write");
  ck_assert(!io_check_target(folder, &err));
  expect_error(&err, "is a folder; name a file to write");
  str_free(&out);
}
END_TEST

START_TEST(whole_files) {
  Err err = {0};
  Str out = {0};
  char hex[65];
  const char *path = scratch_text(&scratch, "abc", "abc");
  ck_assert(io_read_all(&out, path, 3, &err));
  ck_assert_str_eq(str_text(&out), "abc");
  ck_assert(!io_read_all(&out, path, 2, &err));
  expect_error(&err, "/abc: larger than 2 bytes");
  /* FIPS 180-2, appendix B.1. */
  ck_assert(io_sha256(path, hex, &err));
  ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const char *empty = scratch_text(&scratch, "empty", "");
  ck_assert(io_sha256(empty, hex, &err));
  ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  str_free(&out);
}
END_TEST

START_TEST(nothing_is_seen_before_commit) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "out", "old");
  IoOut *out = io_create(path, &err);
  ck_assert(io_write(out, "ne", 2, &err) && io_write(out, "w", 1, &err));
  expect_content(path, "old");
  ck_assert(io_finish(out, &err));
  expect_content(path, "old");
  ck_assert(has_temporary(path));
  ck_assert(io_publish(out, &err));
  expect_content(path, "new");
  ck_assert(!has_temporary(path));
  out = io_create(path, &err);
  ck_assert(io_write(out, "newer", 5, &err));
  io_abandon(out);
  io_abandon(NULL);
  expect_content(path, "new");
  ck_assert(!has_temporary(path));
}
END_TEST

/* Writing a whole file takes three steps that can fail: write, flush (with fsync, or quick), rename. */
static void expect_three_steps(bool (*write)(const char *path, const char *at, size_t n, Err *err)) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "out", "old");
  for (unsigned long step = 1; step <= 3; step++) {
    err_clear(&err);
    io_fail_after(step);
    ck_assert(!write(path, "new", 3, &err));
    expect_error(&err, "/out: cannot write: No space left on device");
    expect_content(path, "old");
    ck_assert(!has_temporary(path));
  }
  io_fail_after(5);
  ck_assert(write(path, "new", 3, &err));
  io_fail_after(0);
  expect_content(path, "new");
}

START_TEST(every_failing_step_keeps_the_old_file) {
  expect_three_steps(io_write_file);
  expect_three_steps(io_write_quick);
}
END_TEST

/* A file that may not outlast a power cut is told of. */
START_TEST(failed_fsync_of_the_folder) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "out", "old");
  io_fail_after(4);
  ck_assert(!io_write_file(path, "new", 3, &err));
  io_fail_after(0);
  expect_error(&err, "/out: cannot make it last on the disk: No space left on device");
  expect_content(path, "new");
  ck_assert(!has_temporary(path));
}
END_TEST

/* A link stays a link: the file it leads to is the one written. */
START_TEST(links_are_followed) {
  Err err = {0};
  const char *file = scratch_text(&scratch, "file", "old"), *one = scratch_path(&scratch, "one"),
             *two = scratch_path(&scratch, "two"), *new = scratch_path(&scratch, "new");
  struct stat st;
  ck_assert_int_eq(symlink("file", one), 0);
  ck_assert_int_eq(symlink(one, two), 0);
  ck_assert(io_check_target(two, &err) && io_write_file(two, "new", 3, &err));
  expect_content(file, "new");
  ck_assert(lstat(one, &st) == 0 && S_ISLNK(st.st_mode) && lstat(two, &st) == 0 && S_ISLNK(st.st_mode));
  ck_assert_int_eq(unlink(file), 0);
  ck_assert(io_write_file(two, "newer", 5, &err));
  expect_content(file, "newer");
  ck_assert_int_eq(symlink("new", new), 0);
  ck_assert(!io_write_file(new, "x", 1, &err));
  expect_error(&err, "/new: is a symbolic link that leads round in a circle");
}
END_TEST

/* Nothing is written through a link that someone has put where the temporary file goes. */
START_TEST(temporary_names_are_not_followed) {
  Err err = {0};
  const char *path = scratch_path(&scratch, "out"), *other = scratch_text(&scratch, "other", "keep"),
             *link = scratch_path(&scratch, "out.tmp");
  ck_assert_int_eq(symlink("other", link), 0);
  ck_assert(!io_write_file(path, "x", 1, &err));
  expect_error(&err, "/out.tmp: is a symbolic link and in the way of ");
  expect_content(other, "keep");
  ck_assert(!io_exists(path));
  ck_assert_int_eq(unlink(link), 0);
  ck_assert_int_eq(mkdir(link, 0700), 0);
  ck_assert(!io_write_file(path, "x", 1, &err));
  expect_error(&err, "/out.tmp: is not a file and in the way of ");
}
END_TEST

/* What a killed process has left is not in the way, and another name of it does not suffer. */
START_TEST(left_behind_is_taken_over) {
  Err err = {0};
  const char *path = scratch_path(&scratch, "out"),
             *left = scratch_text(&scratch, "out.tmp", "half of a much longer text"),
             *other = scratch_path(&scratch, "other");
  ck_assert_int_eq(link(left, other), 0);
  ck_assert(io_write_file(path, "new", 3, &err));
  expect_content(path, "new");
  expect_content(other, "half of a much longer text");
  ck_assert(!has_temporary(path));
}
END_TEST

START_TEST(what_changes) {
  static const struct {
    const char *old;
    bool changes;
  } rows[] = {{NULL, false}, {"new", false}, {"old", true}, {"newer", true}, {"", true}};
  const char *path = scratch_path(&scratch, "out");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Err err = {0};
    if (rows[i].old != NULL) (void)scratch_text(&scratch, "out", rows[i].old);
    IoOut *out = io_create(path, &err);
    ck_assert(io_write(out, "new", 3, &err) && io_finish(out, &err));
    ck_assert_int_eq(io_changes(out), rows[i].changes);
    io_abandon(out);
  }
}
END_TEST

START_TEST(removing) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "out", "old");
  io_fail_after(1);
  ck_assert(!io_remove(path, &err));
  io_fail_after(0);
  expect_error(&err, "/out: cannot remove: No space left on device");
  ck_assert(io_exists(path));
  ck_assert(io_remove(path, &err) && !io_exists(path) && io_remove(path, &err));
}
END_TEST

START_TEST(one_missing_folder_is_made) {
  Err err = {0};
  const char *one = scratch_path(&scratch, "new/file"), *two = scratch_path(&scratch, "far/new/file");
  ck_assert(!io_write_file(two, "x", 1, &err));
  expect_error(&err, "/far/new: cannot create this folder (its parent does not exist)");
  ck_assert(!io_exists(scratch_path(&scratch, "far")));
  ck_assert(!io_check_target(two, &err));
  ck_assert(io_check_target(one, &err));
  ck_assert(io_is_folder(scratch_path(&scratch, "new")));
  ck_assert(io_write_file(one, "x", 1, &err));
  expect_content(one, "x");
  ck_assert(!io_make_folder(one, &err));
  expect_error(&err, "cannot create this folder: File exists");
  ck_assert(!io_is_folder(one));
}
END_TEST

START_TEST(read_only_folder) {
  Err err = {0};
  const char *folder = scratch_path(&scratch, "locked"), *path = scratch_path(&scratch, "locked/file");
  ck_assert_int_eq(mkdir(folder, 0500), 0);
  if (access(folder, W_OK) != 0) { /* root may write everywhere */
    ck_assert(!io_check_target(path, &err));
    expect_error(&err, "/locked: cannot write to this folder: Permission denied");
    ck_assert(!io_write_file(path, "x", 1, &err));
    expect_error(&err, "/locked/file.tmp: cannot write: Permission denied");
  }
}
END_TEST

/* Standard input from a pipe: a line is there to be read before the pipe's other end is closed. */
START_TEST(standard_input_as_it_comes) {
  Err err = {0};
  int ends[2];
  const char *line;
  size_t n;
  ck_assert_int_eq(pipe(ends), 0);
  ck_assert_int_eq(dup2(ends[0], 0), 0);
  IoLines *lines = io_lines_open("-", &err);
  ck_assert_str_eq(io_lines_path(lines), "standard input");
  ck_assert(!io_lines_ready(lines));
  ck_assert_int_eq((int)write(ends[1], "a\nb\nc", 5), 5);
  ck_assert(io_lines_ready(lines));
  ck_assert_int_eq(io_lines_next(lines, &line, &n, &err), 1);
  ck_assert_mem_eq(line, "a", 1);
  ck_assert(io_lines_ready(lines));
  ck_assert_int_eq(io_lines_next(lines, &line, &n, &err), 1);
  ck_assert(!io_lines_ready(lines));
  ck_assert_int_eq(close(ends[1]), 0);
  ck_assert(io_lines_ready(lines));
  ck_assert_int_eq(io_lines_next(lines, &line, &n, &err), 1);
  ck_assert_uint_eq(n, 1);
  ck_assert_mem_eq(line, "c", 1);
  ck_assert_int_eq(io_lines_next(lines, &line, &n, &err), 0);
  ck_assert(io_lines_ready(lines));
  io_lines_close(lines);
  (void)close(ends[0]);
}
END_TEST

Suite *test_io(void);
Suite *test_io(void) {
  Suite *s = suite_create("io");
  TCase *t = tcase_create("io");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, lines_keep_raw_bytes);
  tcase_add_test(t, lines_over_buffer_borders);
  tcase_add_test(t, damaged_gzip);
  tcase_add_test(t, folders_and_missing_files_are_refused);
  tcase_add_test(t, whole_files);
  tcase_add_test(t, nothing_is_seen_before_commit);
  tcase_add_test(t, every_failing_step_keeps_the_old_file);
  tcase_add_test(t, failed_fsync_of_the_folder);
  tcase_add_test(t, links_are_followed);
  tcase_add_test(t, temporary_names_are_not_followed);
  tcase_add_test(t, left_behind_is_taken_over);
  tcase_add_test(t, what_changes);
  tcase_add_test(t, removing);
  tcase_add_test(t, one_missing_folder_is_made);
  tcase_add_test(t, read_only_folder);
  tcase_add_test(t, standard_input_as_it_comes);
  suite_add_tcase(s, t);
  return s;
}
