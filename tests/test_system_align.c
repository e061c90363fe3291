/* Attention that follows given links, and alignments of two directions, through the program. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

static Scratch scratch;

/* In session_corpus's folder the targets are the sources reversed: their links are known. */
#define LINKS(of)                                                                                                      \
  "awk '{s = \"\"; for (i = 0; i < NF; i++) s = s (i ? \" \" : \"\") i \"-\" (NF - 1 - i); print s}' " of ".src > " of \
  ".al; "
#define TRAIN "$A train c.json --log log --quiet --overwrite "
#define GUIDED TRAIN "--set data.train.alignment=t.al "
/* What does not depend on the clock. */
#define UPDATES(log) \
  "grep '\"update\"' " log " | sed 's/\"seconds\":[0-9.e+-]*//; s/\"target_tokens_per_s\":[0-9.e+-]*//'"

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
  session_must(str_text(&scratch.folder), LINKS("t") LINKS("v"));
}

static void tear_down(void) { scratch_close(&scratch); }

static const char *folder(void) { return str_text(&scratch.folder); }

static double error_rate(const char *line) {
  Str text = {0};
  str_addf(&text,
           "set -e; %s; $A score -m out/m.safetensors v.src v.tgt --alignments got.txt > scores; "
           "$A evaluate aer got.txt v.al",
           line);
  Ran ran = session_run(folder(), str_text(&text));
  ck_assert_msg(ran.status == 0, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  const char *at = strstr(str_text(&ran.out), "aer = ");
  ck_assert_ptr_nonnull(at);
  double rate = strtod(at + 6, NULL);
  session_end(&ran);
  str_free(&text);
  return rate;
}

static const char *const losses[] = {"cross_entropy", "mse"};

/* In so few updates attention finds nothing of itself. */
START_TEST(attention_follows) {
#define QUICK "--set train.epochs=3 --set train.optimizer.lr=0.02 --set model.dropout=0 "
  Str line = {0};
  str_addf(&line, GUIDED QUICK "--set train.guided_alignment.weight=2 --set train.guided_alignment.loss=%s",
           losses[_i]);
  double alone = error_rate(TRAIN QUICK), guided = error_rate(str_text(&line));
  ck_assert_double_ge(alone, 30);
  ck_assert_double_le(guided, 10);
  session_must(folder(), "test $(grep -c alignment_loss log) = $(grep -c '\"update\"' log)");
  str_free(&line);
}
END_TEST

/* A Transformer's attention too: of one head, whose weights are the alignment, whether it is of the word that a row
 * writes or of the one that it reads; in a search for lists the same head, and with a GRU their mean. */
#define TRANSFORMER                                                                                         \
  "--set model.encoder.type=transformer --set model.decoder.type=transformer --set model.encoder.layers=1 " \
  "--set model.decoder.layers=2 --set model.heads=2 --set model.embedding=16 --set train.epochs=6 "         \
  "--set train.optimizer.lr=0.02 --set model.dropout=0 "
#define ALIGNED "sed 's/.*\"alignment\":\\(.*\\),\"source_unknown.*/\\1/' "
#define FIRST_HEAD "sed 's/.*\"attention\":\\[{\"layer\":1,\"head\":1,\"weights\":\\([^{]*\\)},{.*/\\1/' "
static const char *const aligned[] = {"--set model.attention.aligns=written ", "--set model.attention.aligns=read "};

START_TEST(a_transformer_follows) {
  Str alone = {0}, guided = {0};
  str_addf(&alone, TRAIN TRANSFORMER "%s", aligned[_i]);
  str_addf(&guided, GUIDED TRANSFORMER "--set train.guided_alignment.weight=2 %s", aligned[_i]);
  double before = error_rate(str_text(&alone)), after = error_rate(str_text(&guided));
  ck_assert_double_ge(before, 25);
  ck_assert_double_le(after, 15);
  session_must(folder(),
               "$A translate -m out/m.safetensors -b 3 --n-best 2 --attention all --alignments a.jsonl < v.src > "
               "o; " ALIGNED "a.jsonl > x; " FIRST_HEAD "a.jsonl > y; test $(wc -l < x) = 40 && diff x y >&2");
  str_clear(&alone);
  str_addf(&alone, "mv out one; " TRAIN "--set train.epochs=1 %s", aligned[_i]);
  session_must(folder(), str_text(&alone));
  session_must(folder(),
               "for m in one out; do $A score -m $m/m.safetensors v.src v.tgt --alignments $m.csv > o; done; "
               "$A score -m one/m.safetensors -m out/m.safetensors v.src v.tgt --alignments both.csv > o");
  session_must(folder(),
               "paste -d, one.csv out.csv both.csv | awk -F, 'NR > 1 {d = ($6 + $12) / 2 - $18; n++; if (d > "
               "1e-6 || d < -1e-6) bad = 1} END {exit bad || n < 100}'");
  str_free(&alone);
  str_free(&guided);
}
END_TEST

/* Any number of threads, stopped in the middle of a line of the log and resumed. */
START_TEST(same_bytes) {
#define EVERY "--set train.validate_every=6 "
  session_must(folder(), GUIDED EVERY "--threads 1 && mv out one && " UPDATES("log") " > one.log");
  session_must(folder(), GUIDED EVERY "--threads 3 --set train.updates=6 && " GUIDED EVERY
                                      "--threads 2 --resume && diff -r out one >&2 && " UPDATES("log") " > two.log");
  session_must(folder(), "test -s one.log && diff one.log two.log >&2");
}
END_TEST

START_TEST(weight_nought_is_off) {
  session_must(folder(), "rm t.al && " GUIDED "--set train.guided_alignment.weight=0 && ! grep -q alignment_loss log");
}
END_TEST

/* Links that have changed are another corpus. */
START_TEST(other_links_cannot_go_on) {
  session_must(folder(), GUIDED "--set train.epochs=1");
  session_must(folder(), "sed 's/0-[0-9]* //' t.al > x && mv x t.al");
  Ran ran = session_run(folder(), GUIDED "--set train.epochs=2 --resume");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_msg(strstr(str_text(&ran.said), "t.al") != NULL, "%s", str_text(&ran.said));
  session_end(&ran);
}
END_TEST

START_TEST(pieces) {
  if (sentencepiece_missing() != NULL) return;
  session_must(folder(),
               "for f in t.src t.tgt v.src v.tgt; do sed 's/\\([a-h]\\)/\\1xy/g' $f > y; mv y $f; done; " GUIDED
               "--set vocab.source.tokenizer=sentencepiece --set vocab.source.size=16 "
               "--set vocab.target.tokenizer=sentencepiece --set vocab.target.size=20 "
               "--set vocab.target.sampling=0.3 && grep -q alignment_loss log");
}
END_TEST

/* ---- The command align. */

static const struct {
  const char *line;
  int status;
  const char *out, *said; /* out exactly, a part of what was said */
} runs[] = {
    {"$A align f r", 0, "0-0 0-1 2-2\n\n", ""},
    {"$A align f r --method grow-diag-final-and", 0, "0-0 0-1 2-2\n\n", ""},
    {"$A align f r --method grow-diag", 0, "0-0 0-1\n\n", ""},
    {"$A align f r --method=intersection", 0, "0-0\n\n", ""},
    {"$A align f r --method union", 0, "0-0 0-1 2-2\n\n", ""},
    {"$A align - r < f", 0, "0-0 0-1 2-2\n\n", ""},
    {"$A align none r", 1, "", "none: "},
    {"$A align f none", 1, "", "none: "},
    {"$A align f long", 1, "0-0 0-1 2-2\n\n", "f: 2 lines, long: 3 lines"},
    {"$A align long r", 1, "0-0 0-1 1-0\n\n", "long: 3 lines, r: 2 lines"},
    {"$A align f bad", 1, "", "bad:1: \"0\" is not a link"},
    {"$A align possible r", 1, "", "possible:1: 0?0"},
    {"$A align - -", 2, "", "only one"},
    {"$A align f r --method grown", 2, "", "grow-diag"},
    {"$A align f r > /dev/full", 1, "", "No space"},
};

START_TEST(align) {
  session_must(
      folder(),
      "printf '0-0 2-2\\n\\n' > f; printf '0-0 1-0\\n\\n' > r; printf '0-0 1-0\\n\\n\\n' > long; echo 0 > bad; "
      "printf '0?0\\n\\n' > possible");
  Ran ran = session_run(folder(), runs[_i].line);
  ck_assert_msg(ran.status == runs[_i].status, "%s: status %d: %s", runs[_i].line, ran.status, str_text(&ran.said));
  ck_assert_str_eq(str_text(&ran.out), runs[_i].out);
  ck_assert_msg(strstr(str_text(&ran.said), runs[_i].said) != NULL, "%s said %s", runs[_i].line, str_text(&ran.said));
  session_end(&ran);
}
END_TEST

Suite *test_system_align(void);
Suite *test_system_align(void) {
  Suite *s = suite_create("system: alignments");
  TCase *t = tcase_create("align");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, attention_follows, 0, sizeof losses / sizeof *losses);
  tcase_add_loop_test(t, a_transformer_follows, 0, 2);
  tcase_add_test(t, same_bytes);
  tcase_add_test(t, weight_nought_is_off);
  tcase_add_test(t, other_links_cannot_go_on);
  tcase_add_test(t, pieces);
  tcase_add_loop_test(t, align, 0, sizeof runs / sizeof *runs);
  suite_add_tcase(s, t);
  return s;
}
