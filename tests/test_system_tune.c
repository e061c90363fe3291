/* Settings for a corpus: what tune writes, goes on with, and refuses. Sizes are set, so that all draws are tiny. */
#include <check.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

#define CONFIG                                                                                                         \
  "{\"data\": {\"train\": {\"source\": \"t.src\", \"target\": \"t.tgt\"}%s},"                                          \
  "\"model\": {\"embedding\": 8, \"dropout_context\": 0, \"encoder\": {\"type\": \"rnn\", \"hidden\": 8, \"layers\": " \
  "1},"                                                                                                                \
  "\"decoder\": {\"type\": \"rnn\", \"hidden\": 8, \"layers\": 1}},"                                                   \
  "\"train\": {\"model\": \"m/m.safetensors\", \"metric\": \"accuracy\", \"batch_size\": 32}}"

static void write_config(const char *valid) {
  Str text = {0};
  str_addf(&text, CONFIG, valid);
  session_write(folder(), "c.json", str_text(&text));
  str_free(&text);
}

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
  write_config(", \"valid\": {\"source\": \"v.src\", \"target\": \"v.tgt\"}");
}
static void tear_down(void) { scratch_close(&scratch); }

static void expect(int status, const char *said, const char *line) {
  Ran ran = session_run(folder(), line);
  ck_assert_msg(ran.status == status, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.said), said) != NULL, "%s: \"%s\" is not in \"%s\"", line, said,
                str_text(&ran.said));
  session_end(&ran);
}

static bool exists(const char *name) {
  Str path = {0};
  str_addf(&path, "%s/%s", folder(), name);
  bool is = access(str_text(&path), F_OK) == 0;
  str_free(&path);
  return is;
}

/* Two rungs, of 62 and 186 updates. Killed in the midst and gone on with, it is the
 * same; so are the weights of the best config trained in one piece. */
START_TEST(the_same_however_often_killed) {
  session_must(folder(), "$A tune c.json --updates 1500 -o a --quiet");
  ck_assert(exists("a/index.html") && exists("a/table.json") && exists("a/draw-001-default/log.jsonl"));
  Session s = session_start(folder(), "exec $A tune c.json --updates 1500 -o b --quiet");
  session_await(folder(), "b/draw-002-inflection/model.state.safetensors");
  (void)kill(s.pid, SIGKILL);
  Ran ran = session_wait(&s);
  session_end(&ran);
  session_must(folder(), "sleep 1; $A tune c.json --updates 1500 -o b --threads 1");
  session_same(folder(), "a/best.json", "b/best.json");
  session_must(folder(),
               "$A tune c.json --updates 1500 -o a >again && test $(wc -l <again) -lt $(ls a | grep -c draw-)");
  session_must(folder(),
               "cut -f1-12 a/table.tsv | grep -v seconds >a.tsv && cut -f1-12 b/table.tsv | grep -v seconds >b.tsv");
  session_same(folder(), "a.tsv", "b.tsv");
  session_must(
      folder(),
      "$A train a/best.json --quiet && d=$(sed -n 's/.*tune: \\(draw-[-a-z0-9]*\\),.*/\\1/p' a/best.json) &&"
      "for f in m/m.safetensors a/$d/model.safetensors; do echo 'a b c' | $A translate -m $f --format jsonl; done"
      " >lines && test \"$(wc -l <lines) $(uniq lines | wc -l)\" = '2 1'");
  expect(2, "another --updates", "$A tune c.json --updates 1600 -o a");
  expect(2, "another --seed", "$A tune c.json --updates 1500 --seed 2 -o a");
  expect(2, "another config", "$A tune c.json --updates 1500 -o a --set train.seed=7");
}
END_TEST

START_TEST(folds_for_little_text) {
  write_config("");
  session_must(folder(), "$A tune c.json --updates 300 -o d --quiet >out");
  ck_assert(exists("d/draw-001-default-fold-5/model.safetensors"));
  Str best = session_read(folder(), "d/best.json"), page = session_read(folder(), "d/table.json");
  ck_assert_ptr_nonnull(strstr(str_text(&best), "mean over folds"));
  ck_assert_ptr_nonnull(strstr(str_text(&best), "\"split\": 10"));
  ck_assert_ptr_null(strstr(str_text(&best), "\"fold\""));
  ck_assert_ptr_nonnull(strstr(str_text(&page), "Means over 5 folds"));
  str_free(&best);
  str_free(&page);
}
END_TEST

/* One pass of the config is 10 updates at most; the budget gives its draws more. */
START_TEST(the_budget_says_how_long) {
  session_must(folder(),
               "$A tune c.json --updates 600 --set train.epochs=1 -o a --quiet && "
               "test $(cut -f$(head -1 a/table.tsv | tr '\\t' '\\n' | grep -n -x updates | cut -d: -f1) "
               "a/table.tsv | sort -n | tail -1) -gt 20 && "
               "$A tune c.json --updates 600 --set train.updates=5 -o b --quiet && "
               "! grep -q '\"updates\": 5,' b/best.json");
}
END_TEST

START_TEST(interrupted_it_writes_the_best_so_far) {
  Session s = session_start(folder(), "exec $A tune c.json --updates 400000 -o d");
  session_await(folder(), "d/draw-002-inflection/model.state.safetensors");
  (void)kill(s.pid, SIGINT);
  Ran ran = session_wait(&s);
  ck_assert_int_eq(ran.status, 130);
  ck_assert_ptr_nonnull(strstr(str_text(&ran.said), "the same command goes on"));
  session_end(&ran);
  ck_assert(exists("d/best.json"));
}
END_TEST

START_TEST(what_is_refused) {
  expect(2, "either --minutes M or --updates N", "$A tune c.json -o d");
  expect(2, "either --minutes M or --updates N", "$A tune c.json -o d --minutes 1 --updates 5");
  expect(2, "say -o DIR", "$A tune c.json --updates 5");
  expect(2, "train.metric is \"loss\"", "$A tune c.json --updates 5 -o d --set train.metric=loss");
  expect(2, "unknown key", "$A tune c.json --updates 5 -o d --set train.metrik=loss");
  expect(1, "no such file",
         "$A tune c.json --updates 5 -o d --set data.train.source=nowhere || "
         "{ s=$?; echo no such file >&2; exit $s; }");
  expect(1, "not of a tuning", "mkdir d; echo >d/index.html; $A tune c.json --updates 5 -o d");
  expect(2, "data.valid.fold is 6", "$A config c.json --set data.valid.split=5 --set data.valid.fold=6");
}
END_TEST

Suite *test_system_tune(void);
Suite *test_system_tune(void) {
  Suite *s = suite_create("system_tune");
  TCase *t = tcase_create("system_tune");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 600);
  tcase_add_test(t, the_same_however_often_killed);
  tcase_add_test(t, folds_for_little_text);
  tcase_add_test(t, interrupted_it_writes_the_best_so_far);
  tcase_add_test(t, the_budget_says_how_long);
  tcase_add_test(t, what_is_refused);
  suite_add_tcase(s, t);
  return s;
}
