/* Encoders of other layers (conv, graph) through the program, as test_system_transformer.c has Transformers. */
#include <check.h>
#include <string.h>

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
    /* Links from a file, all the way: training, validation, threads, translating, scoring, n-best lists. */
    "$A toy agree g --n 300; c='g/config.json --quiet --set train.epochs=2 --set model.embedding=8 --set "
    "model.encoder.graph.heads=2 --set model.decoder.hidden=8 --set train.metric=bleu'; for n in 1 3; do $A train $c "
    "--threads $n --report $n.html --overwrite; mv g/model.safetensors m$n; done; diff m1 m3 >&2; m='-m m1 --graph "
    "g/test.graph'; $A translate $m -b 3 --n-best 3 --length-penalty 0 < g/test.src > n; $A score $m g/test.src "
    "--n-best n "
    "--length-penalty 0 > again; paste -d '|' n again | awk -F '[|][|][|]|[|]' 'NF != 8 { exit 1 } { d = $4 - $8; if "
    "(d < "
    "0) d = -d; if (d > 1e-3) exit 1 }'; $A score $m g/test.src g/test.tgt > with; sed 's/.*//' g/test.graph > none; "
    "$A "
    "score -m m1 --graph none g/test.src g/test.tgt > without; ! cmp -s with without; test $(wc -l < with) = 100",
    /* A tsv file and pairs held out of it have the same links. */
    "$A toy agree g --n 300; paste g/train.src g/train.tgt > t.tsv; echo "
    "'{\"data\":{\"train\":{\"tsv\":\"t.tsv\",\"graph\":"
    "\"g/"
    "train.graph\"},\"valid\":{\"split\":9}},\"model\":{\"embedding\":8,\"encoder\":{\"type\":\"graph\"},\"decoder\":{"
    "\"hidden\":8}},\"train\":{\"epochs\":1,\"model\":\"x\"}}' > k.json; $A train k.json --quiet; $A info x > y; grep "
    "-q "
    "'\"graph\": \"g/train.graph\"' y",
    "$A compare c.json " SMALL
    "--vary model.encoder.type=rnn,conv,none,graph --set model.encoder.graph.heads=2 -o d; test $(wc -l < d/table.tsv) "
    "= 5",
};

/* What is told of links that are missing, too many or wrong. */
#define LINKED                                                                                                 \
  "$A toy agree g --n 100; $A train g/config.json --quiet --set train.epochs=1 --set model.embedding=8 --set " \
  "model.encoder.graph.heads=2 --set model.decoder.hidden=8; m=g/model.safetensors; "

static const struct {
  const char *line;
  int status;
  const char *says;
} told[] = {
    {LINKED "$A translate -m $m < g/test.src", 2, "trained with links between the words of its source (g/train.graph)"},
    {LINKED "$A score -m $m g/test.src g/test.tgt", 2, "with --graph FILE"},
    {LINKED "head -3 g/test.graph > few; $A translate -m $m --graph few < g/test.src", 1, "few has 3 lines, but"},
    {LINKED "head -3 g/test.src > s; $A translate -m $m --graph g/test.graph < s", 1, "has 3 lines, but g/test.graph"},
    {LINKED "echo 0-99 > x; echo the cat see | $A translate -m $m --graph x", 1,
     ":1: its links: 0-99, but the line has 3"},
    {LINKED "echo 0-1 > x; echo | $A translate -m $m --graph x", 1, ":1: its links: 0-1, but the line has 0"},
    {"$A train c.json " SMALL "; $A translate -m out/m.safetensors --graph v.src < v.src", 2,
     "reads links; leave it out"},
    {"$A toy agree g --n 100; sed -i 5s/-/+/ g/train.graph; $A train g/config.json", 1, "g/train.src:5: its links:"},
    {"$A toy agree g --n 100; sed -i '$d' g/valid.graph; $A train g/config.json", 1, "g/valid.graph has 99 lines, but"},
    {"$A toy agree g --n 100; rm g/train.graph; $A train g/config.json", 1, "g/train.graph"},
    {"$A toy agree g --n 100; $A train g/config.json --set data.valid.split=9", 2, "data.valid.graph is"},
};

START_TEST(told_of) {
  Ran ran = session_run(folder(), told[_i].line);
  ck_assert_msg(ran.status == told[_i].status && strstr(str_text(&ran.said), told[_i].says) != NULL, "%d, %s",
                ran.status, str_text(&ran.said));
  session_end(&ran);
}
END_TEST

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
  tcase_add_loop_test(t, told_of, 0, sizeof told / sizeof *told);
  suite_add_tcase(s, t);
  return s;
}
