/* Attention in heads over recurrent states as a user has it. */
#include <check.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return scratch_path(&scratch, ""); }

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

#define TRAIN "$A train c.json --quiet --overwrite --set train.epochs=2 "
#define HEADS "--set model.attention.heads=2 "

static const char *const scripts[] = {
    /* The same bytes on any number of threads, and when training is stopped and goes on. */
    TRAIN HEADS
    "--set train.threads=1; mv out one; " TRAIN HEADS
    "--set train.threads=2; diff -r one out >&2; rm -r out; " TRAIN HEADS "--set train.updates=20; " TRAIN HEADS
    "--resume; for m in one out; do $A score -m $m/m.safetensors v.src v.tgt > $m.txt; done; cmp one.txt out.txt "
    ">&2",
    /* A sentence alone is what it is in a batch. */
    TRAIN HEADS
    "--set model.attention.pattern=qvv --set model.attention.scope=local_p; for n in 1 7 32; do $A translate -m "
    "out/m.safetensors --batch-size $n --alignments $n.jsonl < v.src > $n.txt; cmp 1.txt $n.txt >&2; done; "
    "test $(grep -c '\"position\"' 7.jsonl) = 20",
    /* What the pattern is and how many heads are the alignment stands in the model, where it is not what it always was.
     */
    TRAIN "; $A info out/m.safetensors > x; test $(grep -c 'heads\\|pattern' x) = 0; " TRAIN HEADS
          "--set model.attention.pattern=qvv; $A info out/m.safetensors > x; grep -q '\"heads\": 2' x; "
          "grep -q '\"pattern\": \"qvv\"' x; grep -q 'attention.heads.q_proj_weight' x",
    /* A model whose heads nobody guided goes on with one that links guide. */
    TRAIN HEADS
    "; mv out base; sed 's/[a-h]/0-0/; s/ .*//' t.tgt > links; " TRAIN HEADS
    "--set train.start_from=base/m.safetensors --set data.train.alignment=links; $A info out/m.safetensors > x; "
    "grep -A1 '\"alignment\": {' x | grep -q '\"heads\": 1'",
};

START_TEST(script) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line, "set -e; %s", scripts[_i]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

Suite *test_system_heads(void);
Suite *test_system_heads(void) {
  Suite *s = suite_create("system: heads");
  TCase *t = tcase_create("heads");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
