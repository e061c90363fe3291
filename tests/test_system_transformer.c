/* Transformers through the program, where recurrent models have long been: the same bytes for any number of threads and
 * after any interruption, averages, fine-tuning, ensembles with recurrent models, short lists, comparison, PyTorch's
 * way of storing them. */
#include <check.h>

#include "bad.h"
#include "scratch.h"
#include "session.h"

#define SMALL                                                                                                   \
  "--quiet --set train.epochs=1 --set model.embedding=8 --set model.heads=2 --set model.feed_forward=12 --set " \
  "model.encoder.layers=2 --set model.decoder.layers=2 "
#define ENCODER "--set model.encoder.type=transformer "
#define DECODER "--set model.decoder.type=transformer "
#define TRAIN "$A train c.json " SMALL
#define GRU "$A train c.json --quiet --set train.epochs=1 --set train.model=g.safetensors"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
}
static void tear_down(void) { scratch_close(&scratch); }

static void run(const char *script) {
  Str line = {0};
  str_addf(&line, "set -e; %s", script);
  session_must(folder(), str_text(&line));
  str_free(&line);
}

/* Mixed kinds, with all that draws numbers or keeps more than the weights. */
static const char *const kinds[] = {
    ENCODER DECODER "--set model.dropout_attention=0.2 --set model.dropout_feed_forward=0.2",
    ENCODER DECODER "--set train.ema=0.9 --set model.positions=learned --set model.norm=post",
    ENCODER DECODER "--set train.average=2 --set model.activation=swiglu --set model.tie_embeddings=target",
    DECODER "--set model.positions=rotary --set model.encoder.layers=1",
    ENCODER "--set model.positions=relative --set model.relative_values=true --set model.decoder.layers=1",
    DECODER "--set model.encoder.type=none --set model.encoder.self_attention.layers=1 --set model.positions=flow",
    DECODER "--set model.attention.focus=ntm --set model.attention.score=cosine --set model.encoder.layers=1",
    "--set model.attention.focus=ntm --set model.attention.ntm.start=uniform --set model.attention.ntm.wrap=true",
    "--set model.attention.score=additive --set model.attention.conv.filters=3 --set model.attention.conv.width=3",
};

#define MORE " --set train.epochs=6 --set train.shards=2 --set train.keep=2"

/* The script with the settings of a kind in $s. */
static void run_kind(int kind, const char *script) {
  Str line = {0};
  str_addf(&line, "s='" SMALL "%s" MORE "'; %s", kinds[kind], script);
  run(str_text(&line));
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

static const char *const scripts[] = {
    /* The mean of two checkpoints. */
    TRAIN ENCODER DECODER
    "--set train.epochs=2 --set train.keep=2; $A average -o mean out/m.step-*; $A info mean > x; "
    "test $($A translate -m mean < v.src | wc -l) = 20",
    /* A search, and the scoring of what it has found, of a Transformer with a recurrent model. */
    TRAIN ENCODER DECODER "; " GRU
                          "; $A translate -m out/m.safetensors -m g.safetensors -b 4 --length-penalty 0 "
                          "--format jsonl < v.src > o; sed 's/.*\"text\":\"\\([^\"]*\\)\".*/\\1/' o > text; "
                          "sed 's/.*\"score\":\\([-0-9.]*\\).*/\\1/' o > score; $A score -m g.safetensors -m "
                          "out/m.safetensors v.src text > again; paste score again | awk "
                          "'{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-3) exit 1 } END { exit NR != 20 }'",
    /* A short list of all words changes nothing. */
    TRAIN ENCODER DECODER
    "; for s in a b c d e f g h '</s>' '<unk>'; do for t in a b c d e f g h; do printf '%s\\t%s\\t0.1\\n' \"$s\" $t; "
    "done; done > all; $A translate -m out/m.safetensors < v.src > x; $A translate -m out/m.safetensors "
    "--shortlist all < v.src > y; diff x y >&2; test $(wc -l < y) = 20",
    TRAIN ENCODER DECODER
    "; $A info out/m.safetensors > x; grep -q '\"heads\": 2' x; grep -q '\"positions\": \"sinusoidal\"' x; "
    "grep -q 'decoder.layers.1.multihead_attn.in_proj_weight  *F32  *\\[24, 8\\]  *192' x; "
    "test $(grep -c '\"type\": \"transformer\"' x) = 2",
    "$A compare c.json " SMALL
    "--vary model.encoder.type=rnn,transformer --vary model.decoder.type=rnn,transformer -o d; "
    "test \"$(cut -f 1,2 d/table.tsv | tail -n +2 | tr '\\t\\n' '  ')\" = 'rnn rnn rnn transformer transformer rnn "
    "transformer transformer '",
    /* A toy's config is one of a Transformer by its two types alone. */
    "$A toy copy t --n 10; $A config t/config.json " ENCODER DECODER
    "> x 2> said; grep -q '\"score\": \"scaled_dot\"' x; $A config t/config.json > y; grep -q '\"score\": \"general\"' "
    "y",
    /* The schema allows what is taken. */
    "$A config --schema > x; for k in heads feed_forward activation norm final_norm positions max_positions "
    "max_distance "
    "relative_values flow_steps dropout_attention dropout_feed_forward self_attention pattern alignment; do "
    "grep -q \"\\\"$k\\\"\" x; done",
    /* Training goes on from a Transformer, with other dropout and alignment; the rest is the file's. */
    TRAIN ENCODER DECODER
    "; " TRAIN ENCODER DECODER
    "--set train.start_from=out/m.safetensors --set train.model=f.safetensors --set "
    "model.dropout_attention=0.1 --set model.attention.alignment.layer=2; $A info f.safetensors > x",
    /* A line that searches for long: the caches grow many times. */
    TRAIN ENCODER DECODER
    "; echo a b c | $A translate -m out/m.safetensors -b 100 --max-length-ratio 90 --min-length "
    "250 --format jsonl > o; sed 's/.*\"text\":\"\\([^\"]*\\)\".*/\\1/' o > text; "
    "test $(wc -w < text) -ge 250; sed 's/.*\"score\":\\([-0-9.]*\\).*/\\1/' o > score; "
    "echo a b c > s; $A score -m out/m.safetensors s text > again; paste score again text | awk "
    "'{ d = $1 * (NF - 1) - $2; if (d < 0) d = -d; exit d > 1e-2 }'",
};

START_TEST(script) { run(scripts[_i]); }
END_TEST

#define MODEL TRAIN ENCODER DECODER "&& mv out/m.safetensors t && rm -r out; "

static const BadRow rows[] = {
    {MODEL, "$A train c.json --quiet --set train.start_from=t --set train.model=x", 2,
     "train.start_from is t|model.encoder.type: \"transformer\" became \"rnn\"|model.heads: 2 became 4"},
    {MODEL, TRAIN ENCODER DECODER "--set model.heads=4 --set train.start_from=t --set train.model=x", 2,
     "train.start_from is t|model.heads: 2 became 4"},
    {NULL, TRAIN ENCODER DECODER "--set train.start_from=model/m.safetensors --set train.model=x", 2,
     "train.start_from is model/m.safetensors|model.decoder.type: \"rnn\" became \"transformer\""},
    {MODEL, "$A average -o x t model/m.safetensors", 1,
     "t: its config.model is not that of model/m.safetensors|model.encoder.type: \"rnn\" became \"transformer\""},
    {MODEL "head -c 9000 t > bad; rm t", "$A translate -m bad < v.src", 1, "bad: "},
    {MODEL "sed 's/decoder.layers.1.norm3.bias/decoder.layers.1.norm4.bias/' t > bad; rm t", "$A info bad", 1,
     "tensor decoder.layers.1.norm3.bias is missing, though|unexpected tensor decoder.layers.1.norm4.bias"},
    {MODEL "sed 's/\\\\\"final_norm\\\\\":true/\\\\\"final_norm\\\\\":null/' t > bad; rm t", "$A info bad", 1,
     "model.final_norm: null"},
    {MODEL "sed 's/\\\\\"heads\\\\\":2/\\\\\"heads\\\\\":3/' t > bad; rm t", "$A score -m bad v.src v.tgt", 1,
     "bad: config: model.heads is 3, but model.embedding is 8"},
    {MODEL "sed 's/in_proj_weight/in_proj_weighs/' t > bad; rm t", "$A translate -m bad < v.src", 1,
     "in_proj_weight is missing|unexpected tensor"},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

Suite *test_system_transformer(void);
Suite *test_system_transformer(void) {
  Suite *s = suite_create("system: transformers");
  TCase *t = tcase_create("runs");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_loop_test(t, threads_do_not_matter, 0, sizeof kinds / sizeof *kinds);
  tcase_add_loop_test(t, killed_and_resumed_is_the_same, 0, sizeof kinds / sizeof *kinds);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  TCase *b = tcase_create("bad");
  tcase_add_unchecked_fixture(b, bad_set_up, bad_tear_down);
  tcase_set_timeout(b, 300);
  tcase_add_loop_test(b, bad, 0, sizeof rows / sizeof *rows);
  suite_add_tcase(s, b);
  return s;
}
