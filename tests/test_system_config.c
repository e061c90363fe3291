/* Bad configs and bad command lines, through the program. */
#include <check.h>

#include "bad.h"

#define CONFIG(json) "printf '%s' '" json "' > c.json"
#define DATA                                                                                                        \
  "\"data\":{\"train\":{\"source\":\"t.src\",\"target\":\"t.tgt\"},\"valid\":{\"source\":\"v.src\",\"target\":\"v." \
  "tgt\"}}"
#define SET(assignment) NULL, "$A train c.json --set " assignment

static const BadRow configs[] = {
    /* Files that are no JSON. */
    {CONFIG("{\"data\": "), "$A train c.json", 2, "c.json:1:"},
    {CONFIG(""), "$A train c.json", 2, "c.json"},
    {CONFIG("{} {}"), "$A train c.json", 2, "c.json:1:"},
    {CONFIG("[]"), "$A train c.json", 2, "c.json|object"},
    {"printf '{\"data\":\"\\377\"}' > c.json", "$A train c.json", 2, "c.json|UTF-8"},
    {"printf '{\"data\\0\":1}' > c.json", "$A train c.json", 2, "c.json"},
    {CONFIG("{\"train\":{\"model\":\"a\\u0000b\"}}"), "$A train c.json", 2, "c.json"},
    {"head -c 200000 /dev/zero | tr '\\0' '[' > c.json", "$A train c.json", 2, "c.json|nest"},
    {"head -c 100000 /dev/zero | tr '\\0' a | sed 's/a/{\"a\":/g' > c.json", "$A train c.json", 2, "c.json|nest"},
    {"{ printf '{\"train\":{\"model\":\"'; head -c 10000000 /dev/zero | tr '\\0' a; printf '\"}}'; } > c.json",
     "$A train c.json", 2, "c.json|data.train|data.valid"},
    {"{ printf '['; head -c 10000000 /dev/zero | tr '\\0' '['; } > c.json", "$A config c.json", 2, "c.json"},
    {"cp model/m.safetensors c.json", "$A train c.json", 2, "c.json"},
    /* Keys. */
    {CONFIG("{" DATA ",\"train\":{\"seed\":1,\"seed\":2}}"), "$A train c.json", 2, "train.seed|twice"},
    {CONFIG("{" DATA "," DATA "}"), "$A train c.json", 2, "data|twice"},
    {CONFIG("{" DATA ",\"modle\":{}}"), "$A train c.json", 2, "modle|did you mean|model"},
    {CONFIG("{" DATA ",\"model\":{\"encoder\":{\"hiden\":4}}}"), "$A train c.json", 2, "model.encoder.hiden|hidden"},
    {"{ printf '{'; for i in 1 2 3 4 5 6 7 8 9; do for k in 1 2 3 4 5; do printf '\"x%s%s\":1,' $i $k; done; done; "
     "printf '\"y\":1}'; } > c.json",
     "$A train c.json", 2, "x11|more of the same"},
    /* Types. */
    {SET("train.epochs=many"), 2, "train.epochs|many|integer"},
    {SET("train.epochs=1.5"), 2, "train.epochs|1.5"},
    {SET("train.epochs=true"), 2, "train.epochs"},
    {SET("train.epochs=null"), 2, "train.epochs"},
    {SET("vocab.shared=1"), 2, "vocab.shared"},
    {SET("data.train=text"), 2, "data.train|object"},
    {SET("train.model=7"), 2, "train.model"},
    {SET("'model={\"embedding\":[8]}'"), 2, "model.embedding|[8]|integer"},
    /* Ranges. */
    {SET("train.epochs=0"), 2, "train.epochs|0"},
    {SET("train.epochs=-3"), 2, "train.epochs|-3"},
    {SET("train.epochs=1e300"), 2, "train.epochs"},
    {SET("model.dropout=1"), 2, "model.dropout|1"},
    {SET("model.dropout=-0.1"), 2, "model.dropout|-0.1"},
    {SET("model.dropout=1e999"), 2, "model.dropout"},
    {SET("model.dropout=NaN"), 2, "model.dropout"},
    {SET("model.embedding=65537"), 2, "model.embedding|65536"},
    {SET("model.encoder.layers=17"), 2, "model.encoder.layers|16"},
    {SET("train.shards=65"), 2, "train.shards|64"},
    {SET("train.optimizer.lr=0"), 2, "train.optimizer.lr"},
    {SET("train.ema=1"), 2, "train.ema: 1|below 1"},
    {SET("train.start_from=none.safetensors"), 1, "train.start_from|none.safetensors|No such file"},
    {SET("train.start_from=t.src"), 1, "train.start_from|t.src"},
    {SET("train.start_from=model/m.state.safetensors"), 1, "m.state.safetensors|a training state"},
    {SET("train.start_from=model/m.safetensors --set model.encoder.hidden=4 --set vocab.source.tokenizer=char "
         "--set vocab.target.size=9"),
     2,
     "train.start_from is model/m.safetensors|model.encoder.hidden: 8 became 4|vocab.source.tokenizer: \"word\" became "
     "\"char\"|vocab.target.size: 0 became 9"},
    {SET("train.start_from=x.safetensors --set train.model=x.safetensors"), 2,
     "train.start_from|train.model|elsewhere"},
    {NULL,
     "$A train c.json --overwrite --set train.start_from=model/m.safetensors --set "
     "train.model=model/../model/m.safetensors",
     2, "train.start_from is model/m.safetensors|replace|elsewhere"},
    {"cp model/m.safetensors n.step-00000005.safetensors",
     "$A train c.json --set train.start_from=n.step-00000005.safetensors --set train.model=n.safetensors", 2,
     "train.start_from is n.step-00000005.safetensors|remove|elsewhere"},
    {SET("train.start_from=model/m.safetensors --set data.embeddings.target=t.src"), 2,
     "train.start_from is|t.src|leave one"},
    {SET("data.embeddings.source=none"), 1, "none|No such file"},
    {"echo a 1 2 3 > x", "$A train c.json --set data.embeddings.source=x", 1,
     "x:1: a word and 3 numbers|model.embedding"},
    {SET("train.optimizer.lr=1e-300"), 2, "train.optimizer.lr is 1e-300|single precision"},
    {SET("train.optimizer.beta1=0.99999999999"), 2, "train.optimizer.beta1 is 0.99999999999|say 0.9"},
    {SET("train.optimizer.beta2=0.99999999999"), 2, "train.optimizer.beta2 is 0.99999999999|say 0.999"},
    {SET("train.optimizer.epsilon=1e-40"), 2, "train.optimizer.epsilon is 1e-40|say 1e-8"},
    {SET("train.optimizer.clip_norm=1e-60"), 2, "train.optimizer.clip_norm is 1e-60|0 for off"},
    {SET("vocab.source.size=4"), 2, "vocab.source.size|5"},
    {SET("translate.beam_size=1001"), 2, "translate.beam_size|1000"},
    {SET("model.encoder.cell=lsmt"), 2, "model.encoder.cell|lsmt|lstm"},
    {SET("model.attention.scope=hard"), 2, "model.attention.scope|hard|local_p"},
    {SET("train.seed=-1"), 2, "train.seed"},
    /* Combinations. */
    {SET("model.attention.score=dot"), 2, "model.attention.score|model.decoder.hidden"},
    {SET("model.tie_embeddings=all"), 2, "model.tie_embeddings|vocab.shared"},
    {SET("model.tie_embeddings=target --set model.embedding=9"), 2, "model.tie_embeddings|model.embedding"},
    {SET("model.decoder.init=copy"), 2, "model.decoder.init"},
    {CONFIG("{" DATA ",\"train\":{\"batch_tokens\":9,\"batch_size\":9}}"), "$A train c.json", 2,
     "train.batch_tokens|train.batch_size"},
    {CONFIG("{\"data\":{\"train\":{\"source\":\"t.src\",\"target\":\"t.tgt\",\"tsv\":\"t.tsv\"},\"valid\":{\"tsv\":"
            "\"v\"}}}"),
     "$A train c.json", 2, "data.train.tsv|data.train.source"},
    {CONFIG("{}"), "$A train c.json", 2, "data.train"},
    {CONFIG("{\"data\":{\"train\":{\"source\":\"t.src\",\"target\":\"t.tgt\"}}}"), "$A train c.json", 2, "data.valid"},
    /* --set itself. */
    {SET("seed"), 2, "seed|KEY=VALUE"},
    {SET("trian.seed=1"), 2, "trian|train"},
    {SET("train.seed.x=1"), 2, "train.seed.x|\"train.seed\" has no keys"},
    {SET("=1"), 2, "--set"},
    {SET("''"), 2, "--set"},
    /* Files that cannot be read. */
    {NULL, "$A train none.json", 1, "none.json|No such file"},
    {NULL, "$A train .", 1, "."},
    {"chmod 000 c.json", "./attn train c.json", 1, "c.json|Permission denied"},
};

static const BadRow lines[] = {
    {NULL, "$A", 2, "no command|--help"},
    {NULL, "$A ''", 2, "\"\": unknown"},
    {NULL, "$A trian c.json", 2, "trian|did you mean|train"},
    {NULL, "$A --hlep", 2, "did you mean \"--help\"?"},
    {NULL, "$A frobnicate", 2, "frobnicate|unknown command"},
    {NULL, "$A train", 2, "CONFIG.json|--help"},
    {NULL, "$A train c.json d.json", 2, "d.json"},
    {NULL, "$A train c.json --quite", 2, "--quite|--quiet"},
    {NULL, "$A train c.json --log", 2, "--log"},
    {NULL, "$A train c.json --quiet=yes", 2, "--quiet"},
    {NULL, "$A train c.json --threads 0", 2, "--threads|0"},
    {NULL, "$A train c.json --threads two", 2, "--threads|two"},
    {NULL, "$A train c.json --threads ''", 2, "--threads"},
    {NULL, "$A train c.json -x", 2, "-x"},
    {NULL, "$A config --schema c.json", 2, "--schema"},
    {NULL, "$A evaluate accuray v.src v.src", 2, "accuray|accuracy"},
    {NULL, "$A evaluate accuracy v.src", 2, "REFERENCE"},
};

START_TEST(config) { bad_check(&configs[_i], _i); }
END_TEST

START_TEST(line) { bad_check(&lines[_i], _i); }
END_TEST

Suite *test_system_config(void);
Suite *test_system_config(void) {
  Suite *s = suite_create("system: configs and command lines");
  TCase *t = tcase_create("bad");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, config, 0, sizeof configs / sizeof *configs);
  tcase_add_loop_test(t, line, 0, sizeof lines / sizeof *lines);
  suite_add_tcase(s, t);
  return s;
}
