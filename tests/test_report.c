/* The commands translate and score, as a user meets them. */
#include "cli/report.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "capture.h"
#include "tiny.h"

static Scratch scratch;
static Str model;

static void open_model(void) {
  Err err = {0};
  scratch_open(&scratch);
  str_clear(&model);
  str_adds(&model, scratch_path(&scratch, "model.safetensors"));
  Translator *t = tiny_translator(5, "general", NULL);
  ck_assert_msg(translator_save(t, model.at, &err), "%s", err.text);
  translator_free(t);
}

static void close_model(void) { scratch_close(&scratch); }

/* Runs the program with text as its standard input. */
static Capture run(const char *text, const char *const *words) {
  int kept = dup(0), in = open(scratch_text(&scratch, "input", text), O_RDONLY);
  ck_assert_int_eq(dup2(in, 0), 0);
  Capture capture = capture_run(&scratch, words);
  ck_assert_int_eq(dup2(kept, 0), 0);
  ck_assert_int_eq(close(in) + close(kept), 0);
  return capture;
}

#define RUN(text, ...) run(text, (const char *const[]){__VA_ARGS__, NULL})
#define TRANSLATE(text, ...) RUN(text, "translate", "-m", model.at, __VA_ARGS__)

static Json *line_of(const Str *text, int k) {
  Err err = {0};
  const char *at = str_text(text);
  for (; k > 0; k--) at = strchr(at, '\n') + 1;
  Json *json = json_parse(at, strcspn(at, "\n"), "output", ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  return json;
}

static int count_lines(const Str *text) {
  int n = 0;
  for (size_t i = 0; i < text->n; i++) n += text->at[i] == '\n';
  return n;
}

/* Nothing is said but that what so untaught a model writes has no end. */
static void expect_done(const Capture *c) {
  const char *at = str_text(&c->message);
  for (; *at != '\0'; at = strchr(at, '\n') + 1) {
    const char *cut = strstr(at, ": the translation was cut at ");
    ck_assert_msg(cut != NULL && cut < strchr(at, '\n'), "%s", at);
  }
  ck_assert_int_eq(c->status, 0);
}

/* Text, n-best list and JSON say the same. */
START_TEST(three_forms) {
  Capture text = TRANSLATE("a b\n\nc\n", "-b", "3"), list = TRANSLATE("a b\n\nc\n", "-b", "3", "--n-best", "2");
  Capture json = TRANSLATE("a b\n\nc\n", "-b", "3", "--n-best", "2", "--format", "jsonl");
  expect_done(&text);
  expect_done(&list);
  expect_done(&json);
  ck_assert_int_eq(count_lines(&text.out), 3);
  ck_assert_int_eq(count_lines(&list.out), 5);
  Str want = {0}, best = {0};
  for (int k = 0; k < 5; k++) {
    Json *o = line_of(&json.out, k);
    double logprob = 0;
    for (const Json *at = json_first(json_get(o, "token_logprob")); at != NULL; at = json_next(at))
      logprob += json_number(at);
    str_addf(&want, "%d ||| %s ||| F0= %g ||| %g\n", (int)json_number(json_get(o, "id")),
             json_string(json_get(o, "text")), logprob, json_number(json_get(o, "score")));
    int rank = (int)json_number(json_get(o, "rank"));
    ck_assert_int_eq(rank, k == 1 || k == 4 ? 2 : 1);
    if (rank == 1) str_addf(&best, "%s\n", json_string(json_get(o, "text")));
    json_free(o);
  }
  ck_assert_str_eq(str_text(&list.out), want.at);
  ck_assert_str_eq(str_text(&text.out), best.at);
  ck_assert_ptr_nonnull(strstr(list.out.at, "\n1 |||  ||| F0= 0 ||| 0\n"));
  str_free(&want);
  str_free(&best);
  capture_free(&text);
  capture_free(&list);
  capture_free(&json);
}
END_TEST

static Str read_file(const char *path) {
  Str text = {0};
  Err err = {0};
  ck_assert_msg(io_read_all(&text, path, 1 << 20, &err), "%s", err.text);
  return text;
}

/* What --alignments writes as JSON is what --format jsonl prints. */
START_TEST(alignments_to_a_file) {
  Str path = {0};
  str_adds(&path, scratch_path(&scratch, "a.jsonl"));
  Capture c = TRANSLATE("a b zz\n\n", "--format", "jsonl", "--alignments", path.at);
  expect_done(&c);
  Str written = read_file(path.at);
  ck_assert_str_eq(written.at, c.out.at);
  ck_assert_ptr_nonnull(strstr(written.at, "\"source\":[\"a\",\"b\",\"zz\",\"</s>\"]"));
  str_free(&written);
  str_free(&path);
  capture_free(&c);
}
END_TEST

/* A translation's log P is what score says of it. */
START_TEST(score_agrees) {
  Capture c = TRANSLATE("a b\nc\n", "--format", "jsonl", "--length-penalty", "0");
  expect_done(&c);
  Str target = {0}, want = {0};
  for (int k = 0; k < 2; k++) {
    Json *o = line_of(&c.out, k);
    ck_assert_ptr_null(strstr(json_string(json_get(o, "text")), "<unk>"));
    str_addf(&target, "%s\n", json_string(json_get(o, "text")));
    str_addf(&want, "%.6f\n", json_number(json_get(o, "score")));
    json_free(o);
  }
  Str paths[2] = {0};
  str_adds(&paths[0], scratch_text(&scratch, "source", "a b\nc\n"));
  str_adds(&paths[1], scratch_gzip(&scratch, "target", target.at));
  Capture s = RUN("", "score", "-m", model.at, "-m", model.at, paths[0].at, paths[1].at);
  expect_done(&s);
  for (int k = 0; k < 2; k++) {
    char *end, *wanted = want.at, *got = s.out.at;
    for (int i = 0; i < k; i++) wanted = strchr(wanted, '\n') + 1, got = strchr(got, '\n') + 1;
    ck_assert_double_eq_tol(strtod(got, &end), strtod(wanted, NULL), 2 * TINY_WITHIN);
    ck_assert_int_eq(*end, '\n');
    ck_assert_int_eq(*(end - 7), '.'); /* six decimals */
  }
  for (int i = 0; i < 2; i++) str_free(&paths[i]);
  str_free(&target);
  str_free(&want);
  capture_free(&c);
  capture_free(&s);
}
END_TEST

START_TEST(model_of_the_environment) {
  ck_assert_int_eq(setenv("ATTN_SEQ2SEQ_MODEL", model.at, 1), 0);
  Capture c = RUN("\n", "translate");
  expect_done(&c);
  ck_assert_str_eq(str_text(&c.out), "\n");
  capture_free(&c);
  ck_assert_int_eq(setenv("ATTN_SEQ2SEQ_MODEL", "/none/such", 1), 0);
  c = RUN("\n", "translate");
  ck_assert_int_eq(c.status, 1);
  ck_assert_ptr_nonnull(strstr(str_text(&c.message), "/none/such"));
  capture_free(&c);
  ck_assert_int_eq(unsetenv("ATTN_SEQ2SEQ_MODEL"), 0);
}
END_TEST

static void expect_refused(Capture c, int status, const char *why) {
  ck_assert_msg(strstr(str_text(&c.message), why) != NULL, "%s", str_text(&c.message));
  ck_assert_str_eq(str_text(&c.out), "");
  ck_assert_int_eq(c.status, status);
  capture_free(&c);
}

START_TEST(what_cannot_be) {
  expect_refused(TRANSLATE("a\n", "-b", "2", "--n-best", "3"), 2, "--n-best 3 is more than the beam size, 2");
  expect_refused(TRANSLATE("a\n", "--alignments", "a.doc"), 2, "a.doc");
  expect_refused(TRANSLATE("a\n", "--alignments", "/none/such/a.csv"), 1, "/none/such");
  expect_refused(TRANSLATE("a\n", "-b", "1001"), 2, "1001");
  expect_refused(TRANSLATE("a\n", "--temperature", "0"), 2, "--temperature");
  Capture c = TRANSLATE("a\n", "-b", "1", "--sample", "--n-best", "3");
  expect_done(&c);
  ck_assert_int_eq(count_lines(&c.out), 3);
  capture_free(&c);
}
END_TEST

Suite *test_report(void);
Suite *test_report(void) {
  Suite *suite = suite_create("report");
  TCase *tc = tcase_create("report");
  tcase_add_checked_fixture(tc, open_model, close_model);
  tcase_add_test(tc, three_forms);
  tcase_add_test(tc, alignments_to_a_file);
  tcase_add_test(tc, score_agrees);
  tcase_add_test(tc, model_of_the_environment);
  tcase_add_test(tc, what_cannot_be);
  suite_add_tcase(suite, tc);
  return suite;
}
