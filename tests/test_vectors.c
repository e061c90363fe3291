/* Word vectors: what is read of good files, and what is said of bad ones. */
#include "text/vectors.h"

#include <check.h>
#include <string.h>

#include "scratch.h"

enum { V = 7, E = 3 }; /* words a, b, c are rows 4, 5, 6 */

static Scratch scratch;
static Vocab *vocab;
static real rows[V * E];

static void set_up(void) {
  static const char json[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]";
  Err err = {0};
  scratch_open(&scratch);
  vocab = vocab_from_json(json, strlen(json), "vocab", &err);
  for (int i = 0; i < V * E; i++) rows[i] = -9;
}

static void tear_down(void) {
  vocab_free(vocab);
  scratch_close(&scratch);
}

static int read_vectors(const char *path, Err *err) {
  Tensor embedding = {.x = rows, .rows = V, .cols = E, .ld = E};
  return vectors_read(path, vocab, &embedding, NULL, err);
}

static const struct {
  const char *text;
  int found;
  double a[E], c[E];
} good[] = {
    {"a 1 2 3\nc .5 -1e-1 +7\n", 2, {1, 2, 3}, {0.5, -0.1, 7}},
    {"2 3\na 1 2 3\nc .5 -1e-1 +7", 2, {1, 2, 3}, {0.5, -0.1, 7}},
    {"2 3\r\nz 1 2 x\r\n\tc  4\t5 6  \r\n", 1, {-9, -9, -9}, {4, 5, 6}}, /* the numbers of others are not looked at */
    {"a 1 2 3\n\na 4 5 6\n", 1, {1, 2, 3}, {-9, -9, -9}},                /* the first of several */
    {"</s> 1 2 3\n<unk> 1 2 3\nA 1 2 3\n", 0, {-9, -9, -9}, {-9, -9, -9}},
    {"a 1 2 3\nc d 4 5 6\n", 1, {1, 2, 3}, {-9, -9, -9}}, /* a word with a blank */
    {"3 3\nNew York 1 2 3\n1 000 1 2 3\na 4 5 6\n", 1, {4, 5, 6}, {-9, -9, -9}},
    {"3 3\n 1 2 3\na 4 5 6\nof a 1 2 3\n", 1, {4, 5, 6}, {-9, -9, -9}}, /* an empty word */
    {"\t1 2 3\nc 4 5 6\n 7 8 9\n", 1, {-9, -9, -9}, {4, 5, 6}},
    {"2 3\n. . . 1 2 3\nof a 1 2 3\n", 0, {-9, -9, -9}, {-9, -9, -9}},
};

START_TEST(good_files) {
  Err err = {0};
  const char *path =
      _i % 2 == 0 ? scratch_text(&scratch, "x", good[_i / 2].text) : scratch_gzip(&scratch, "x", good[_i / 2].text);
  int found = read_vectors(path, &err);
  ck_assert_msg(found == good[_i / 2].found, "%d: %s", found, err.text);
  for (int k = 0; k < E; k++) {
    ck_assert_double_eq_tol((double)rows[4 * E + k], good[_i / 2].a[k], 1e-7);
    ck_assert_double_eq_tol((double)rows[6 * E + k], good[_i / 2].c[k], 1e-7);
  }
  for (int i = 0; i < 4 * E; i++) ck_assert(rows[i] == -9);
}
END_TEST

static const struct {
  const char *text, *says;
} bad[] = {
    {"", "x: no vectors"},
    {"\n\n", "x: no vectors"},
    {"2 4\na 1 2 3 4\n", "x:1: vectors of 4 numbers, but model.embedding is 3"},
    {"a 1 2\n", "x:1: a word and 2 numbers, but model.embedding is 3"},
    {"a 1 2 3 4\n", "x:1: a word and 4 numbers, but model.embedding is 3"},
    {"a 1 2 3\nb 1 2\n", "x:2: a word and 2 numbers, but model.embedding is 3"},
    {"a 1 2 3\nz\n", "x:2: a word and 0 numbers"},
    {"a 1 2 3\nb 1 2,5 3\n", "x:2: \"2,5\" is not a number"},
    {"a 1 2 3\nb 1 nan 3\n", "x:2: \"nan\" is not a number"},
    {"a 1 2 1e999\n", "x:1: \"1e999\" is not a number"},
    {"New York 1 2 3\na 1 2 3\n", "x:1: a word and 4 numbers, but model.embedding is 3"},
    {"a 1 2 3\n1 2 3\n", "x:2: a word and 2 numbers"},
    {"2 3\na 1 2 3 4\nb 1 2 3 4\n", "x: no vector of the 3 numbers that its first line names, all have more"},
    {"3 3\na 1 2 3\nb 4 5 6\n", "x:3: ends after 2 of the 3 vectors"},
};

START_TEST(bad_files) {
  Err err = {0};
  ck_assert_int_eq(read_vectors(scratch_text(&scratch, "x", bad[_i].text), &err), -1);
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s", err.text);
}
END_TEST

Suite *test_vectors(void);
Suite *test_vectors(void) {
  Suite *s = suite_create("vectors");
  TCase *t = tcase_create("vectors");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, good_files, 0, 2 * sizeof good / sizeof *good);
  tcase_add_loop_test(t, bad_files, 0, sizeof bad / sizeof *bad);
  suite_add_tcase(s, t);
  return s;
}
