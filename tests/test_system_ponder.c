/* Adaptive computation time as a user has it, of recurrent sides and of a universal encoder. */
#include <check.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return scratch_path(&scratch, ""); }

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

#define TRAIN "$A train c.json --quiet --overwrite --set train.epochs=2 --log log "
#define BOTH "--set model.encoder.act.max_steps=4 --set model.decoder.act.max_steps=3 --set model.encoder.act.bias=0 "
#define UNIVERSAL                                                                                          \
  "--set model.encoder.type=transformer --set model.encoder.universal=true --set model.decoder.init=mean " \
  "--set model.heads=1 --set model.encoder.act.max_steps=5 --set model.encoder.act.bias=0 "

/* The same bytes on any number of threads, and when training is stopped and goes on. */
#define SAME(sets)                                                                                      \
  TRAIN sets "--set train.threads=1; mv out one; " TRAIN sets                                           \
             "--set train.threads=2; diff -r one out >&2; rm -r out; " TRAIN sets                       \
             "--set train.updates=20; " TRAIN sets                                                      \
             "--resume; for m in one out; do $A score -m $m/m.safetensors v.src v.tgt > $m.txt; done; " \
             "cmp one.txt out.txt >&2; grep -q '\"ponder\":' log"

/* A sentence alone is what it is in a batch, its steps too. */
#define ALONE(sets, keys)                                                                                        \
  TRAIN sets                                                                                                     \
      "; for n in 1 7 32; do $A translate -m out/m.safetensors --batch-size $n --alignments $n.jsonl < v.src > " \
      "$n.txt; cmp 1.txt $n.txt >&2; grep -o '\"[a-z]*_ponder\":[^]]*]' $n.jsonl > $n.steps; "                   \
      "cmp 1.steps $n.steps >&2; done; test $(wc -l < 1.steps) = " keys

static const char *const scripts[] = {
    SAME(BOTH),
    SAME(UNIVERSAL),
    ALONE(BOTH, "40"),
    ALONE(UNIVERSAL, "20"),
    /* score tells the steps that a search has told, of every entry; an ensemble tells none. */
    TRAIN BOTH
    "; $A translate -m out/m.safetensors --beam-size 4 --n-best 4 --format jsonl < v.src > n.jsonl; "
    "sed -n 's/.*\"text\":\"\\([^\"]*\\)\".*/\\1/p' n.jsonl > n.tgt; "
    "awk '{for (i = 0; i < 4; i++) print}' v.src > n.src; test $(wc -l < n.tgt) = $(wc -l < n.src); "
    "$A score -m out/m.safetensors n.src n.tgt --format jsonl > s.jsonl; "
    "for f in n s; do grep -o '\"[a-z]*_ponder\":[^]]*]' $f.jsonl > $f.steps; done; cmp n.steps s.steps >&2; "
    "$A translate -m out/m.safetensors -m out/m.safetensors --format jsonl < v.src > two; "
    "test $(grep -c ponder two) = 0",
    /* A model without pondering says nothing of it; the keys count only where it does. */
    TRAIN
    "; $A info out/m.safetensors > x; test $(grep -c '\"act\"\\|universal\\|ponder' x) = 0; test $(grep -c ponder log) "
    "= "
    "0; $A config c.json --set model.encoder.act.penalty=1 2> said > x; grep -q 'model.encoder.act.penalty has no "
    "effect' said; " TRAIN BOTH
    "; $A info out/m.safetensors > x; grep -q '\"max_steps\": 4' x; grep -q 'encoder.rnn.halt_l0_reverse.weight' x",
    /* The page shows steps, and compare varies them. */
    TRAIN BOTH
    "; $A translate -m out/m.safetensors --heatmaps maps/ < v.src > /dev/null; grep -q '\"j\":\\[' "
    "maps/index.html; $A compare c.json --quiet -o cmp --set train.epochs=1 --vary "
    "model.encoder.act.max_steps=0,3 > table; grep -q 'max_steps' table",
};

START_TEST(script) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line, "set -e; %s", scripts[_i]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

Suite *test_system_ponder(void);
Suite *test_system_ponder(void) {
  Suite *s = suite_create("system: ponder");
  TCase *t = tcase_create("ponder");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
