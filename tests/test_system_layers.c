/* Encoders of other layers (conv, graph) through the program, as test_system_transformer.c has Transformers. */
#include <check.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
}
static void tear_down(void) { scratch_close(&scratch); }

#define SMALL "--quiet --set train.epochs=1 --set model.embedding=8 --set model.heads=2 --set model.feed_forward=12 "
#define GRAPH "--set model.encoder.type=graph --set model.encoder.graph.heads=2 "
#define CONV "--set model.encoder.type=conv --set model.encoder.layers=2 "

static const char *const kinds[] = {
    CONV "--set model.encoder.conv.width=5 --set model.encoder.conv.channels=6 --set model.dropout_context=0.1",
    CONV "--set model.decoder.type=transformer --set model.positions=learned --set train.ema=0.9",
    CONV "--set model.encoder.self_attention.layers=1 --set model.decoder.cell=lstm --set train.average=2",
    GRAPH "--set model.encoder.graph.window=2",
    GRAPH "--set model.encoder.graph.kind=gat --set model.decoder.type=transformer --set train.ema=0.9",
    GRAPH "--set model.encoder.graph.norm=post --set model.encoder.self_attention.layers=1",
};

/* The script with the settings of a kind in $s. */
static void run_kind(int kind, const char *script) {
  Str line = {0};
  str_addf(&line, "set -e; s='" SMALL "%s --set train.epochs=4 --set train.shards=2 --set train.keep=2'; %s",
           kinds[kind], script);
  session_must(folder(), str_text(&line));
  str_free(&line);
}

START_TEST(threads_do_not_matter) {
  run_kind(_i, "for n in 1 3; do $A train c.json $s --threads $n; mv out $n; done; diff -r 1 3 >&2");
}
END_TEST

START_TEST(killed_and_resumed_is_the_same) {
  run_kind(_i,
           "$A train c.json $s; mv out ref; $A train c.json $s & until test -s out/m.state.safetensors; "
           "do sleep 0.01; done; kill -9 $! || true; wait $! || true; $A train c.json $s --resume; "
           "diff -r ref out >&2");
}
END_TEST

/* Every entry of an n-best list has the score that `score` gives its text. */
START_TEST(searched_as_scored) {
  run_kind(
      _i,
      "$A train c.json $s; m=out/m.safetensors; $A translate -m $m -b 4 --n-best 4 --length-penalty 0 < v.src > n; "
      "awk -F ' [|][|][|] ' 'NR == FNR { s[FNR - 1] = $0; next } { print s[$1] > \"src\"; print $2 > \"tgt\"; "
      "print $4 > \"want\" }' v.src n; $A score -m $m src tgt > got; test $(wc -l < got) -ge 60; paste want got "
      "| awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-3) exit 1 }'; $A info $m > x; "
      "for t in 1 2; do $A translate -m $m --threads $t < v.src > o$t; done; diff o1 o2 >&2");
}
END_TEST

static const char *const scripts[] = {
    /* Kernels are stored in three dimensions; others are refused, and other sizes are told of. */
    "$A train c.json " SMALL CONV
    "; $A info out/m.safetensors > x; grep -q 'encoder.conv.1.weight  *F32  *\\[16, 8, 3\\]' "
    "x; sed 's/\\[16,8,3\\]/[16,3,8]/' out/m.safetensors > bad; ! $A info bad 2> said; grep -q "
    "'tensor encoder.conv.0.weight is not F32 of shape \\[16,8,3\\]' said",
    "$A compare c.json " SMALL
    "--vary model.encoder.type=rnn,conv,none,graph --set model.encoder.graph.heads=2 -o d; test $(wc -l < d/table.tsv) "
    "= 5",
};

START_TEST(script) {
  Str line = {0};
  str_addf(&line, "set -e; %s", scripts[_i]);
  session_must(folder(), str_text(&line));
  str_free(&line);
}
END_TEST

Suite *test_system_layers(void);
Suite *test_system_layers(void) {
  Suite *s = suite_create("system: layers");
  TCase *t = tcase_create("system: layers");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_loop_test(t, threads_do_not_matter, 0, sizeof kinds / sizeof *kinds);
  tcase_add_loop_test(t, killed_and_resumed_is_the_same, 0, sizeof kinds / sizeof *kinds);
  tcase_add_loop_test(t, searched_as_scored, 0, sizeof kinds / sizeof *kinds);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
