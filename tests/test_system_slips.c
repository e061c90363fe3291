/* Slips of the command line that have an answer of their own, and what --help says where that is not what a config
 * would say. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
  session_must(folder(),
               "$A train c.json --quiet --set train.updates=2; cp out/m.safetensors m; head -19 v.tgt > short");
}
static void tear_down(void) { scratch_close(&scratch); }

static const struct {
  int status;
  const char *out, *said, *line;
} slips[] = {
    {2, "", "attn-seq2seq translate [OPTION]... < FILE", "$A translate -m m v.src"},
    {1, "", "not a safetensors file but JSON, a config perhaps", "$A translate -m c.json < v.src"},
    {1, "", "not a safetensors file but JSON, a config perhaps", "$A info c.json"},
    {2, "", "a model, where a config is wanted; attn-seq2seq info m", "$A train m"},
    {1, "", "a model, where alignments are wanted; `translate -m MODEL --alignments DIR/`", "$A heatmap m"},
    {1, "", "spread.json: JSON over several lines, a config perhaps",
     "(echo '{'; echo '}') > spread.json; $A heatmap spread.json"},
    {0, "", "100 % of the tokens are unknown to the model", "echo zz zz | $A translate -m m > /dev/null"},
    {1, "", "", "$A translate -m m < v.src 2>&1 > /dev/null | grep unknown"},
    {2, "", "would overwrite a file that is read", "cp v.src t.csv; $A translate -m m --alignments t.csv < t.csv"},
    {2, "", "evaluate: --sentences a.tsv would overwrite a file that is read",
     "cp v.src a.tsv; $A evaluate accuracy a.tsv v.src --sentences a.tsv"},
    {2, "", "evaluate: --sentences b.tsv would overwrite a file that is read",
     "cp v.src b.tsv; ln -s b.tsv l.tsv; $A evaluate accuracy - l.tsv --sentences b.tsv < v.src"},
    {2, "", "evaluate: --sentences d.tsv would overwrite a file that is read",
     "cp v.src d.tsv; $A evaluate accuracy v.src v.src --against d.tsv --sentences d.tsv"},
    {0, "", "",
     "$A evaluate accuracy v.src v.src --sentences e.tsv > /dev/null && $A evaluate accuracy v.src v.src --sentences "
     "e.tsv > /dev/null"},
    {2, "", "translate: --top-k is of --sample", "$A translate -m m --top-k 3 < v.src"},
    {2, "", "translate: --temperature is of --sample", "$A translate -m m --temperature 0.5 < v.src"},
    {2, "", "translate: --seed is of --sample", "$A translate -m m --seed 2 < v.src"},
    {2, "", "translate: --beam-size is of the search for the best, and --sample draws: leave one of them out",
     "$A translate -m m --sample -b 2 < v.src"},
    {0, "", "", "$A translate -m m --sample -b 1 < v.src > o"},
    {0, "", "", "$A translate -m m --sample --seed 2 --top-k 3 --temperature 0.5 < v.src > o"},
    {1, "", "empty: no entry of tokens that the model knows in its 0 lines",
     ": > empty; $A translate -m m --shortlist empty < v.src"},
    {1, "", "other: no entry of tokens that the model knows in its 1 lines",
     "printf 'zzz\\tzzz\\t1\\n' > other; $A translate -m m --shortlist other < v.src"},
    {1, "", "empty: no lines; there is nothing to list",
     ": > empty; $A shortlist -m m -o list empty empty; s=$?; test ! -e list || exit 3; exit $s"},
    {2, "", "score: --alignments f.csv would overwrite a file that is read",
     "cp v.tgt f.csv; $A score -m m v.src f.csv --alignments f.csv"},
    {2, "", "shortlist: -o h.tsv would overwrite a file that is read",
     "cp v.tgt h.tsv; $A shortlist -m m -o h.tsv v.src h.tsv"},
    {2, "", "shortlist: -o n would overwrite a file that is read", "cp m n; $A shortlist -m n -o n v.src v.tgt"},
    {0, "", "g: 2 of the links are of words that a.csv does not have",
     "echo a b > s; $A score -m m s s --alignments a.csv > /dev/null; echo 0-0 0-7 9-1 1-1 > g; "
     "$A heatmap a.csv --gold g -o a.html"},
    {0, "", "n: 1 of the links are of words that a.jsonl does not have",
     "head -1 v.src | $A translate -m m --n-best 3 --alignments a.jsonl > /dev/null; echo 99-0 > n; "
     "$A heatmap a.jsonl --gold n -o a.html"},
    {0, "Commands:", "", "$A help"},
    {0, "Usage: attn-seq2seq align", "", "$A help align"},
    {2, "", "did you mean \"align\"?", "$A help alig"},
    {0, "", "data.train.source and data.train.target are one file, ./t.src",
     "$A train c.json --set train.updates=1 --set train.model=w --set data.train.source=./t.src --set "
     "data.train.target=t.src"},
    {1, "", "", "$A train c.json --set train.updates=1 --set train.model=w 2>&1 | grep 'one file'"},
    {2, "", "to train with it: attn-seq2seq train c.json", "$A c.json"},
    {2, "", "did you mean \"bleu\"?", "$A evaluate BLEU v.src v.src"},
    {2, "", "one command at a time", "$A help align train"},
    {0, "REVERSE target-source", "", "$A align --help"},
    {2, "", "--beam: unknown option; did you mean --beam-size?", "$A translate -m m --beam 3 < v.src"},
    {2, "", "a model, where a config is wanted", "$A config out/m.state.safetensors"},
    {1, "", "v.src has 20 lines, but short has 19", "$A score -m m v.src short"},
    {1, "", "v.src has 20 lines, but short.gz has 19",
     "gzip short; $A score -m m v.src short.gz || (mv short.gz short; exit 1)"},
    {0, "-", "", "mkfifo f; cat v.src > f & $A score -m m f v.tgt"},
    {0, "[all cores]", "", "$A translate --help | grep threads"},
    {0, "[all cores]", "", "$A score --help | grep threads"},
    {0, "the config's train.threads", "", "$A train --help | grep threads"},
    {0, "average [OPTION]... -o OUT MODEL", "", "$A average --help | head -1"},
};

START_TEST(slip) {
  Ran ran = session_run(folder(), slips[_i].line);
  ck_assert_msg(ran.status == slips[_i].status, "%s: %d: %s", slips[_i].line, ran.status, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.said), slips[_i].said) != NULL, "%s: %s", slips[_i].line, str_text(&ran.said));
  if (slips[_i].out[0] == '\0') ck_assert_str_eq(str_text(&ran.out), "");
  ck_assert_msg(strstr(str_text(&ran.out), slips[_i].out) != NULL, "%s: %s", slips[_i].line, str_text(&ran.out));
  session_end(&ran);
}
END_TEST

Suite *test_system_slips(void);
Suite *test_system_slips(void) {
  Suite *s = suite_create("system: slips");
  TCase *t = tcase_create("slips");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_loop_test(t, slip, 0, sizeof slips / sizeof *slips);
  suite_add_tcase(s, t);
  return s;
}
