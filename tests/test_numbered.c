#include "eval/numbered.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "eval/alignment_count.h"
#include "eval/alignment_reader.h"
#include "eval/alignment_writer.h"
#include "samples.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

START_TEST(names) {
  static const struct {
    int id, rank;
    const char *name;
  } cases[] = {{0, 0, "000001.csv"}, {41, 1, "000042.csv"}, {41, 3, "000042.3.csv"}, {1234566, 2, "1234567.2.csv"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Str name = {0};
    numbered_name(&name, cases[i].id, cases[i].rank, ".csv");
    ck_assert_str_eq(str_text(&name), cases[i].name);
    ck_assert_int_eq(numbered_sentence(str_text(&name)), cases[i].id + 1);
    str_free(&name);
  }
}
END_TEST

START_TEST(sentences_of_paths) {
  static const struct {
    const char *path;
    long sentence;
  } cases[] = {{"a/7.csv", 7},    {"000007.2.svg", 7},   {"/7/x.csv", 0},
               {"x7.csv", 0},     {"7x.csv", 0},         {"7", 0},
               {"000000.csv", 0}, {"-1.csv", 0},         {"7.x.csv", 7},
               {"", 0},           {"standard input", 0}, {"99999999999.csv", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_msg(numbered_sentence(cases[i].path) == cases[i].sentence, "%s", cases[i].path);
}
END_TEST

static bool there(const char *folder, const char *name) {
  Str path = {0};
  str_addf(&path, "%s/%s", folder, name);
  bool yes = io_exists(scratch_path(&scratch, path.at));
  str_free(&path);
  return yes;
}

static const char *const others[] = {"notes.csv",  "00001.csv",      "000009.csv.gz", "000009.svg",
                                     "000009.tsv", "x000009.csv",    "000009..csv",   "000009.x.csv",
                                     "index.html", "000009.2.3.csv", "000009",        "000009.csv.tmp"};
static const char *const stale[] = {"000009.csv", "000009.2.csv", "000001.2.csv", "000003.4.csv", "1234567.csv"};

static void put(const char *folder, const char *name) {
  Str path = {0};
  str_addf(&path, "%s/%s", folder, name);
  (void)scratch_text(&scratch, path.at, "old");
  str_free(&path);
}

/* Writes sentences 2 and 3 (in lists of n_ranks) to a folder that holds files of all kinds. */
static void fill(const char *folder, const char *path, int n_ranks) {
  Err err = {0};
  ck_assert_int_eq(mkdir(scratch_path(&scratch, folder), 0700), 0);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) put(folder, others[i]);
  for (size_t i = 0; i < sizeof stale / sizeof *stale; i++) put(folder, stale[i]);
  Str deep = {0};
  str_addf(&deep, "%s/000010.csv", folder);
  ck_assert_int_eq(mkdir(scratch_path(&scratch, deep.at), 0700), 0);
  str_free(&deep);
  AlignmentWriter *writer = alignment_writer_open(scratch_path(&scratch, path), n_ranks > 1, &err);
  ck_assert_msg(writer != NULL, "%s", err.text);
  for (int k = 1; k <= n_ranks; k++) {
    Alignment a = sample_ties;
    a.rank = n_ranks > 1 ? k : 0;
    ck_assert(alignment_writer_add(writer, &a, &err));
  }
  ck_assert_msg(alignment_writer_close(writer, &err), "%s", err.text);
}

START_TEST(files_of_an_earlier_run_go) {
  fill("d", "d/", 3);
  for (size_t i = 0; i < sizeof stale / sizeof *stale; i++) ck_assert_msg(!there("d", stale[i]), "%s", stale[i]);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) ck_assert_msg(there("d", others[i]), "%s", others[i]);
  ck_assert(there("d", "000003.csv") && there("d", "000003.3.csv") && there("d", "000010.csv"));
}
END_TEST

START_TEST(without_a_slash_they_stay) {
  fill("d", "d", 1);
  for (size_t i = 0; i < sizeof stale / sizeof *stale; i++) ck_assert_msg(there("d", stale[i]), "%s", stale[i]);
}
END_TEST

/* A matrix is of the sentence that its name says. */
START_TEST(matrices_know_their_sentence) {
  AlignmentFile file;
  Err err = {0};
  static const char matrix[] = ",a,</s>\nx,1,0\n";
  ck_assert_msg(alignment_reader_read(&file, scratch_text(&scratch, "000017.csv", matrix), 0, &err), "%s", err.text);
  ck_assert_int_eq(file.view.id, 16);
  alignment_reader_free(&file);
  ck_assert(alignment_reader_read(&file, scratch_text(&scratch, "000018.2.csv", matrix), 0, &err));
  ck_assert_int_eq(file.view.id, 17);
  alignment_reader_free(&file);
  ck_assert(alignment_reader_read(&file, scratch_text(&scratch, "m.csv", matrix), 0, &err));
  ck_assert_int_eq(file.view.id, 0);
  alignment_reader_free(&file);
}
END_TEST

START_TEST(how_many) {
  static const char header[] = "sentence,target_position,target_token,source_position,source_token,weight\n";
  Str tidy = {0};
  str_addf(&tidy, "%s1,0,a,0,b,1\n12,0,a,0,b,1\n", header);
  ck_assert_int_eq(alignment_count(scratch_text(&scratch, "t.csv", str_text(&tidy))), 12);
  ck_assert_int_eq(alignment_count(scratch_text(&scratch, "h.csv", header)), 0);
  ck_assert_int_eq(alignment_count(scratch_text(&scratch, "m.csv", ",a\nb,1\n")), 1);
  ck_assert_int_eq(alignment_count(scratch_text(&scratch, "a.jsonl", "{\"id\":0}\n{\"id\":1}\n{\"id\":2}")), 3);
  ck_assert_int_eq(alignment_count(scratch_text(&scratch, "b.jsonl", "{\"rank\":1}\n{\"rank\":2}\n{\"rank\":1}\n")), 2);
  ck_assert_int_eq(alignment_count(scratch_path(&scratch, "none")), 0);
  ck_assert_int_eq(alignment_count("-"), 0);
  ck_assert_int_eq(mkdir(scratch_path(&scratch, "d"), 0700), 0);
  ck_assert_int_eq(alignment_count(scratch_path(&scratch, "d")), 0);
  put("d", "000001.csv");
  put("d", "000002.csv");
  put("d", "000004.csv");
  ck_assert_int_eq(alignment_count(scratch_path(&scratch, "d")), 2);
  str_free(&tidy);
}
END_TEST

Suite *test_numbered(void);
Suite *test_numbered(void) {
  Suite *s = suite_create("numbered");
  TCase *t = tcase_create("numbered");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, names);
  tcase_add_test(t, sentences_of_paths);
  tcase_add_test(t, files_of_an_earlier_run_go);
  tcase_add_test(t, without_a_slash_they_stay);
  tcase_add_test(t, matrices_know_their_sentence);
  tcase_add_test(t, how_many);
  suite_add_tcase(s, t);
  return s;
}
