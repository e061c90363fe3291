#include "eval/alignment_writer.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "samples.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) {
  io_fail_after(0);
  scratch_close(&scratch);
}

static void expect_content(const char *name, const char *want) {
  Err err = {0};
  Str got = {0};
  ck_assert_msg(io_read_all(&got, scratch_path(&scratch, name), 1 << 20, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&got), want);
  str_free(&got);
}

static bool exists(const char *name) { return io_exists(scratch_path(&scratch, name)); }

/* Writes the samples as lists of n entries. */
static bool write_samples(const char *path, int n, Err *err) {
  static const Alignment *const samples[] = {&sample_empty, &sample_ties};
  AlignmentWriter *writer = alignment_writer_open(path, n > 1, err);
  if (writer == NULL) return false;
  for (int i = 0; i < 2 * n; i++) {
    Alignment a = *samples[i / n];
    a.rank = n > 1 ? i % n + 1 : 0;
    a.n_target = a.n_target > 1 ? 2 : 0;
    if (alignment_writer_add(writer, &a, err)) continue;
    alignment_writer_abandon(writer);
    return false;
  }
  return alignment_writer_close(writer, err);
}

static void expect_written(const char *name, int n) {
  Err err = {0};
  ck_assert_msg(write_samples(scratch_path(&scratch, name), n, &err), "%s", err.text);
}

static const char ties[] = ",x,y,z,</s>\np,0.25,0.5,0.25,0\nq,0.125,0.375,0.125,0.375\n";

START_TEST(folder) {
  expect_written("new/", 1);
  expect_content("new/000002.csv", ",</s>\n");
  expect_content("new/000003.csv", ties);
  ck_assert(!exists("new/000001.csv"));
  ck_assert(!exists("new/000003.csv.tmp"));
}
END_TEST

START_TEST(folder_of_lists) {
  ck_assert_int_eq(mkdir(scratch_path(&scratch, "old"), 0700), 0);
  expect_written("old", 3);
  expect_content("old/000002.csv", ",</s>\n");
  expect_content("old/000003.csv", ties);
  expect_content("old/000003.2.csv", ties);
  expect_content("old/000003.3.csv", ties);
  ck_assert(!exists("old/000003.1.csv"));
}
END_TEST

START_TEST(folder_named_like_a_file) {
  ck_assert_int_eq(mkdir(scratch_path(&scratch, "x.csv"), 0700), 0);
  expect_written("x.csv", 1);
  expect_content("x.csv/000003.csv", ties);
}
END_TEST

START_TEST(single_files) {
  expect_written("a.txt", 1);
  expect_content("a.txt", "\n1-0\n");
  expect_written("b.txt", 2);
  expect_content("b.txt", "\n\n1-0\n1-0\n");
  expect_written("sub/a.csv", 1);
  expect_content("sub/a.csv",
                 "sentence,target_position,target_token,source_position,source_token,weight\n"
                 "3,0,p,0,x,0.25\n3,0,p,1,y,0.5\n3,0,p,2,z,0.25\n3,0,p,3,</s>,0\n"
                 "3,1,q,0,x,0.125\n3,1,q,1,y,0.375\n3,1,q,2,z,0.125\n3,1,q,3,</s>,0.375\n");
  expect_written("a.jsonl", 2);
  expect_content("a.jsonl",
                 "{\"id\":1,\"source\":[\"</s>\"],\"target\":[],\"text\":\"\",\"score\":0,\"token_logprob\":[],"
                 "\"alignment\":[],\"source_unknown\":[],\"target_unknown\":[],\"source_cut\":false,\"target_cut\":"
                 "false,\"rank\":1}\n"
                 "{\"id\":1,\"source\":[\"</s>\"],\"target\":[],\"text\":\"\",\"score\":0,\"token_logprob\":[],"
                 "\"alignment\":[],\"source_unknown\":[],\"target_unknown\":[],\"source_cut\":false,\"target_cut\":"
                 "false,\"rank\":2}\n"
                 "{\"id\":2,\"source\":[\"x\",\"y\",\"z\",\"</s>\"],\"target\":[\"p\",\"q\"],\"text\":\"p q r s\","
                 "\"score\":-2,\"token_logprob\":[-1,-0.5],"
                 "\"alignment\":[[0.25,0.5,0.25,0],[0.125,0.375,0.125,0.375]],\"source_unknown\":[],\"target_unknown\":"
                 "[],\"source_cut\":false,\"target_cut\":false,\"rank\":1}\n"
                 "{\"id\":2,\"source\":[\"x\",\"y\",\"z\",\"</s>\"],\"target\":[\"p\",\"q\"],\"text\":\"p q r s\","
                 "\"score\":-2,\"token_logprob\":[-1,-0.5],"
                 "\"alignment\":[[0.25,0.5,0.25,0],[0.125,0.375,0.125,0.375]],\"source_unknown\":[],\"target_unknown\":"
                 "[],\"source_cut\":false,\"target_cut\":false,\"rank\":2}\n");
}
END_TEST

static void expect_failure(const char *path, ErrKind kind, const char *message) {
  Err err = {0};
  ck_assert(!write_samples(path, 1, &err));
  ck_assert_int_eq(err.kind, kind);
  ck_assert_msg(strstr(err.text, message) != NULL, "\"%s\" is not in \"%s\"", message, err.text);
}

START_TEST(paths_that_cannot_be) {
  static const char forms[] =
      "DIR/ (a CSV matrix a sentence), FILE.csv (one tidy table), FILE.jsonl (an object a sentence) or FILE.txt "
      "(Pharaoh links)";
  expect_failure(scratch_path(&scratch, "a.tsv"), ERR_USAGE, forms);
  expect_failure("-", ERR_USAGE, forms);
  expect_failure("", ERR_USAGE, forms);
  expect_failure("csv", ERR_USAGE, forms);
  expect_failure(scratch_path(&scratch, "no/where/"), ERR_FILE, "its parent does not exist");
  expect_failure(scratch_path(&scratch, "no/where/a.csv"), ERR_FILE, "its parent does not exist");
  (void)scratch_text(&scratch, "file", "");
  expect_failure(scratch_path(&scratch, "file/"), ERR_FILE, "cannot create this folder");
}
END_TEST

/* Each write fails in turn: the old file stays, no temporary one is left. */
static void sweep(const char *name) {
  (void)scratch_text(&scratch, name, "old");
  unsigned long step = 1;
  for (;; step++) {
    Err err = {0};
    io_fail_after(step);
    if (write_samples(scratch_path(&scratch, name), 1, &err)) break;
    ck_assert_int_eq(err.kind, ERR_FILE);
    ck_assert_ptr_nonnull(strstr(err.text, ": No space left on device"));
    if (strstr(err.text, "last on the disk") == NULL) expect_content(name, "old");
    Str temporary = {0};
    str_addf(&temporary, "%s.tmp", name);
    ck_assert(!exists(temporary.at));
    str_free(&temporary);
  }
  ck_assert_uint_ge(step, 4); /* opening, two outputs, closing */
}

START_TEST(full_disk) {
  sweep("a.txt");
  sweep("a.csv");
  sweep("a.jsonl");
}
END_TEST

START_TEST(full_disk_in_a_folder) {
  Err err = {0};
  io_fail_after(4); /* write, flush and rename of the first file go well */
  ck_assert(!write_samples(scratch_path(&scratch, "dir/"), 1, &err));
  ck_assert_ptr_nonnull(strstr(err.text, "dir/000003.csv: cannot write: No space left"));
  ck_assert(exists("dir/000002.csv"));
  ck_assert(!exists("dir/000003.csv") && !exists("dir/000003.csv.tmp"));
}
END_TEST

START_TEST(abandoned) {
  Err err = {0};
  AlignmentWriter *writer = alignment_writer_open(scratch_path(&scratch, "a.txt"), false, &err);
  ck_assert(alignment_writer_add(writer, &sample_ties, &err));
  alignment_writer_abandon(writer);
  ck_assert(!exists("a.txt") && !exists("a.txt.tmp"));
  alignment_writer_abandon(NULL);
}
END_TEST

Suite *test_alignment_writer(void);
Suite *test_alignment_writer(void) {
  Suite *s = suite_create("alignment_writer");
  TCase *t = tcase_create("alignment_writer");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, folder);
  tcase_add_test(t, folder_of_lists);
  tcase_add_test(t, folder_named_like_a_file);
  tcase_add_test(t, single_files);
  tcase_add_test(t, paths_that_cannot_be);
  tcase_add_test(t, full_disk);
  tcase_add_test(t, full_disk_in_a_folder);
  tcase_add_test(t, abandoned);
  suite_add_tcase(s, t);
  return s;
}
