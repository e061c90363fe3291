/* What would fill any memory is refused, with the line that asks for it, before it is worked on. */
#include <check.h>
#include <stddef.h>

#include <stdbool.h>
#include <string.h>

#include "bad.h"
#include "session.h"

#define MODEL " -m model/m.safetensors "
#define RATIO "translate.max_length_ratio=1e300"
/* A line of so many tokens in x. */
#define LONG(n) "yes a | head -" #n " | tr '\\n' ' ' > x; echo >> x"
/* A model whose config has the ratio. */
#define WITH_RATIO                                                                         \
  "$A train c.json --quiet --set train.epochs=1 --set translate.max_length_ratio=1000 && " \
  "sed 's/max_length_ratio\\\\\":1000/max_length_ratio\\\\\":1e30/' out/m.safetensors > bad; rm -r out"

static const BadRow rows[] = {
    {LONG(100000), "$A score" MODEL "x x", 1, "x:1: 100000 source and 100000 target tokens|67108864 weights"},
    {LONG(100001) "; echo a > y", "$A score" MODEL "x y", 1, "x:1: 100001 source tokens|100000"},
    {LONG(100001) "; echo a > y", "$A score" MODEL "y x", 1, "y:1: 100001 target tokens|100000"},
    {NULL, "$A translate" MODEL "--max-length-ratio 1e300 < v.src", 1,
     "standard input:1: |1e+300|--max-length-ratio|100000"},
    {NULL, "$A translate" MODEL "--sample --max-length-ratio 1e300 < v.src", 1, "standard input:1: |1e+300"},
    {WITH_RATIO, "$A translate -m bad < v.src", 1, "standard input:1: |1e+30|--max-length-ratio"},
    {LONG(100001), "$A translate" MODEL "--max-length 1000000000 < x", 1,
     "standard input:1: 100001 source tokens|--max-length"},
    {LONG(50000), "$A translate" MODEL "--max-length 1000000000 < x", 1, "standard input:1: |100000"},
    {LONG(20000), "$A translate" MODEL "--max-length 20000 --alignments y.jsonl < x", 1,
     "standard input:1: |5 hypotheses of 40010|14.9 GB with their alignments"},
    {LONG(20000), "$A translate" MODEL "--max-length 20000 --set translate.coverage_penalty=1 < x", 2, "--set"},
    {LONG(20000), "$A translate" MODEL "--max-length 20000 --coverage-penalty 1 < x", 1,
     "14.9 GB with their alignments"},
    {NULL, "$A train c.json --quiet --set " RATIO, 1, "v.src:1: |1e+300|100000"},
    {NULL, "$A compare c.json --vary train.seed=1 -o o --quiet --set " RATIO " > /dev/null; s=$?; rm -r o; exit $s", 1,
     "v.src:1: |1e+300|100000"},
    {NULL, "$A bench c.json --set " RATIO, 1, "v.src:1: |1e+300|100000"},
    {WITH_RATIO, "$A bench c.json --model bad", 1, "pair 1: |1e+30|100000"},
    {NULL, "$A bench --lengths 10000,10000", 2, "--lengths|67108864"},
    {LONG(20000) "; cat x >> v.src; cat x >> v.tgt", "$A train c.json --quiet", 1, "v.src:21: 20000 source and 20000"},
    {LONG(20000) "; cat x >> t.src; cat x >> t.tgt", "$A train c.json --quiet --set data.max_length=20000", 1,
     "t.src:301: 20000 source and 20000"},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

/* What is allowed is done: a ratio without meaning costs a sure model nothing, and long lines go through. */
static const BadRow allowed[] = {
    {LONG(3000), "$A translate" MODEL "--max-length 100000 --beam-size 1 --max-length-ratio 0.01 < x > y", 0, ""},
    {LONG(100000) "; echo a > y", "$A score" MODEL "x y > z", 0, ""},
};

START_TEST(good) { bad_check_warning(&allowed[_i], _i, ""); }
END_TEST

/* ---- Short address space. */

/* Whatever there is: a run ends, done or with a message and status 1. */
static const char *const runs[] = {
    "$A translate" MODEL "--threads 3 < v.src",
    "$A score" MODEL "v.src v.tgt",
    "$A train c.json --quiet --set train.model=new/m --set train.epochs=1 --set train.threads=2",
    "$A average -o new/a model/m.safetensors model/m.safetensors",
    "$A info model/m.safetensors",
    "$A bench none.json",
};

/* Libraries that break down where they get no memory; FINE sizes, from where the program itself is loaded. */
static const char *const drawing[] = {"$A heatmap l.csv -o new.png", "$A heatmap l.csv -o new.pdf",
                                      "$A heatmap l.csv -o new.svg"};
enum { N_DRAWINGS = sizeof drawing / sizeof *drawing, FINE = 14, FINE_FIRST = 62, FINE_STEP = 4 };

enum { N_RUNS = sizeof runs / sizeof *runs, FIRST = 40, STEP = 35, N_SIZES = 20 };

static bool ended_well(const Ran *ran) {
  if (ran->status == 0) return true;
  if (ran->status == 127) return strstr(str_text(&ran->said), "loading shared libraries") != NULL;
  return ran->status <= 2 && strstr(str_text(&ran->said), "attn-seq2seq: ") != NULL;
}

/* A sanitizer's own address space is larger than any of these. */
static bool can_be_short(void) {
  Ran ran = session_run(bad_base(), "ulimit -v 1000000 && $A --version");
  bool can = ran.status == 0;
  session_end(&ran);
  return can;
}

/* Runs the lines with so many megabytes. */
static void run_short(const char *const *lines, int n, int megabytes) {
  if (!can_be_short()) return;
  for (int r = 0; r < n; r++) {
    Str line = {0};
    str_addf(&line, "ulimit -v %d && timeout -s KILL 30 %s", 1024 * megabytes, lines[r]);
    Ran ran = session_run(bad_base(), line.at);
    ck_assert_msg(ended_well(&ran), "%s\nended with status %d and said:\n%.2000s", line.at, ran.status,
                  str_text(&ran.said));
    session_end(&ran);
    str_free(&line);
    session_must(bad_base(), "rm -rf new*");
  }
}

START_TEST(every_run_ends) { run_short(runs, N_RUNS, FIRST + STEP * _i); }
END_TEST

START_TEST(every_drawing_ends) {
  session_must(bad_base(), "[ -f l.csv ] || $A translate" MODEL "--alignments l.csv < v.src > /dev/null");
  run_short(drawing, N_DRAWINGS, FINE_FIRST + FINE_STEP * _i);
}
END_TEST

/* The threads of the library for matrix products would be there from the start. */
START_TEST(no_thread_is_started_unasked) {
  static const char *const among[] = {"", "env -i", "env -i OPENBLAS_VERBOSE=0", "env -i OPENBLAS_NUM_THREADS=7"};
  Str line = {0};
  str_addf(&line, "mkfifo pipe; %s $A translate" MODEL, among[_i]);
  str_addf(&line, "%s",
           "--threads 1 < pipe & exec 3> pipe; echo a >&3; for i in 1 2 3 4 5 6 7 8 9; do cat /proc/$!/comm; "
           "grep ^Threads: /proc/$!/status; sleep 0.1; done | sort | uniq; exec 3>&-; wait; rm pipe");
  Ran ran = session_run(bad_base(), str_text(&line));
  str_free(&line);
  ck_assert_msg(strstr(str_text(&ran.out), "Threads:\t1\n") != NULL, "%s", str_text(&ran.out));
  ck_assert_msg(strstr(str_text(&ran.out), "Threads:\t2\n") == NULL, "%s", str_text(&ran.out));
  session_end(&ran);
}
END_TEST

/* The entry that tells the library so is the only one. */
START_TEST(the_environment_comes_back) {
  session_must(bad_base(), "echo a | env -i ATTN_SEQ2SEQ_MODEL=model/m.safetensors $A translate");
}
END_TEST

Suite *test_system_limits(void);
Suite *test_system_limits(void) {
  Suite *s = suite_create("system: limits");
  TCase *t = tcase_create("limits");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  tcase_add_loop_test(t, every_run_ends, 0, N_SIZES);
  tcase_add_loop_test(t, every_drawing_ends, 0, FINE);
  tcase_add_loop_test(t, no_thread_is_started_unasked, 0, 4);
  tcase_add_test(t, the_environment_comes_back);
  tcase_add_loop_test(t, good, 0, sizeof allowed / sizeof *allowed);
  suite_add_tcase(s, t);
  return s;
}
