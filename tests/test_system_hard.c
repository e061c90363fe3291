/* Hard attention through the program: the same bytes for any number of threads and after any interruption, what is
 * found scores as it was found, ensembles, averages, comparison, what is refused and what a damaged state says. */
#include <check.h>

#include "scratch.h"
#include "session.h"

#define HARD "--set model.attention.focus=hard "
#define SMALL "--quiet --set train.epochs=6 --set train.shards=2 --set train.keep=2 " HARD

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

static const char *const kinds[] = {
    "",
    "--set model.attention.hard.baseline=soft --set model.attention.hard.inference=sample --set "
    "model.attention.score=additive --set model.attention.scope=local_p --set train.accumulate=2",
    "--set model.attention.hard.estimator=marginal --set model.attention.hard.inference=marginal --set "
    "model.attention.hard.top=2 --set model.decoder.cell=cgru",
    "--set model.attention.hard.estimator=gumbel --set model.attention.flow=bahdanau --set train.ema=0.9",
    "--set model.attention.hard.estimator=straight_through --set model.decoder.cell=lstm --set train.average=2",
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* The script with the settings of a kind in $s. */
static void run_kind(int kind, const char *script) {
  Str line = {0};
  str_addf(&line, "s='" SMALL "%s'; %s", kinds[kind], script);
  run(str_text(&line));
  str_free(&line);
}

START_TEST(threads_do_not_matter) {
  run_kind(_i, "for n in 1 4; do $A train c.json $s --threads $n; mv out $n; done; diff -r 1 4 >&2");
}
END_TEST

START_TEST(killed_and_resumed_is_the_same) {
  run_kind(_i,
           "$A train c.json $s; mv out ref; $A train c.json $s & until test -s out/m.state.safetensors; "
           "do sleep 0.01; done; kill -9 $! || true; wait $! || true; $A train c.json $s --resume; "
           "diff -r ref out >&2; $A train c.json $s --set train.model=a.safetensors --set train.epochs=2; "
           "$A train c.json $s --set train.model=a.safetensors --set train.epochs=6 --resume; "
           "cmp a.safetensors a.state.safetensors && exit 1; "
           "for f in a out/m; do $A translate -m $f.safetensors < v.src; done | sort | uniq -c | "
           "awk '$1 % 2 { exit 1 }'");
}
END_TEST

/* Alone and in a batch, as an entry of a list and as a pair that is given. */
START_TEST(found_as_scored) {
  run_kind(_i,
           "$A train c.json $s; $A translate -m out/m.safetensors -b 4 --n-best 4 --length-penalty 0 --format jsonl "
           "< v.src > o; test $(wc -l < o) -ge 60; sed 's/.*\"text\":\"\\([^\"]*\\)\".*/\\1/' o > text; "
           "sed 's/{\"id\":\\([0-9]*\\).*/\\1/' o | while read i; do sed -n \"$((i + 1))p\" v.src; done > src; "
           "sed 's/.*\"score\":\\([-0-9.]*\\).*/\\1/' o > score; $A score -m out/m.safetensors src text > again; "
           "paste score again | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-3) exit 1 }'; "
           "$A translate -m out/m.safetensors --batch-size 1 < v.src > one; $A translate -m out/m.safetensors "
           "--batch-size 20 < v.src > all; diff one all >&2; $A translate -m out/m.safetensors -b 1 < v.src > one; "
           "$A translate -m out/m.safetensors -m out/m.safetensors -b 1 < v.src > two; diff one two >&2");
}
END_TEST

static const char *const scripts[] = {
    /* The log tells how one-celled rows are. */
    "$A train c.json " SMALL "--log l; grep -q '\"entropy\":' l; $A train c.json " SMALL
    "--set model.attention.hard.estimator=marginal --overwrite --log l; ! grep -q '\"entropy\":' l",
    /* The baseline is of the state. */
    "$A train c.json " SMALL
    "; grep -aq 'baseline..:-' out/m.state.safetensors; sed -i "
    "'s/\\\\\"baseline\\\\\":-/\\\\\"baselino\\\\\":-/' out/m.state.safetensors; $A train c.json " SMALL
    "--set train.epochs=7 --resume 2> said && exit 1; grep -q 'no `baseline`: damaged' said",
    "$A train c.json " SMALL
    "--set model.attention.hard.baseline=soft; ! grep -aq 'baseline..:-' "
    "out/m.state.safetensors",
    /* Others have none of all this. */
    "$A train c.json --quiet; ! grep -aq hard out/m.safetensors; ! grep -aq hard out/m.state.safetensors; "
    "! grep -aq baseline out/m.state.safetensors",
    "$A compare c.json --quiet --set train.epochs=1 " HARD
    "--vary model.attention.hard.estimator=reinforce,marginal,gumbel,straight_through -o d; "
    "test \"$(cut -f 1 d/table.tsv | tail -n +2 | tr '\\n' ' ')\" = 'reinforce marginal gumbel straight_through '",
    "$A train c.json " SMALL
    "--set model.decoder.type=transformer 2> said && exit 1; test $? = 2 || exit 1; "
    "grep -q 'set model.decoder.type to \"rnn\"' said",
    "$A config --schema > x; for k in estimator reward entropy expectation baseline top temperature inference; do "
    "grep -q \"\\\"$k\\\"\" x; done",
    /* What was looked at in every form; of the expectation, or of two models, there is no one position. */
    "$A train c.json " SMALL
    "--set model.attention.hard.inference=sample; $A translate -m out/m.safetensors "
    "--alignments a.jsonl --heatmaps h --show < v.src > shown; test $(grep -c '\"chosen\":\\[[0-9]' a.jsonl) = 20; "
    "grep -q '^\\* looked at' shown; grep -q '\"a\":\\[[0-9]' h/index.html; "
    "$A heatmap a.jsonl --text -o x.svg 2> no || grep -q 'without Pango' no; "
    "test ! -e x.svg || grep -q 'looked at' x.svg; $A heatmap a.jsonl --sentence 2 | grep -q '\\*'; "
    "$A translate -m out/m.safetensors --alignments b.jsonl < v.src > y; cmp a.jsonl b.jsonl; "
    "$A translate -m out/m.safetensors -m out/m.safetensors --alignments a.jsonl < v.src > y; ! grep -q chosen "
    "a.jsonl; "
    "$A train c.json " SMALL
    "--set train.model=e.safetensors --set model.attention.hard.inference=expectation; "
    "$A translate -m e.safetensors --alignments a.jsonl < v.src > y; ! grep -q chosen a.jsonl",
    /* Another look than the config's, of all members; it goes by nothing else. */
    "$A train c.json " SMALL "; $A train c.json " SMALL
    "--set train.model=s.safetensors --set "
    "model.attention.hard.inference=sample; for i in sample argmax; do for m in out/m s; do $A translate -m "
    "$m.safetensors --inference $i < v.src; $A score -m $m.safetensors --inference $i v.src v.tgt; done > $i; done; "
    "for i in sample argmax; do head -n 40 $i > x; tail -n 40 $i > y; diff x y >&2; done; cmp sample argmax && exit 1; "
    "for i in '-m out/m.safetensors -m s.safetensors --inference sample' '-m s.safetensors -m s.safetensors'; do "
    "$A score $i v.src v.tgt; done > x; head -n 20 x > y; tail -n 20 x | diff - y >&2; $A train c.json --quiet --set "
    "train.model=o.safetensors; $A translate -m o.safetensors --inference sample < v.src 2> said > x; grep -q "
    "'model.attention.hard.inference has no effect' said; $A translate -m o.safetensors < v.src | diff - x >&2",
    /* A soft member takes nothing of it from the hard ones, wherever it stands. */
    "$A train c.json --quiet --set train.model=o.safetensors; $A train c.json " SMALL "; $A train c.json " SMALL
    "--set train.model=s.safetensors --set model.attention.hard.inference=sample; "
    "$A score -m o.safetensors -m s.safetensors v.src v.tgt > x; for m in '-m o.safetensors -m out/m.safetensors' "
    "'-m out/m.safetensors -m o.safetensors'; do $A score $m --inference sample v.src v.tgt > y 2> said; diff x y >&2; "
    "test ! -s said; $A score $m v.src v.tgt > y; cmp -s x y && exit 1; done; true",
    /* From a soft training to a hard one, whose weights are the same; ntm has others. */
    "$A train c.json --quiet; $A train c.json --quiet --set train.epochs=1 --set train.start_from=out/m.safetensors "
    "--set train.model=h.safetensors --set model.attention.focus=hard --set model.attention.hard.reward=1; "
    "$A train c.json --quiet --set train.epochs=1 --set train.start_from=out/m.safetensors --set "
    "train.model=n.safetensors --set model.attention.focus=ntm 2> said && exit 1; grep -q 'model.attention.focus' said",
    /* Longer lists, shortened vocabularies: all words are as without. */
    "$A train c.json " SMALL
    "--set model.attention.hard.inference=marginal; for s in a b c d e f g h '</s>' '<unk>'; "
    "do for t in a b c d e f g h; do printf '%s\\t%s\\t0.1\\n' \"$s\" $t; done; done > all; "
    "$A translate -m out/m.safetensors < v.src > x; $A translate -m out/m.safetensors --shortlist all < v.src > y; "
    "diff x y >&2; test $(wc -l < y) = 20",
};

START_TEST(script) { run(scripts[_i]); }
END_TEST

Suite *test_system_hard(void);
Suite *test_system_hard(void) {
  Suite *s = suite_create("system: hard attention");
  TCase *t = tcase_create("system: hard attention");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, threads_do_not_matter, 0, N_KINDS);
  tcase_add_loop_test(t, killed_and_resumed_is_the_same, 0, N_KINDS);
  tcase_add_loop_test(t, found_as_scored, 0, N_KINDS);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
