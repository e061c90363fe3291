/* Which pairs are trained on, which are validated on, and what outputs are measured against, through the program. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

static Scratch scratch;

/* Updates and validations, without what depends on the clock. */
#define EVENTS(of, to)                                                                                          \
  "grep -v '\"start\"' " of " | sed 's/\"seconds\":[0-9.e+-]*//; s/\"target_tokens_per_s\":[0-9.e+-]*//' > " to \
  " && "                                                                                                        \
  "grep -q '\"event\":\"update\"' " to " && grep -q '\"event\":\"valid\"' " to " && rm -r " of " out && "
#define TRAIN \
  "$A train c.json --overwrite --quiet --set train.epochs=2 --set train.log_every=1 --set train.early_stop=0 "
#define PIECES                                                                             \
  " --set vocab.source.tokenizer=sentencepiece --set vocab.target.tokenizer=sentencepiece" \
  " --set vocab.source.size=20 --set vocab.target.size=20"

static const char *const tokenizers[] = {"", " --set vocab.source.tokenizer=char --set vocab.target.tokenizer=char",
                                         PIECES};
enum { N_TOKENIZERS_TRIED = sizeof tokenizers / sizeof *tokenizers };

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
}

static void tear_down(void) { scratch_close(&scratch); }

static const char *folder(void) { return str_text(&scratch.folder); }

static bool can(const char *options) { return options != tokenizers[2] || sentencepiece_missing() == NULL; }

/* Runs line with $T being a choice of tokenizers. */
static void must(const char *options, const char *line) {
  Str text = {0};
  str_addf(&text, "T='%s'; %s", options, line);
  session_must(folder(), str_text(&text));
  str_free(&text);
}

static void expect(const char *line, int status, const char *words) {
  Ran ran = session_run(folder(), line);
  ck_assert_msg(ran.status == status, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.said), words) != NULL, "%s said\n%s", line, str_text(&ran.said));
  session_end(&ran);
}

/* Every fifth pair held out, as awk takes them apart. */
#define TAKE_APART "for s in src tgt; do awk 'NR % 5 == 0' t.$s > held.$s; awk 'NR % 5' t.$s > rest.$s; done && "
#define HELD "--set data.valid.source=held.src --set data.valid.target=held.tgt "

START_TEST(every_fifth_pair_is_held_out) {
  if (!can(tokenizers[_i])) return;
  must(tokenizers[_i], TAKE_APART TRAIN
       "$T --log l " HELD "--set data.train.source=rest.src --set data.train.target=rest.tgt && " EVENTS("l", "want")
           TRAIN "$T --log l --set data.valid.split=5 && " EVENTS(
               "l", "got") "cmp want got && paste t.src t.tgt | gzip > t.gz && " TRAIN
                           "$T --log l --set data.valid.split=5 --set data.train.tsv=t.gz && " EVENTS(
                               "l", "got") "cmp want got");
}
END_TEST

START_TEST(the_first_pairs_are_trained_on) {
  if (!can(tokenizers[_i])) return;
  must(tokenizers[_i],
       TAKE_APART "for s in src tgt; do head -n 100 rest.$s > few.$s; done && " TRAIN "$T --log l " HELD
                  "--set data.train.source=few.src --set data.train.target=few.tgt && " EVENTS("l", "want") TRAIN
       "$T --log l --set data.valid.split=5 --set data.train.pairs=100 && " EVENTS("l", "got") "cmp want got");
}
END_TEST

START_TEST(parts_go_on_exactly) {
  must("", TRAIN "--set data.valid.split=3 --set data.train.pairs=90 && mv out whole && " TRAIN
                 "--set data.valid.split=3 --set data.train.pairs=90 --set train.epochs=1 && " TRAIN
                 "--set data.valid.split=3 --set data.train.pairs=90 --resume && diff -r whole out >&2");
  expect(TRAIN "--set data.valid.split=3 --set data.train.pairs=91 --resume", 2, "data.train.pairs: 90 became 91");
  expect(TRAIN "--set data.valid.split=4 --set data.train.pairs=90 --resume", 2, "data.valid.split: 3 became 4");
}
END_TEST

/* Links keep to their pairs when others are passed over. */
START_TEST(links_of_parts) {
  must("", "for f in t rest; do " TAKE_APART
           "awk '{s = \"\"; for (i = 0; i < NF; i++) s = s (i ? \" \" : \"\") i \"-\" (NF - 1 - i); print s}' "
           "$f.src > $f.al || exit 1; done && " TRAIN "--log l " HELD
           "--set data.train.source=rest.src --set data.train.target=rest.tgt --set data.train.alignment=rest.al && "
           "grep -q '\"links\":{\"links\":[0-9]*,\"pairs\":240}' l && "
           EVENTS("l", "want") TRAIN "--log l --set data.valid.split=5 --set data.train.alignment=t.al && "
           EVENTS("l", "got") "cmp want got && "
           "$A train c.json --set train.epochs=1 --set data.train.pairs=7 --set data.train.alignment=t.al 2> said && "
           "grep -q 'links: [0-9]* in 7 of 7 training pairs' said");
}
END_TEST

START_TEST(parts_that_are_not_there) {
  expect("$A train c.json --set data.valid.split=1", 2, "data.valid.split: 1 is not an integer from 2");
  expect("$A train c.json --set data.valid.split=301", 1,
         "t.src and t.tgt: 300 lines only, so that no pair is held out as number 301 (data.valid.split)");
  expect("$A train c.json --set train.epochs=1 --set data.train.pairs=301", 0,
         "data.train.pairs is 301, but there are only 300 pairs to train on");
  session_write(folder(), "both.json", "{\"data\":{\"train\":{\"tsv\":\"t\"},\"valid\":{\"tsv\":\"v\",\"split\":9}}}");
  expect("$A train both.json", 2, "data.valid.split is 9 and data.valid.tsv is \"v\"");
  session_write(folder(), "none.json", "{\"data\":{\"train\":{\"tsv\":\"t\"}}}");
  expect("$A train none.json", 2, "or with data.valid.split a part of the training text");
}
END_TEST

/* All variants of a learning curve are measured on the pairs that are held out of the whole text. */
START_TEST(a_learning_curve) {
  must("", TAKE_APART
       "$A compare c.json --quiet -o curve --vary data.train.pairs=20,240 --set data.valid.split=5 "
       "--set train.epochs=1 > table && "
       "for n in 20 240; do cut -f 1,4 curve/table.tsv | grep \"^$n\" > got; "
       "$A score -m curve/pairs=$n/model.safetensors held.src held.tgt | "
       "awk -v n=$(wc -w < held.tgt) -v p=$n '{s -= $1} END {printf \"%d\\t%.4f\\n\", p, s / (n + NR)}' > want; "
       "cmp want got || { cat want got >&2; exit 1; }; done");
}
END_TEST

/* ---- The third column of a list of Anki's. */

START_TEST(licences_are_left_out) {
  must("", "paste t.src t.tgt > two && awk '{print $0 \"\\tCC-BY 2.0 (France) Attribution: tatoeba.org #\" NR}' two > three && "
           TRAIN "--log l --set data.train.tsv=two && " EVENTS("l", "want") "$A train c.json --overwrite --set train.epochs=2 "
           "--set train.log_every=1 --set train.early_stop=0 --log l --set data.train.tsv=three 2> said && "
           EVENTS("l", "got") "cmp want got && "
           "test $(grep -c 'three: the third column, which names a licence, is left out (from line 1 on)' said) = 1 && "
           "$A train c.json --overwrite --set data.valid.split=9 --set data.train.tsv=three 2> said && test $(grep -c licence said) = 1");
  session_write(folder(), "other", "a\tb\tc\n");
  expect(TRAIN "--set data.train.tsv=other", 1,
         "other:1: 2 tabs; a line is the source, exactly one tab, and the target");
  session_write(folder(), "other", "1\ta\t2\tb\tCC0 1.0\n");
  expect(TRAIN "--set data.train.tsv=other", 1, "other:1: 4 tabs");
}
END_TEST

/* ---- What an output is measured against. */

/* The same references, with blanks that no output can have, or in the case that the model was told to drop. */
static const char *const respelled[] = {"sed 's/ /  /; s/^/ /; s/$/ \\t/; s/ \\([a-h]\\)/\\t\\1/'",
                                        "sed y/abcdefgh/ABCDEFGH/"};

static void same_metrics(const char *options, int how, const char *metric) {
  Str line = {0};
  str_addf(&line,
           "rm -rf *.cmp && %s v.tgt > odd.tgt && ! cmp -s v.tgt odd.tgt && for v in v odd; do " TRAIN
           "$T --set train.epochs=12 --set train.optimizer.lr=0.02 --set train.metric=%s --log l "
           "--set vocab.target.lowercase=true --set data.valid.target=$v.tgt && " EVENTS("l", "$v.log") "true || exit 1; "
           "$A compare c.json --quiet -o $v.cmp --vary train.seed=1,2 --set train.epochs=12 --set train.optimizer.lr=0.02 $T "
           "--set vocab.target.lowercase=true --set data.valid.target=$v.tgt --set train.metric=%s > table && "
           "cut -f 1-6 $v.cmp/table.tsv > $v.table || exit 1; done; cmp v.log odd.log && cmp v.table odd.table && "
           "! grep '\"event\":\"valid\"' v.log | tail -n 1 | grep -q '\"value\":0,'",
           respelled[how], metric, metric);
  must(options, str_text(&line));
  str_free(&line);
}

START_TEST(references_as_a_model_spells_them) {
  static const char *const metrics[] = {"accuracy", "chrf", "chrf"};
  if (!can(tokenizers[_i])) return;
  same_metrics(tokenizers[_i], 1, metrics[_i]);
  if (_i != 1) same_metrics(tokenizers[_i], 0, metrics[(_i + 1) % 3]); /* letters keep their blanks */
}
END_TEST

/* ---- Links that are hardly there. */

START_TEST(links_hardly_there) {
  must("", "awk '{print \"\"}' t.src > none.al && awk '{print NR <= 20 ? \"0-0\" : \"\"}' t.src > few.al");
  expect(TRAIN "--set data.train.alignment=none.al", 1,
         "none.al: none of the 300 training pairs has a link that attention could follow");
  expect("$A train c.json --set train.epochs=1 --set data.train.alignment=few.al", 0,
         "few.al: only 20 of 300 training pairs have links; the others teach attention nothing");
  expect("$A train c.json --overwrite --set train.epochs=1 --set data.train.alignment=few.al", 0,
         "links: 20 in 20 of 300 training pairs");
}
END_TEST

/* ---- The log. */

START_TEST(the_log_says_what_was_trained) {
  must("", TRAIN
       "--log l --set train.seed=77 && grep '\"event\":\"start\"' l > start && "
       "v=$($A --version | cut -d ' ' -f 2) && grep -q \"\\\"version\\\":\\\"$v\\\"\" start && "
       "grep -q '\"train\":{\"pairs\":300,\"empty\":0,\"long\":0,' start && "
       "grep -q '\"valid\":{\"pairs\":20,' start && grep -q '\"config\":{.*\"seed\":77' start");
}
END_TEST

/* Validation pairs that are learned by heart. */
START_TEST(sources_seen_in_training) {
  must("",
       "cat t.src | head -n 150 > half; grep -c -x -F -f half v.src > want || true; "
       "head -n 150 t.tgt > half.tgt; $A train c.json --set train.epochs=1 --set data.train.source=half "
       "--set data.train.target=half.tgt --log l 2> said && n=$(cat want) && test $n -gt 0 && "
       "grep -q \"validation: $n of 20 sources are in the training text too\" said && grep -q \"\\\"seen\\\":$n}\" l");
}
END_TEST

Suite *test_system_data(void);
Suite *test_system_data(void) {
  Suite *s = suite_create("system: data");
  TCase *t = tcase_create("system: data");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_loop_test(t, every_fifth_pair_is_held_out, 0, N_TOKENIZERS_TRIED);
  tcase_add_loop_test(t, the_first_pairs_are_trained_on, 0, N_TOKENIZERS_TRIED);
  tcase_add_test(t, parts_go_on_exactly);
  tcase_add_test(t, links_of_parts);
  tcase_add_test(t, parts_that_are_not_there);
  tcase_add_test(t, a_learning_curve);
  tcase_add_test(t, licences_are_left_out);
  tcase_add_loop_test(t, references_as_a_model_spells_them, 0, N_TOKENIZERS_TRIED);
  tcase_add_test(t, links_hardly_there);
  tcase_add_test(t, sources_seen_in_training);
  tcase_add_test(t, the_log_says_what_was_trained);
  suite_add_tcase(s, t);
  return s;
}
