/* evaluate and align through the program: what they print, what they warn of, what they refuse. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static void set_up(void) {
  scratch_open(&scratch);
  session_must(
      str_text(&scratch.folder),
      "printf '0-0 1-1\\n0-0 1-2 2-1\\n' > h; sed 's/\\([0-9]\\)-\\([0-9]\\)/\\2-\\1/g' h > turned; "
      "printf '1-1 2-2\\n1-1 2-3 3-2\\n' > one; printf '0001 1 1 S\\n0001 2 2 S\\n0002 1 1 S\\n0002 2 3 S\\n0002 3 2 "
      "P\\n' > naacl; "
      "printf '0-0 1-1 2-2\\n0-0 1-2 2-1 3-3\\n' > marian; printf 'a b\\nc d e\\n' > s; printf 'v w\\nx y z\\n' > t; "
      "printf '0-1 1-0 2-0\\n' > f; printf '1-0 0-1 0-2\\n' > r; printf '0-1 1-0 2-0\\n' > r-st; "
      "printf 'The cat sat .\\nthe  dog\\nA bird\\nYes .\\n' > out; printf 'the cat sat .\\nthe dog\\na  bird\\nNo "
      ".\\n' > ref; "
      "printf 'die Katze .\\nder Hund\\nein Vogel\\nNo .\\n' > src; printf 'x\\ny\\nx\\nx\\n' > few; printf "
      "'x\\nx\\nx\\nz\\n' > few.out");
}

static void tear_down(void) { scratch_close(&scratch); }

#define RIGHT "aer = 0.00\nprecision = 100.00\nrecall = 100.00\n"

/* Warnings and errors are parts; "" when nothing may be said. */
static const struct {
  const char *line;
  int status;
  const char *out, *said;
} runs[] = {
    /* Gold links from 1, in several forms. */
    {"$A evaluate aer h one --from-1", 0, RIGHT, ""},
    {"$A evaluate aer h one | head -1", 0, "aer = 80.00\n", "5 would be if those of one counted from 1: say --from-1"},
    {"$A evaluate aer h one > /dev/null", 0, "",
     "one: position 0 occurs in none of its 5 links: if they count from 1, say --from-1"},
    {"$A evaluate aer one h > /dev/null", 0, "",
     "5 would be if those of one counted from 1: `attn-seq2seq align --from-1"},
    {"$A align --from-1 one | $A evaluate aer - h", 0, RIGHT, ""},
    {"$A evaluate aer h one --source s --target t", 1, "", "one:1: the link 2-2 is outside its pair"},
    {"$A evaluate aer h one --source s --target t --from-1", 0, RIGHT, ""},
    {"$A evaluate aer h naacl", 0, RIGHT, ""},
    {"head -2 naacl > n; $A evaluate aer h n > /dev/null", 0, "", "n: its last sentence is 1 of 2"},
    {"(cat naacl; echo 0003 1 1 S) > n; $A evaluate aer h n", 1, "", "h: 2 lines, n: 3 lines"},
    {"cat t t > tt; $A evaluate aer h h --source s --target tt", 1, "", "s has 2 lines, but tt has 4"},
    {"cat s s > ss; cat t t > tt; $A evaluate aer h h --source ss --target tt", 1, "", "h: 2 lines, ss: 4 lines"},
    {"$A evaluate aer marian h --source s --target t", 0, RIGHT,
     "marian: 2 links of </s>, as Marian writes them, are left out"},
    {"$A evaluate aer marian h > /dev/null", 0, "", "every line of marian ends with a link that is beyond all of h"},
    {"printf '\\n\\n' > none; $A evaluate aer h none | head -1", 0, "aer = 100.00\n", ""},
    /* Sides turned round. */
    {"$A evaluate aer f r > /dev/null", 0, "",
     "2 of the links of f are in r, but turned round, target first, 3 would be"},
    {"$A align --turn r | $A evaluate aer f -", 0, RIGHT, ""},
    {"$A align f r --method intersection", 0, "0-1 1-0 2-0\n", ""},
    {"$A align f r-st --method intersection > x", 0, "",
     "f and r-st have 2 links in common, but would have 3 if the links of r-st stood source first: say "
     "--source-target"},
    {"$A align f r-st --source-target --method intersection", 0, "0-1 1-0 2-0\n", ""},
    {"$A align f r --source-target > x", 0, "", "if the links of r stood target first: leave out --source-target"},
    {"echo 9-9 > far; $A align f far", 0, "0-1 1-0 9-9\n", "f and far have only 0 of 1 links in common"},
    /* Other forms become Pharaoh links. */
    {"$A align naacl", 0, "0-0 1-1\n0-0 1-2 2?1\n", ""},
    {"$A align marian --source s --target t", 0, "0-0 1-1\n0-0 1-2 2-1\n", "left out"},
    {"$A align h naacl", 1, "0-0 1-1\n", "naacl:5: 2?1: only a reference has possible links"},
    {"$A align h --source-target", 2, "", "--source-target is about REVERSE"},
    {"$A align h --source s", 2, "", "--source and --target go together"},
    {"$A align f r --method grow", 0, "0-1 1-0 2-0\n", ""},
    {"$A align f r --method grow-diag-final", 0, "0-1 1-0 2-0\n", ""},
    /* Options that say nothing about the metric. */
    {"$A evaluate bleu out ref --from-1", 2, "", "--from-1 and --target are for aer alone"},
    {"$A evaluate aer h h --baselines", 2, "", "not for aer"},
    {"$A evaluate aer h h --source s", 2, "", "go together"},
    {"$A evaluate bleu out ref --source src", 2, "", "--source is for --references, --baselines or --worst"},
    /* Case or blanks alone. */
    {"$A evaluate accuracy out ref", 0, "accuracy = 0.00\n",
     "out: lines of 4 that differ from their reference by little: 1 by case alone (--lowercase compares in lower "
     "case), 1 by blanks alone, 1 by case and blanks"},
    {"$A evaluate accuracy out ref --lowercase", 0, "accuracy = 25.00\n", "by little: 2 by blanks alone"},
    {"$A evaluate wer out ref", 0, "wer = 30.00\n", "by little: 1 by case alone"},
    {"$A evaluate wer ref ref", 0, "wer = 0.00\n", ""},
    /* Another system; the sign has a name, p is never nought. */
    /* No right line is drawn: 1/2 to the power of 4. */
    {"$A evaluate accuracy few few.out --against src --samples 4000 | sed 's/= 0.0[56]..)/= 0.06)/'", 0,
     "accuracy = 50.00\naccuracy of src = 0.00 (few - src = +50.00: few is better, p = 0.06)\n", ""},
    {"$A evaluate accuracy few few --against src --samples 50", 0,
     "accuracy = 100.00\naccuracy of src = 0.00 (few - src = +100.00: few is better, p < 0.02)\n", ""},
    {"$A evaluate wer few few --against src --samples 500", 0,
     "wer = 0.00\nwer of src = 225.00 (few - src = -225.00: few is better, p < 0.002)\n", ""},
    {"$A evaluate wer src few --against few --samples 500", 0,
     "wer = 225.00\nwer of few = 0.00 (src - few = +225.00: few is better, p < 0.002)\n", ""},
    {"$A evaluate wer few few --against few --samples 500", 0,
     "wer = 0.00\nwer of few = 0.00 (few - few = +0.00: no difference, p = 1.0000)\n", ""},
    {"$A evaluate accuracy few few --against src --samples 50 --json", 0,
     "{\"accuracy\":100,\"accuracy_against\":0,\"accuracy_difference\":100,\"accuracy_p\":0.02,\"accuracy_p_is_below\":"
     "true}\n",
     ""},
    /* Baselines. */
    {"$A evaluate accuracy few.out few --baselines --source src", 0,
     "accuracy = 50.00\naccuracy of the source copied = 0.00\n"
     "accuracy of the most frequent reference = 75.00 (\"x\", 3 times on 4 lines)\n",
     ""},
    {"$A evaluate accuracy src ref --baselines --source src", 0,
     "accuracy = 25.00\naccuracy of the source copied = 25.00\n", "no reference occurs twice"},
    {"$A evaluate accuracy few.out few --baselines --json", 0,
     "{\"accuracy\":50,\"accuracy_most_frequent\":75,\"most_frequent_reference\":\"x\",\"most_frequent_count\":3}\n",
     ""},
    /* Lines. */
    {"$A evaluate accuracy,wer few.out few --sentences - ", 0,
     "line\taccuracy\twer\n1\t100\t0\n2\t0\t100\n3\t100\t0\n4\t0\t100\naccuracy = 50.00\nwer = 50.00\n", ""},
    {"$A evaluate accuracy few few --against few.out --sentences x.tsv > y; cat x.tsv", 0,
     "line\taccuracy\taccuracy_against\n1\t100\t100\n2\t100\t0\n3\t100\t100\n4\t100\t0\n", ""},
    {"$A evaluate accuracy few.out few --worst 1 --source src", 0,
     "accuracy = 50.00\nthe worst line by accuracy:\nline 2: accuracy = 0.00\n  source      der Hund\n"
     "  hypothesis  x\n  reference   y\n",
     ""},
    {"$A evaluate wer few.out few --worst 2 | grep line", 0,
     "the 2 worst lines by wer:\nline 2: wer = 100.00\nline 4: wer = 100.00\n", ""},
    {"$A evaluate wer few.out few --worst 1 --json", 0,
     "{\"wer\":50,\"worst\":[{\"line\":2,\"scores\":{\"wer\":100},\"hypothesis\":\"x\",\"reference\":\"y\"}]}\n", ""},
    {"$A evaluate aer h one --from-1 --sentences - --width 1", 0,
     "line\taer\n1\t0.0\n2\t0.0\naer = 0.0\nprecision = 100.0\nrecall = 100.0\n", ""},
    {"mkdir d; $A evaluate accuracy few few --sentences d", 1, "", "d: "},
    {"$A evaluate bleu src out --tokenize zh > x; grep -c tok:zh x", 0, "1\n", ""},
    {"$A heatmap x.csv --from-1 -o x.svg", 2, "", "--from-1 is about --gold"},
    {"printf ',a,b,</s>\\nx,1,0,0\\n</s>,0,0,1\\n' > m.csv; head -1 one > g; $A heatmap m.csv --gold g -o x.html", 0,
     "", "position 0 occurs in none"},
    {"printf ',a,b,</s>\\nx,1,0,0\\n</s>,0,0,1\\n' > m.csv; echo 1-1 > g; $A heatmap m.csv --gold g -o x.html --from-1",
     0, "", ""},
};
enum { N_RUNS = sizeof runs / sizeof *runs };

START_TEST(lines) {
  Ran ran = session_run(str_text(&scratch.folder), runs[_i].line);
  ck_assert_msg(ran.status == runs[_i].status, "%s: status %d: %s", runs[_i].line, ran.status, str_text(&ran.said));
  ck_assert_msg(strcmp(str_text(&ran.out), runs[_i].out) == 0, "%s printed %s", runs[_i].line, str_text(&ran.out));
  if (runs[_i].said[0] == '\0') ck_assert_msg(ran.said.n == 0, "%s said %s", runs[_i].line, str_text(&ran.said));
  else
    ck_assert_msg(strstr(str_text(&ran.said), runs[_i].said) != NULL, "%s said %s", runs[_i].line, str_text(&ran.said));
  session_end(&ran);
}
END_TEST

Suite *test_system_evaluate(void);
Suite *test_system_evaluate(void) {
  Suite *s = suite_create("system: evaluate");
  TCase *t = tcase_create("evaluate");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, lines, 0, N_RUNS);
  suite_add_tcase(s, t);
  return s;
}
