/* The file name "-": standard input or output wherever the man page says so, and a word where it cannot be; and what is
 * said of files that are not there. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

/* A tiny model m, three lines s and t, links l, a matrix a.csv. */
static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
  session_must(folder(),
               "set -e; $A train c.json --quiet --set train.epochs=1 --set train.model=m; head -3 v.src > s; "
               "head -3 v.tgt > t; printf '0-0\\n1-0\\n0-1\\n' > l; "
               "$A translate -m m --alignments a.csv < s > o; rm m.state.safetensors; paste s t > tsv");
}

static void tear_down(void) { scratch_close(&scratch); }

/* The same command with a file and with "-" gives the same: {with the file, with "-"}, what they write to `x`. */
static const char *const pairs[][2] = {
    {"$A config c.json > x", "$A config - < c.json > x"},
    {"$A score -m m s t > x", "$A score -m m - t < s > x"},
    {"$A score -m m s t > x", "$A score -m m s - < t > x"},
    {"$A align l l > x", "$A align - l < l > x"},
    {"$A align l l > x", "$A align l - < l > x"},
    {"$A shortlist -m m -o x s t", "$A shortlist -m m -o - s t > x"},
    {"$A shortlist -m m -o x s t", "$A shortlist -m m -o x - t < s"},
    {"$A average -o x m m", "$A average -o - m m > x"},
    {"$A evaluate bleu,chrf t s > x", "$A evaluate bleu,chrf - s < t > x"},
    {"$A evaluate bleu,chrf t s > x", "$A evaluate bleu,chrf t - < s > x"},
    {"$A evaluate aer l l > x", "$A evaluate aer l - < l > x"},
    {"$A evaluate bleu t t --sentences x > y", "$A evaluate bleu t t --sentences - > y; sed '/^BLEU/d' y > x"},
    {"$A heatmap a.csv > x", "$A heatmap - < a.csv > x"},
    {"$A heatmap a.csv --gold l -o x.html; mv x.html x", "$A heatmap a.csv --gold - -o x.html < l; mv x.html x"},
    {"$A train c.json --quiet --set train.epochs=1 --log x; grep -c valid x > y; mv y x",
     "$A train - --quiet --set train.epochs=1 --log - < c.json > y; grep -c valid y > x"},
    {"$A compare c.json --quiet --vary train.seed=1 --set train.epochs=1 -o d --gold v.al > y; cut -f1-6 d/table.tsv > "
     "x",
     "$A compare c.json --quiet --vary train.seed=1 --set train.epochs=1 -o d --gold - < v.al > y; "
     "cut -f1-6 d/table.tsv > x"},
};

START_TEST(as_a_file) {
  Str line = {0};
  str_addf(&line,
           "set -e; for i in $(seq 20); do echo 0-0; done > v.al; (%s); mv x want; rm -rf d out; "
           "(%s); cmp want x >&2; test ! -e ./-",
           pairs[_i][0], pairs[_i][1]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

static const struct {
  const char *line;
  int status;
  const char *says;
} refused[] = {
    {"$A train c.json --set train.model=-", 2, "train.model is -: models, states and checkpoints are files"},
    {"$A train c.json --report -", 2, "--report -: the report is a page for browsers"},
    {"$A train c.json --set data.train.source=- < t.src", 2, "the config names - among its texts"},
    {"$A translate -m - < s", 2, "-: a model cannot come from standard input; name its file"},
    {"$A info - < m", 2, "-: a model cannot come from standard input"},
    {"$A average -o x m - < m", 2, "-: a model cannot come from standard input"},
    {"$A translate -m m --alignments - < s", 2, "-: the end of the path says how alignments are written"},
    {"$A translate -m m --heatmaps - < s", 2, "-: a folder cannot be standard output"},
    {"$A translate -m m --shortlist - < s", 2, "only one of the files can be standard input"},
    {"$A translate -m m --replace-unknown=- < s", 2, "only one of the files can be standard input"},
    {"$A score -m m - - < s", 2, "only one of the files can be standard input"},
    {"$A shortlist -m m -o x - - < s", 2, "only one of the files can be standard input"},
    {"$A align - - < l", 2, "only one of the files can be standard input"},
    {"$A evaluate bleu - - < l", 2, "only one of the files can be standard input"},
    {"$A heatmap - --gold - -o x.svg < l", 2, "only one of the files can be standard input"},
    {"$A heatmap a.csv -o -", 2, "heatmap: --output -: its end says what is drawn"},
    {"$A compare c.json --vary train.seed=1 -o -", 2, "-: a folder cannot be standard output"},
    {"$A compare - --vary train.seed=1 -o d < c.json", 2, "give a file instead of -"},
    {"$A toy copy -", 2, "-: a folder cannot be standard output"},
    /* What is not there, with the next step. */
    {"$A train c.json --set data.train.source=data/en-fr/train.src", 1,
     "data/en-fr/train.src: cannot open: No such file or directory; attn-seq2seq toy en-fr data/en-fr makes it"},
    {"$A train c.json --set data.valid.target=x/numbers-zh/valid.tgt", 1, "toy numbers-zh x/numbers-zh makes it"},
    {"$A train c.json --set data.train.source=copy/train.src", 1, "; attn-seq2seq toy copy copy makes it"},
    {"mkdir -p data/prepare; touch data/prepare/multi30k.sh; $A train c.json --set data.train.source=data/multi30k/a",
     1,
     "data/multi30k/a: cannot open: No such file or directory; data/prepare/multi30k.sh DIR makes it of what was "
     "downloaded to DIR"},
    {"mkdir -p d/prepare; touch d/prepare/eng-fra.sh; $A compare c.json --vary train.seed=1 -o x --set "
     "data.train.source=d/eng-fra/a",
     1, "d/prepare/eng-fra.sh DIR makes it"},
    {"$A train c.json --set data.train.source=data/multi30k/a", 1,
     "data/multi30k/a: cannot open: No such file or directory; relative paths start from the working directory\n"},
    {"$A train c.json --set data.valid.target=$PWD/a/train.src", 1,
     "a/train.src: cannot open: No such file or directory\n"},
    {"$A train c.json --set data.valid.target=a", 1,
     "data.valid.target: a: cannot open: No such file or directory; relative paths start from the working directory\n"},
};

/* Every config of models/ says how its corpus is made where there is none; in a build without SentencePiece those that
 * need it say that first. */
START_TEST(shipped_configs_say_how_their_corpus_is_made) {
  session_must(
      folder(),
      "set -e; R=${A%/build/*}; mkdir -p data; rm -rf data/prepare; cp -r $R/data/prepare data; n=0; "
      "for f in $R/models/*.json; do n=$((n+1)); if $A train $f --set train.model=none 2> said; then exit 1; fi; "
      "grep -q -e '; attn-seq2seq toy [a-z-]* data/' -e '; data/prepare/[a-z0-9-]*.sh DIR' -e 'built without the "
      "SentencePiece library' said; done; test $n -gt 9");
}
END_TEST

START_TEST(is_refused) {
  Ran ran = session_run(folder(), refused[_i].line);
  ck_assert_msg(ran.status == refused[_i].status, "%s: status %d: %s", refused[_i].line, ran.status,
                str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.said), refused[_i].says) != NULL, "%s: %s", refused[_i].line, str_text(&ran.said));
  session_end(&ran);
  session_must(folder(), "test ! -e ./- -a ! -e ./-.state.safetensors");
}
END_TEST

Suite *test_system_standard(void);
Suite *test_system_standard(void) {
  Suite *s = suite_create("system: standard input and output");
  TCase *t = tcase_create("standard");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, as_a_file, 0, sizeof pairs / sizeof *pairs);
  tcase_add_loop_test(t, is_refused, 0, sizeof refused / sizeof *refused);
  tcase_add_test(t, shipped_configs_say_how_their_corpus_is_made);
  suite_add_tcase(s, t);
  return s;
}
