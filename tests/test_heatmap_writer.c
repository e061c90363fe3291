#include "eval/heatmap_writer.h"

#include <check.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "capture.h"
#include "eval/picture.h"
#include "samples.h"
#include "scratch.h"
#include "tiny.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

/* The file's bytes hold what, or with NULL: there is no such file. */
static void expect_file(const char *name, const char *what) {
  Err err = {0};
  Str text = {0};
  const char *path = scratch_path(&scratch, name);
  ck_assert_msg(io_exists(path) == (what != NULL), "%s", name);
  if (what != NULL) ck_assert_msg(io_read_all(&text, path, 1 << 24, &err), "%s", err.text);
  if (what != NULL) ck_assert_msg(strstr(str_text(&text), what) != NULL, "%s lacks %s", name, what);
  str_free(&text);
}

static void expect_picture(const char *name) { expect_file(name, picture_available() ? "<svg" : NULL); }

START_TEST(folder) {
  Err err = {0};
  HeatmapWriter *writer = heatmap_writer_open(scratch_path(&scratch, "maps/"), "A title", &err);
  ck_assert_msg(writer != NULL, "%s", err.text);
  Alignment a = sample_ties, b = sample_ties;
  a.rank = 1;
  b.rank = 2;
  ck_assert(heatmap_writer_add(writer, &a, &err));
  ck_assert(heatmap_writer_add(writer, &b, &err));
  expect_file("maps/index.html", NULL);
  ck_assert(heatmap_writer_close(writer, &err));
  expect_picture("maps/000003.svg");
  expect_picture("maps/000003.2.svg");
  expect_file("maps/index.html", "<title>A title</title>");
}
END_TEST

START_TEST(abandoned_and_impossible) {
  Err err = {0};
  HeatmapWriter *writer = heatmap_writer_open(scratch_path(&scratch, "maps"), "", &err);
  heatmap_writer_abandon(writer);
  expect_file("maps/index.html", NULL);
  ck_assert_ptr_null(heatmap_writer_open(scratch_path(&scratch, "none/maps"), "", &err));
  ck_assert_int_eq(err.kind, ERR_FILE);
}
END_TEST

/* --- commands --- */

static const char *const jsonl =
    "{\"id\":0,\"source\":[\"x\",\"y\"],\"target\":[\"p\"],\"alignment\":[[1,0]]}\n"
    "{\"id\":1,\"source\":[\"z\"],\"target\":[\"q\"],\"alignment\":[[0.5]]}\n";

static void expect_run(int status, const char *message, const char *const *words) {
  Capture c = capture_run(&scratch, words);
  ck_assert_msg(c.status == status, "%d: %s", c.status, str_text(&c.message));
  ck_assert_msg(strstr(str_text(&c.message), message) != NULL, "\"%s\" is not in \"%s\"", message,
                str_text(&c.message));
  capture_free(&c);
}
#define RUN(status, message, ...) expect_run(status, message, (const char *[]){__VA_ARGS__, NULL})

START_TEST(pages_of_the_command) {
  const char *in = scratch_text(&scratch, "a.jsonl", jsonl), *out = scratch_path(&scratch, "a.html");
  const char *gold = scratch_text(&scratch, "gold", "1-0\n");
  RUN(0, "", "heatmap", in, "-o", out);
  expect_file("a.html", "\"n\":2");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--gold", gold, "--theme", "dark", "--title", "T<");
  expect_file("a.html", "\"g\":[1,0,1]");
  expect_file("a.html", "\"theme\":\"dark\"");
  expect_file("a.html", "<title>T&lt;</title>");
  RUN(1, "there is none for sentence 2", "heatmap", in, "-o", out, "--gold", gold);
  RUN(1, "no sentence 3", "heatmap", in, "-o", out, "--sentence", "3");
  RUN(2, "its end says what is drawn", "heatmap", in, "-o", scratch_path(&scratch, "a.gif"));
  RUN(2, "are for pictures", "heatmap", in, "--numbers");
}
END_TEST

static const char *const pieces =
    "{\"id\":0,\"source\":[\"\u2581a\",\"b\",\"\u2581c\",\"</s>\"],\"target\":[\"x\",\"</s>\"],"
    "\"alignment\":[[0.25,0.5,0.25,0],[0,0,0,1]]}\n";

static const char *const heads =
    "{\"id\":0,\"source\":[\"a\",\"</s>\"],\"target\":[\"x\",\"<unk>\",\"</s>\"],\"alignment\":[[1,0],[1,0],[0,1]],"
    "\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[0.5,0.5],[0,1],[0,1]]},"
    "{\"layer\":1,\"head\":2,\"weights\":[[0,1],[0.5,0.5],[0.25,0.75]]},"
    "{\"layer\":2,\"head\":1,\"weights\":[[0.125,0.875],[0,1],[1,0]]}],"
    "\"encoder_attention\":[{\"layer\":1,\"head\":1,\"weights\":[[0.75,0.25],[0,1]]}],"
    "\"decoder_attention\":[{\"layer\":1,\"head\":1,\"weights\":[[1,0,0],[0.5,0.5,0],[0.25,0.25,0.5]]}]}\n"
    "{\"id\":1,\"source\":[\"</s>\"],\"target\":[],\"alignment\":[]}\n";

static void expect_matrix(const char *want) {
  Str text = {0};
  Err err = {0};
  ck_assert(io_read_all(&text, scratch_path(&scratch, "a.csv"), 1 << 20, &err));
  ck_assert_str_eq(str_text(&text), want);
  str_free(&text);
}

/* A layer and a head, or the mean of its heads, in the place of the alignment; columns of the decoder's are what it had
 * read. */
START_TEST(heads_of_the_command) {
  const char *in = scratch_text(&scratch, "h.jsonl", heads), *out = scratch_path(&scratch, "a.csv");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1");
  expect_matrix(",a,</s>\nx,1,0\n<unk>,1,0\n</s>,0,1\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--layer", "1", "--head", "2");
  expect_matrix(",a,</s>\nx,0,1\n<unk>,0.5,0.5\n</s>,0.25,0.75\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--layer", "1");
  expect_matrix(",a,</s>\nx,0.25,0.75\n<unk>,0.25,0.75\n</s>,0.125,0.875\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--attention", "cross", "--layer", "2");
  expect_matrix(",a,</s>\nx,0.125,0.875\n<unk>,0,1\n</s>,1,0\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--attention", "encoder");
  expect_matrix(",a,</s>\na,0.75,0.25\n</s>,0,1\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "1", "--attention", "decoder", "--head", "1");
  expect_matrix(",<s>,x,<unk>\nx,1,0,0\n<unk>,0.5,0.5,0\n</s>,0.25,0.25,0.5\n");
  RUN(0, "", "heatmap", in, "-o", out, "--sentence", "2", "--layer", "2");
  expect_matrix(",</s>\n");
  RUN(0, "", "heatmap", in, "--sentence", "1", "--attention", "decoder");
}
END_TEST

START_TEST(heads_that_are_none) {
  const char *in = scratch_text(&scratch, "h.jsonl", heads), *out = scratch_path(&scratch, "a.html");
  const char *csv = scratch_text(&scratch, "m.csv", ",a,</s>\nx,1,0\n"), *gold = scratch_text(&scratch, "g", "0-0\n");
  RUN(1, "h.jsonl: sentence 1: no layer 3 in \"attention\", whose layers are 1 to 2", "heatmap", in, "--layer", "3");
  RUN(1, "no head 2 in layer 2 of \"attention\", which has 1", "heatmap", in, "--layer", "2", "--head", "2");
  RUN(1, "\"attention\" has layers 1 to 2: say which with --layer", "heatmap", in, "--head", "1");
  RUN(1, "m.csv: sentence 1: no \"encoder_attention\": JSON Lines of --attention all hold it", "heatmap", csv,
      "--attention", "encoder");
  RUN(2, "a page lets its reader choose", "heatmap", in, "--layer", "1", "-o", out);
  RUN(2, "--attention decoder looks at its own side", "heatmap", in, "--attention", "decoder", "--gold", gold, "-o",
      scratch_path(&scratch, "a.svg"));
  RUN(2, "are for pictures", "heatmap", in, "--numbers", "-o", scratch_path(&scratch, "a.csv"));
}
END_TEST

START_TEST(words_and_gold_of_the_command) {
  const char *out = scratch_path(&scratch, "a.html"), *in = scratch_text(&scratch, "p.jsonl", pieces);
  RUN(0, "", "heatmap", in, "-o", out);
  expect_file("a.html", "\"s\":[\"ab\",\"c\",\"\\u003c/s>\"]");
  expect_file("a.html", "\"w\":[[750,250],[-2,1000]]");
  RUN(0, "", "heatmap", in, "-o", out, "--alignment-units", "token");
  expect_file("a.html", "\"w\":[[250,500,250],[-3,1000]]");
  /* The third line of the links belongs to sentence 3. */
  const char *gold = scratch_text(&scratch, "gold", "0-0\n\n1-0\n");
  RUN(0, "", "heatmap", scratch_text(&scratch, "000003.csv", ",a,</s>\nx,1,0\n"), "-o", out, "--gold", gold);
  expect_file("a.html", "{\"n\":3");
  expect_file("a.html", "\"g\":[1,0,1]");
  in = scratch_text(&scratch, "a.jsonl", jsonl);
  RUN(0, "the first of 2 sentences; --sentence N draws another", "heatmap", in);
  RUN(0, "", "heatmap", in, "--sentence", "1");
}
END_TEST

START_TEST(pictures_of_the_command) {
  const char *in = scratch_text(&scratch, "a.jsonl", jsonl);
  if (!picture_available()) {
    RUN(2, "made without Pango and Cairo", "heatmap", in, "-o", scratch_path(&scratch, "a.svg"));
    return;
  }
  RUN(0, "", "heatmap", in, "-o", scratch_path(&scratch, "a.svg"), "--numbers", "--title", "T", "--theme", "dark");
  expect_file("a.svg", "<title>T</title>");
  RUN(0, "", "heatmap", in, "-o", scratch_path(&scratch, "a.png"), "--scale", "2", "--sentence", "2");
  expect_file("a.png", "PNG");
  RUN(0, "", "heatmap", in, "-o", scratch_path(&scratch, "a.pdf"));
  expect_file("a.pdf", "%PDF");
  RUN(1, "no sentence 7", "heatmap", in, "-o", scratch_path(&scratch, "b.svg"), "--sentence", "7");
  expect_file("b.svg", NULL);
}
END_TEST

static void expect_same(const char *a, const char *b) {
  Err err = {0};
  Str one = {0}, two = {0};
  ck_assert(io_read_all(&one, scratch_path(&scratch, a), 1 << 24, &err));
  ck_assert(io_read_all(&two, scratch_path(&scratch, b), 1 << 24, &err));
  ck_assert_uint_eq(one.n, two.n);
  ck_assert_mem_eq(one.at, two.at, one.n);
  str_free(&one);
  str_free(&two);
}

/* 000003.csv, in the way that its options say; other writes NAME. */
static void expect_one(int status, const char *message, const char *name, const char *option, const char *value) {
  char *in = mem_text(scratch_path(&scratch, "000003.csv"), strlen(scratch_path(&scratch, "000003.csv")));
  char *out = mem_text(scratch_path(&scratch, name), strlen(scratch_path(&scratch, name)));
  expect_run(status, message, (const char *[]){"heatmap", in, "-o", out, option, value, NULL});
  mem_free(in);
  mem_free(out);
}

/* A file of one sentence takes its number and 1; its PDF is that of a sentence asked for, not pages. */
START_TEST(file_of_one_sentence) {
  (void)scratch_text(&scratch, "000003.csv", ",a,</s>\nxy,1,0\nz,1,0\n</s>,0,1\n");
  expect_one(0, "", "a.html", "--sentence", "1");
  expect_file("a.html", "{\"n\":3");
  expect_one(0, "", "a.html", "--sentence", "3");
  expect_one(1, "no sentence 2", "a.html", "--sentence", "2");
  expect_one(2, "--font is for pictures", "a.html", "--font", "serif");
  if (!picture_available()) return;
  expect_one(0, "", "a.svg", "--sentence", "1");
  expect_file("a.svg", "<title>xy z</title>");
  expect_one(0, "", "a.pdf", "--numbers", NULL);
  expect_one(0, "", "a.svg", "--font", "serif");
  expect_one(0, "", "a.svg", "--text", NULL);
  expect_file("a.svg", ">xy</text>");
  expect_file("a.svg", "font-family=\"sans-serif\"");
  expect_one(0, "", "a.pdf", NULL, NULL);
  expect_one(0, "", "b.pdf", "--sentence", "1");
  expect_same("a.pdf", "b.pdf");
  expect_one(2, "--text is for SVG", "a.pdf", "--text", NULL);
  expect_one(2, "no such font", "a.pdf", "--font", "No Such Font");
}
END_TEST

START_TEST(translate_and_score) {
  Err err = {0};
  Translator *t = tiny_translator(1, "general", NULL);
  const char *model = scratch_path(&scratch, "m.safetensors");
  ck_assert_msg(translator_save(t, model, &err), "%s", err.text);
  translator_free(t);
  const char *source = scratch_text(&scratch, "s", "a q\n\n"), *target = scratch_text(&scratch, "t", "x y\nz\n");
  RUN(0, "", "score", "-m", model, source, target, "--heatmaps", scratch_path(&scratch, "maps"));
  expect_picture("maps/000001.svg");
  expect_picture("maps/000002.svg");
  expect_file("maps/index.html", "\"s\":[\"a\",\"q\",\"\\u003c/s>\"],\"u\":[1]");
  expect_file("maps/index.html", "<title>Attention of /");
  expect_file("maps/index.html", "m.safetensors</title>");
  RUN(2, "leave out --format jsonl or --show", "translate", "-m", model, "--show", "--format", "jsonl");
}
END_TEST

Suite *test_heatmap_writer(void);
Suite *test_heatmap_writer(void) {
  Suite *s = suite_create("heatmap_writer");
  TCase *t = tcase_create("heatmap_writer");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, folder);
  tcase_add_test(t, abandoned_and_impossible);
  tcase_add_test(t, pages_of_the_command);
  tcase_add_test(t, heads_of_the_command);
  tcase_add_test(t, heads_that_are_none);
  tcase_add_test(t, words_and_gold_of_the_command);
  tcase_add_test(t, pictures_of_the_command);
  tcase_add_test(t, file_of_one_sentence);
  tcase_add_test(t, translate_and_score);
  suite_add_tcase(s, t);
  return s;
}
