/* Damaged and foreign models, states and alignments, through the program. */
#include <check.h>
#include <stddef.h>

#include "bad.h"

#define TRANSLATE "$A translate -m bad < v.src"
#define INFO "$A info bad"
/* A model whose header is said to be of another length. */
#define WITH_LENGTH(bytes) "{ printf '" bytes "'; tail -c +9 model/m.safetensors; } > bad"
/* A proper file of another program. */
#define FOREIGN                                                          \
  "{ printf '\\100\\0\\0\\0\\0\\0\\0\\0'; printf '%-64s' "               \
  "'{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}'; " \
  "printf aaaa; } > bad"

#define RESUME "mkdir out; cp model/* out; "
#define GO_ON "$A train c.json --resume --quiet"

/* A model that reads four tokens. */
#define SHORT "--set model.attention.score=location --set data.max_length=4 "
#define LOCATION "$A train c.json --quiet " SHORT "--set train.epochs=1 && "

static const BadRow models[] = {
    {NULL, TRANSLATE, 1, "bad: cannot open: No such file"},
    {NULL, INFO, 1, "bad: cannot open: No such file"},
    {NULL, "$A translate < v.src", 1, "models/model.safetensors|No such file"},
    {NULL, "ATTN_SEQ2SEQ_MODEL=none $A translate < v.src", 1, "none: cannot open"},
    {": > bad", TRANSLATE, 1, "bad: |empty"},
    {"mkdir bad", TRANSLATE, 1, "bad: "},
    {"head -c 5 model/m.safetensors > bad", TRANSLATE, 1, "bad: |shorter than 8"},
    {"head -c 300 model/m.safetensors > bad", TRANSLATE, 1, "bad: "},
    {"head -c 9000 model/m.safetensors > bad", TRANSLATE, 1, "bad: |cut short"},
    {"cat model/m.safetensors t.src > bad", TRANSLATE, 1, "bad: |belong to no tensor"},
    {WITH_LENGTH("\\377\\377\\377\\377\\377\\377\\377\\177"), TRANSLATE, 1, "bad: "},
    {WITH_LENGTH("\\377\\377\\377\\377\\377\\377\\377\\377"), INFO, 1, "bad: "},
    {WITH_LENGTH("\\0\\0\\0\\0\\0\\0\\0\\0"), TRANSLATE, 1, "bad: "},
    {WITH_LENGTH("\\020\\0\\0\\0\\0\\0\\0\\0"), TRANSLATE, 1, "bad: "},
    {"sed 's/seq2seq 1/seq2seq 9/' model/m.safetensors > bad", TRANSLATE, 1, "bad: |attn-seq2seq 9"},
    {"sed 's/\"F32\"/\"F33\"/' model/m.safetensors > bad", INFO, 1, "bad: |F33"},
    {"sed 's/data_offsets/data_0ffsets/' model/m.safetensors > bad", TRANSLATE, 1, "bad: "},
    {"sed 's/decoder.output.bias/decoder.output.pias/' model/m.safetensors > bad", TRANSLATE, 1,
     "bad: |decoder.output.bias"},
    {"sed 's/source_vocab/source_vocap/' model/m.safetensors > bad", TRANSLATE, 1, "bad: |source_vocab"},
    {"sed 's/hidden\\\\\":8/hidden\\\\\":9/' model/m.safetensors > bad", TRANSLATE, 1, "bad: "},
    {"sed 's/hidden\\\\\":8/hidden\\\\\":0/' model/m.safetensors > bad", INFO, 1, "bad: |hidden"},
    {"sed 's/layers\\\\\":1/layers\\\\\":9/' model/m.safetensors > bad", "$A score -m bad v.src v.tgt", 1, "bad: "},
    {"sed 's/<\\/s>/<\\/t>/' model/m.safetensors > bad", TRANSLATE, 1, "bad: source_vocab|entry 2"},
    {"sed 's/\"general/\"location/' model/m.safetensors > bad", TRANSLATE, 1, "bad: "},
    {"cp c.json bad", TRANSLATE, 1, "bad: |not a safetensors file"},
    {"gzip -c model/m.safetensors > bad", INFO, 1, "bad: "},
    {FOREIGN, TRANSLATE, 1, "bad: |not a model of attn-seq2seq"},
    {FOREIGN, "$A average -o new bad bad", 1, "bad: |not a model of attn-seq2seq"},
    {"cp model/m.state.safetensors bad", TRANSLATE, 1, "bad: |training state"},
    {"cp model/m.safetensors bad; chmod 000 bad", "./attn translate -m bad < v.src", 1, "bad: |Permission denied"},
    /* Several models. */
    {"$A train c.json --quiet --set model.embedding=4 --set train.epochs=1 && mv out/m.safetensors bad && rm -r out",
     "$A average -o new model/m.safetensors bad", 1, "bad"},
    {"sed 's/ h/ i/' t.tgt > x; $A train c.json --quiet --set data.train.target=x --set train.epochs=1 && "
     "mv out/m.safetensors bad && rm -r out",
     "$A translate -m model/m.safetensors -m bad < v.src", 1, "bad|vocabular"},
    {"cp model/m.safetensors bad", "$A average -o new/deep/file model/m.safetensors bad", 1, "new/deep"},
    {"head -c 9000 model/m.safetensors > bad", "$A average -o new model/m.safetensors bad", 1, "bad: "},
    {"head -c 9000 model/m.safetensors > bad", "$A average -o model/m.safetensors model/m.safetensors bad", 1, "bad: "},
    {"cp model/m.safetensors bad", "$A average model/m.safetensors bad", 2, "-o"},
    {NULL, "$A average -o new model/m.safetensors", 2, "MODEL MODEL"},
    /* Training states. */
    {RESUME "head -c 9000 model/m.state.safetensors > out/m.state.safetensors", GO_ON, 1,
     "out/m.state.safetensors: |cut short"},
    {RESUME "cp model/m.safetensors out/m.state.safetensors", GO_ON, 1,
     "out/m.state.safetensors: |not a training state"},
    {RESUME ": > out/m.state.safetensors", GO_ON, 1, "out/m.state.safetensors: "},
    {RESUME "sed 's/\\\\\"epoch\\\\\":4/\\\\\"epoch\\\\\":-/' model/m.state.safetensors > "
            "out/m.state.safetensors",
     GO_ON, 1, "out/m.state.safetensors: "},
    {RESUME "echo a >> t.src; echo a >> t.tgt", GO_ON, 1, "t.src: has changed|t.tgt: has changed"},
    {RESUME, GO_ON " --set train.batch_size=8", 2, "train.batch_size|16|8"},
    {RESUME, GO_ON " --set data.max_length=8", 2, "data.max_length|100|8"},
    /* Pairs to score, outputs to measure, alignments to draw. */
    {"head -19 v.tgt > x", "$A score -m model/m.safetensors v.src x >y; s=$?; rm y; exit $s", 1, "v.src|x|20|19"},
    {NULL, "$A score -m model/m.safetensors v.src none", 1, "none: cannot open"},
    {NULL, "$A score -m model/m.safetensors v.src", 2, "TARGET is missing|SOURCE TARGET"},
    {LOCATION "mv out/m.safetensors bad && rm -r out; echo a b c d e > x", "$A score -m bad x x", 1,
     "x:1: 5 source tokens|4 (model.attention.max_positions)"},
    {LOCATION "mv out/m.safetensors bad && rm -r out; echo a b c d e > x; echo '0 ||| a ||| F0= -1 ||| -1' > y",
     "$A score -m bad x --n-best y", 1, "x:1: 5 source tokens|4 (model.attention.max_positions)"},
    {"for i in 1 2; do echo a b c d e; done > x",
     "$A train c.json " SHORT "--set data.valid.source=x --set data.valid.target=x", 1,
     "x and x: no pair can be used|2 are longer than 4 source tokens; allow longer ones "
     "(model.attention.max_positions)"},
    {"$A train c.json --quiet " SHORT
     "--set train.epochs=1 --set translate.max_length=50 && mv out/m.safetensors bad && "
     "rm -r out; for i in 1 2; do echo a b c d e; done > x",
     "$A bench c.json --model bad --set data.valid.source=x --set data.valid.target=x", 1,
     "x and x: no pair can be used|2 are longer than 4 source tokens; allow longer ones "
     "(model.attention.max_positions)"},
    {"head -19 v.tgt > x", "$A evaluate accuracy x v.tgt", 1, "x: 19|v.tgt: 20"},
    {": > x", "$A evaluate accuracy x x", 1, "x|no lines"},
    {NULL, "$A evaluate aer v.tgt v.tgt", 1, "v.tgt:1"},
    {NULL, "$A heatmap none.csv", 1, "none.csv"},
    {NULL, "$A heatmap v.tgt", 1, "v.tgt"},
    {"printf ',a,b\\nx,1\\n' > x.csv", "$A heatmap x.csv", 1, "x.csv"},
    {": > x.csv", "$A heatmap x.csv", 1, "x.csv"},
    {NULL, "$A bench none.json", 1, "none.json"},
    {NULL, "$A bench c.json --model none", 1, "none"},
    {NULL, "$A bench --lengths 0,5", 2, "--lengths|0,5"},
    {NULL, "$A toy revers x", 2, "revers|reverse"},
    {NULL, "$A toy numbers-en x --n 99999999", 2, "numbers-en|99999999"},
    {NULL, "$A toy copy x --n 0", 2, "--n|0"},
};

START_TEST(bad) { bad_check(&models[_i], _i); }
END_TEST

Suite *test_system_model(void);
Suite *test_system_model(void) {
  Suite *s = suite_create("system: models");
  TCase *t = tcase_create("bad");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, bad, 0, sizeof models / sizeof *models);
  suite_add_tcase(s, t);
  return s;
}
