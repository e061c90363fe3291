#include "base/not_text.h"

#include <check.h>
#include <string.h>

#include "conf/config.h"
#include "eval/gold.h"
#include "scratch.h"
#include "text/dictionary.h"
#include "text/lines.h"
#include "text/vocab.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

typedef struct Case {
  const char *bytes;
  size_t n;
  const char *said; /* NULL: text */
} Case;
#define CASE(bytes, said) \
  { bytes, sizeof bytes - 1, said }

/* What bzip2 1.0.8, xz 5.4, zstd 1.5, lz4 1.9, gzip 1.12, Info-ZIP 3.0 and iconv of glibc 2.36 write of "hello" or "hi
 * you". */
static const Case cases[] = {
    CASE("BZh91AY&SY\xC1\xC0\x80\xE2\0\0", "compressed with bzip2"),
    CASE("BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0", "compressed with bzip2"),
    CASE("\xFD"
         "7zXZ\0\0\x04\xE6\xD6\xB4\x46",
         "compressed with xz"),
    CASE("\x28\xB5\x2F\xFD\x04\x58\x31\0\0hello\n", "compressed with zstd"),
    CASE("\x04\x22\x4D\x18\x64\x40\xA7", "compressed with lz4"),
    CASE("\x1F\x8B\x08\0\0\0\0\0\0\x03", "compressed with gzip"),
    CASE("PK\x03\x04\x0A\0\0\0\0\0", "a zip archive"),
    CASE("%PDF-1.7\n", "a PDF document"),
    CASE("\xFF\xFEh\0i\0 \0y\0o\0u\0\n\0", "UTF-16 text"),
    CASE("\xFE\xFF\0h\0i\0 \0y\0o\0u\0\n", "UTF-16 text"),
    CASE("h\0i\0 \0y\0o\0u\0\n\0", "iconv -f UTF-16LE"),
    CASE("\0h\0i\0 \0y\0o\0u\0\n", "iconv -f UTF-16BE"),
    CASE("\xFF\xFE\0\0h\0\0\0i\0\0\0", "UTF-32 text"),
    CASE("", NULL),
    CASE("a\0", NULL),
    CASE("BZh9 is how such a file begins\n", NULL),
    CASE("PK is a name\n", NULL),
    CASE("\xEF\xBB\xBFhello\n", NULL),
    CASE("a\0b c\0d\n", NULL),
    CASE("\xFF caf\xE9\n", NULL),
};
enum { N_CASES = sizeof cases / sizeof *cases };

START_TEST(first_bytes_tell) {
  const Case *c = &cases[_i];
  Err err = {0};
  bool ok = not_text_check("corpus", c->bytes, c->n, &err);
  ck_assert_int_eq(ok, c->said == NULL);
  if (ok) return;
  ck_assert_int_eq(err.kind, ERR_FILE);
  ck_assert_msg(strstr(err.text, c->said) != NULL && strncmp(err.text, "corpus: ", 8) == 0, "%s", err.text);
}
END_TEST

static bool read_gold(const char *path, Err *err) {
  Gold *gold = gold_read(path, false, NULL, err);
  gold_free(gold);
  return gold != NULL;
}

static bool read_dictionary(const char *path, Err *err) {
  Dictionary *dictionary = dictionary_read(path, NULL, err);
  dictionary_free(dictionary);
  return dictionary != NULL;
}

static bool read_vocab(const char *path, Err *err) {
  Vocab *vocab = vocab_read(path, NULL, err);
  vocab_free(vocab);
  return vocab != NULL;
}

static bool read_config(const char *path, Err *err) {
  Config config;
  bool ok = config_load(&config, path, NULL, 0, NULL, err);
  config_free(&config);
  return ok;
}

START_TEST(every_reader_refuses) {
  bool (*const readers[])(const char *path, Err *err) = {read_gold, read_dictionary, read_vocab, read_config};
  const char *path = scratch_bytes(&scratch, "utf16", cases[8].bytes, cases[8].n);
  Err err = {0};
  ck_assert(!readers[_i](path, &err));
  ck_assert_msg(strstr(err.text, "/utf16: UTF-16 text; plain UTF-8 text is wanted: iconv -f UTF-16 -t UTF-8 FILE") != 0,
                "%s", err.text);
}
END_TEST

/* gzip is read through: what is in it must be text all the same. */
START_TEST(inside_gzip) {
  const char *path = scratch_gzip(&scratch, "a.gz", "BZh91AY&SY....");
  Err err = {0};
  const char *line;
  size_t n;
  Lines *lines = lines_open(path, NULL, &err);
  ck_assert_int_eq(lines_next(lines, &line, &n, &err), -1);
  ck_assert_msg(strstr(err.text, "bzip2 -dc FILE") != NULL, "%s", err.text);
  lines_close(lines);
}
END_TEST

Suite *test_not_text(void);
Suite *test_not_text(void) {
  Suite *s = suite_create("not_text");
  TCase *t = tcase_create("not_text");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, first_bytes_tell, 0, N_CASES);
  tcase_add_loop_test(t, every_reader_refuses, 0, 4);
  tcase_add_test(t, inside_gzip);
  suite_add_tcase(s, t);
  return s;
}
