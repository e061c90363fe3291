/* The scripts that make corpora of downloads, on a few lines of their formats. What they make of the real ones is told
 * by their sums. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/io.h"
#include "scratch.h"

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) {
  Str command = {0};
  str_addf(&command, "rm -rf %s/all %s/to", str_text(&scratch.folder), str_text(&scratch.folder));
  ck_assert_int_eq(system(str_text(&command)), 0);
  str_free(&command);
  scratch_close(&scratch);
}

/* Runs a script on the scratch folder; it makes to/ there and says `says` on stderr. */
static void prepare(const char *name, int status, const char *says) {
  Str command = {0}, said = {0};
  Err err = {0};
  const char *folder = str_text(&scratch.folder), *message = scratch_path(&scratch, "said");
  str_addf(&command, "data/prepare/%s.sh %s %s/to 2>%s", name, folder, folder, message);
  int got = system(str_text(&command));
  ck_assert(io_read_all(&said, message, 1 << 20, &err));
  ck_assert_msg(WIFEXITED(got) && WEXITSTATUS(got) == status, "%d: %s", got, str_text(&said));
  ck_assert_msg(strstr(str_text(&said), says) != NULL, "%s", str_text(&said));
  str_free(&command);
  str_free(&said);
}

static void expect(const char *name, const char *want) {
  Str text = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&text, scratch_path(&scratch, name), 1 << 20, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&text), want);
  str_free(&text);
}

static void folder(const char *name) { ck_assert_int_eq(mkdir(scratch_path(&scratch, name), 0755), 0); }

static const char other[] = "not what the figures of the README were measured on";

START_TEST(inflections) {
  folder("all");
  folder("all/task1");
  (void)scratch_text(&scratch, "all/task1/turkish-train-high", "öde\tödedi\tV;PST\nel izi\tel\xC2\xA0izi\tN;ACC\n");
  (void)scratch_text(&scratch, "all/task1/turkish-dev", "ad\tadlar\tN;PL\n");
  prepare("sigmorphon", 1, other);
  expect("to/turkish.train.src", "ö d e +V +PST\ne l ␣ i z i +N +ACC\n");
  expect("to/turkish.train.tgt", "ö d e d i\ne l ␣ i z i\n");
  expect("to/turkish.dev.src", "a d +N +PL\n");
  expect("to/turkish.dev.tgt", "a d l a r\n");
}
END_TEST

/* The dictionary's first pronunciation, or the split's; no word of train in dev. */
START_TEST(pronunciations) {
  (void)scratch_text(&scratch, "cmudict-0.7b", ";;; c\nA  AH0\nA(1)  EY1\nIT'S  IH1 T S\nOX  AA1 K S\n");
  (void)scratch_text(&scratch, "cmudict-0.7b.train-dev-20-21", "A  EY\nA  AH\nIT'S  T S\nIT'S  Z\n");
  (void)scratch_text(&scratch, "cmudict-0.7b.train-dev-1-21", "A  AA\nOX  AA K S\n");
  prepare("cmudict", 1, other);
  expect("to/train.src", "a\ni t ' s\n");
  expect("to/train.tgt", "AH\nT S\n");
  expect("to/dev.src", "o x\n");
  expect("to/dev.tgt", "AA K S\n");
}
END_TEST

START_TEST(what_is_missing_is_named) {
  folder("to");
  prepare("europarl", 1, "/train.full.en is not there");
  prepare("multi30k", 1, "/data/task1/tok/train.lc.norm.tok.en is not there");
}
END_TEST

Suite *test_prepare(void);
Suite *test_prepare(void) {
  Suite *s = suite_create("prepare");
  TCase *t = tcase_create("prepare");
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_test(t, inflections);
  tcase_add_test(t, pronunciations);
  tcase_add_test(t, what_is_missing_is_named);
  suite_add_tcase(s, t);
  return s;
}
