/* score through the program: sums of a text, n-best lists ranked anew. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;
static const char *folder;

/* One model for all tests; order is all that it must know of it. */
static void set_up(void) {
  scratch_open(&scratch);
  folder = str_text(&scratch.folder);
  session_corpus(folder);
  session_must(folder,
               "$A train c.json --quiet --set train.epochs=1 && mv out/m.safetensors m && "
               "$A translate -m m --n-best 3 < v.src > n");
}

static void tear_down(void) { scratch_close(&scratch); }

/* Columns of a list of at most two features: line, text, value of the last feature, score. */
#define COLUMNS "sed 's/ ||| /|/g' | awk -F'|' '{n = split($3, f, \" \"); print $1 \"|\" $2 \"|\" f[n] \"|\" $4}'"

static const struct {
  const char *line;
  int status;
  const char *out, *said; /* out exactly, a part of what was said */
} runs[] = {
    /* The sums are those of the lines, the tokens those of the text with its ends. */
    {"$A score -m m v.src v.tgt | awk '{s += $1} END {printf \"%.3f\\n\", s}' > a; "
     "$A score -m m v.src v.tgt --summary > b; awk '/log P/ {printf \"%.3f\\n\", $4}' b | diff a -; "
     "test \"$(awk '{n += NF + 1} END {print n}' v.tgt)\" = \"$(awk '/tokens/ {print $3}' b)\" && "
     "awk '/tokens/ {n = $3} /log P/ {s = $4} /perplexity/ {d = $3 / exp(-s / n); print (d > .9999 && d < 1.0001), "
     "NR}' b",
     0, "1 5\n", ""},
    {"$A score -m m v.src v.tgt --summary --format jsonl | tr ',' '\\n' | sed 's/:[0-9.-]*[0-9]/:N/'", 0,
     "{\"pairs\":N\n\"tokens\":N\n\"unknown\":N\n\"logprob\":N\n\"perplexity\":N}\n", ""},
    {"sed 's/[a-h]/zz/' v.tgt > z; $A score -m m v.src z --summary | sed -n 3p", 0, "unknown = 20\n", ""},
    {": > e; $A score -m m e e --summary", 1, "", "e: no lines"},
    {"$A score -m m v.src v.tgt --summary --alignments l.txt > x; wc -l < l.txt", 0, "20\n", ""},
    /* Of one head the alignment is all there is; pictures are drawn from such a file as from any. */
    {"$A score -m m --attention all --format jsonl v.src v.tgt > o; $A score -m m --alignments p.jsonl v.src v.tgt > "
     "x; "
     "sed 's/,\"attention\":\\[.*/}/' o | diff - p.jsonl; sed 's/.*\"alignment\":\\(.*\\),\"source_unknown.*/\\1/' o > "
     "a; "
     "sed 's/.*\"attention\":\\[{\"layer\":1,\"head\":1,\"weights\":\\(.*\\)}\\]}$/\\1/' o | diff a -; "
     "$A translate -m m --attention all --alignments q.jsonl < v.src > y; $A heatmap q.jsonl -o q.html && "
     "grep -c '\"attention\":\\[{\"layer\":1,\"head\":1,' q.jsonl",
     0, "20\n", ""},
    /* What the model's own search printed: one more feature of the same value, the same scores. */
    {"$A score -m m v.src --n-best n > o; sed 's/ F1= [^ ]*//' o | diff n - && awk '{print ($6 == \"F1=\")}' o | sort "
     "-u > u;" COLUMNS " < o > p; " COLUMNS " < n | diff - p && wc -l < p",
     0, "60\n", ""},
    {"$A score -m m v.src --n-best n --batch-size 1 > o; $A score -m m v.src --n-best n --threads 3 | diff o -", 0, "",
     ""},
    /* Ranked anew, whatever the order was. */
    {"$A score -m m v.src --n-best n > o; awk '{l[NR % 3] = $0} NR % 3 == 0 {print l[0]; print l[2]; print l[1]}' n | "
     "tee r | $A score -m m v.src --n-best - | diff o - && $A score -m m v.src --n-best r --batch-size 1 | diff o -",
     0, "", ""},
    {"$A translate -m m --n-best 3 --length-penalty 0 --coverage-penalty 0.3 < v.src > c; "
     "$A score -m m v.src --n-best c --length-penalty 0 --coverage-penalty 0.3 > o; " COLUMNS " < o > p; " COLUMNS
     " < c | diff - p",
     0, "", ""},
    /* Lists of others: features of any name, lines without entries, bars in the text, empty text. */
    {"printf '1 ||| a ||| b ||| LM0= -3 WordPenalty0= -2 ||| -9\\n1 |||  ||| F3= 1 2 ||| 0\\n3 ||| c |||  ||| 1e-3\\n' "
     "> l; "
     "$A score -m m v.src --n-best l | sed 's/= -[0-9.]* ||| -[0-9.]*$/= P/' | sort",
     0, "1 |||  ||| F3= 1 2 F4= P\n1 ||| a ||| b ||| LM0= -3 WordPenalty0= -2 F0= P\n3 ||| c ||| F0= P\n",
     "l: no entry of 18 of the 20 lines of v.src: is it the list of this text, whole?"},
    {": > l; $A score -m m v.src --n-best l", 0, "", "l: no entry of 20 of the 20 lines of v.src"},
    {"$A score -m m v.src --n-best n 2>&1 > o | grep entry", 1, "", ""},
    /* What is no list of this text. */
    {"echo '0 ||| a' > l; $A score -m m v.src --n-best l", 1, "", "l:1: \"0 ||| a\" is no entry of an n-best list"},
    {"echo '0 ||| a ||| F0= x ||| 1' > l; $A score -m m v.src --n-best l", 1, "", "l:1: "},
    {"echo '0 ||| a ||| F0= 1 ||| 0-0' > l; $A score -m m v.src --n-best l", 1, "", "l:1: "},
    {"echo '0 ||| a ||| 5 ||| 0' > l; $A score -m m v.src --n-best l", 1, "", "l:1: "},
    {"echo '0 ||| a ||| d: 0 -2 ||| 0' > l; $A score -m m v.src --n-best l | sed 's/= -[0-9].*//'", 0,
     "0 ||| a ||| d: 0 -2 F0\n", "no entry of 19 of the 20"},
    {"echo 'x ||| a ||| F0= 1 ||| 0' > l; $A score -m m v.src --n-best l", 1, "", "l:1: "},
    {"printf '0 ||| a ||| F0= 1 ||| 0\\na\\n' > l; $A score -m m v.src --n-best l", 1, "", "l:2: \"a\" is no entry"},
    {"echo '20 ||| a ||| F0= 1 ||| 0' > l; $A score -m m v.src --n-best l", 1, "",
     "l:1: line 20, counted from 0, but v.src has 20 lines"},
    {"(tail -1 n; head -1 n) > l; $A score -m m v.src --n-best l", 1, "", "l:2: line 0 after line 19"},
    {"$A score -m m v.src --n-best none", 1, "", "none: "},
    {"$A score -m m v.src v.tgt --n-best n", 2, "", "either --n-best or TARGET"},
    {"$A score -m m v.src --n-best n --summary", 2, "", "--n-best prints a list"},
    {"$A score -m m - --n-best -", 2, "", "only one of the files can be standard input"},
    {"$A score -m m v.src", 2, "", "TARGET is missing"},
    {"$A score -m m v.src --n-best n > /dev/full", 1, "", "No space"},
};
enum { N_RUNS = sizeof runs / sizeof *runs };

START_TEST(lines) {
  for (int i = 0; i < N_RUNS; i++) {
    Ran ran = session_run(folder, runs[i].line);
    ck_assert_msg(ran.status == runs[i].status, "%s: status %d: %s", runs[i].line, ran.status, str_text(&ran.said));
    ck_assert_msg(strcmp(str_text(&ran.out), runs[i].out) == 0, "%s printed %s", runs[i].line, str_text(&ran.out));
    ck_assert_msg(strstr(str_text(&ran.said), runs[i].said) != NULL, "%s said %s", runs[i].line, str_text(&ran.said));
    session_end(&ran);
  }
}
END_TEST

Suite *test_system_score(void);
Suite *test_system_score(void) {
  Suite *s = suite_create("system: score");
  TCase *t = tcase_create("score");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_test(t, lines);
  suite_add_tcase(s, t);
  return s;
}
