/* The program as several processes that Open MPI starts: the bytes of one process, whatever ends it. Skipped, with a
 * word, where the program or the machine has no Open MPI. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ranks.h"
#include "scratch.h"
#include "session.h"
#include "text/sentencepiece.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

/* In a line, `ranks N COMMAND` starts N of them; with E=exec before it, for the background, mpirun is then $!. */
static const char STARTS[] =
    "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; "
    "ranks() { n=$1; shift; ${E-} mpirun --oversubscribe --bind-to none -n $n \"$@\"; }; ";

static Ran run(const char *line) {
  Str text = {0};
  str_addf(&text, "%s%s", STARTS, line);
  Ran ran = session_run(folder(), str_text(&text));
  str_free(&text);
  return ran;
}

static void must(const char *line) {
  Ran ran = run(line);
  ck_assert_msg(ran.status == 0, "%s\nended with status %d and said:\n%.2000s", line, ran.status, str_text(&ran.said));
  session_end(&ran);
}

static int count(const char *text, const char *word) {
  int n = 0;
  for (const char *at = text; (at = strstr(at, word)) != NULL; at++) n++;
  return n;
}

/* ---- Training. */

/* An average, several batches an update, a text metric, step files; shards that no number of ranks here divides. */
static const char TRAIN[] =
    "train c.json --quiet --set train.model=m.safetensors --set train.batch_size=16 --set train.accumulate=2 "
    "--set train.metric=bleu --set train.ema=0.9 --set train.average=2 --set train.epochs=3 ";

static const struct {
  int ranks, threads, shards;
  const char *more;
} jobs[] = {
    {2, 2, 4, ""},
    {3, 1, 7, "--set train.optimizer.weight_decay=0.01"},
    {3, 2, 2, "--set data.train.alignment=g.links --set train.guided_alignment.weight=0.3"},
    {2, 1, 4,
     "--set vocab.source.tokenizer=sentencepiece --set vocab.source.size=16 --set vocab.source.sampling=0.3 "
     "--set vocab.target.tokenizer=sentencepiece --set vocab.target.size=14 --set vocab.target.sampling=0.2"},
};

START_TEST(ranks_give_the_bytes_of_one) {
  if (strstr(jobs[_i].more, "sentencepiece") != NULL && sentencepiece_missing() != NULL) return;
  static const char *const files[] = {"m.safetensors", "m.state.safetensors", "m.step-00000020.safetensors"};
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "set -e; sed 's/.*/0-0/' t.src >g.links; mkdir one many; for d in one many; do cp *.src *.tgt *.links "
           "c.json $d; done; "
           "(cd one; $A %s %s --set train.shards=%d --threads 1); cd many; ranks %d $A %s %s --set train.shards=%d "
           "--threads %d",
           TRAIN, jobs[_i].more, jobs[_i].shards, jobs[_i].ranks, TRAIN, jobs[_i].more, jobs[_i].shards,
           jobs[_i].threads);
  must(str_text(&line));
  for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
    Str one = {0}, many = {0};
    str_addf(&one, "one/%s", files[f]);
    str_addf(&many, "many/%s", files[f]);
    session_same(folder(), one.at, many.at);
    str_free(&one);
    str_free(&many);
  }
  str_free(&line);
}
END_TEST

/* SIGUSR1 to mpirun reaches all ranks; another number of them goes on to what one that never stopped gives. */
START_TEST(another_number_goes_on) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "set -e; mkdir one many; for d in one many; do cp *.src *.tgt c.json $d; done; (cd one; $A %s "
           "--set train.epochs=12); cd many; E=exec ranks 2 $A %s --set train.epochs=12 --log l & p=$!; "
           "until [ -s m.state.safetensors ]; do sleep 0.02; done; kill -USR1 $p; s=0; wait $p || s=$?; "
           "grep -q interrupted l; ranks 3 $A %s --set train.epochs=12 --resume --log l; exit $s",
           TRAIN, TRAIN, TRAIN);
  Ran ran = run(str_text(&line));
  ck_assert_msg(ran.status == 128 + SIGUSR1, "status %d: %s", ran.status, str_text(&ran.said));
  session_same(folder(), "one/m.safetensors", "many/m.safetensors");
  session_same(folder(), "one/m.state.safetensors", "many/m.state.safetensors");
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* What differs is named, once, and nothing is written. */
static const struct {
  const char *second, *told;
} different[] = {
    {"$A train c.json --set train.seed=4", "train.seed: 1 on "},
    {"-x ATTN_SEQ2SEQ_KERNELS=plain $A train c.json", "kernels: "},
    {"sh -c 'cd other && exec $A train c.json'", "t.src: "},
};

START_TEST(different_ranks_are_refused) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "mkdir other; cp *.src *.tgt c.json other; echo a >>other/t.src; echo a >>other/t.tgt; export A; "
           "mpirun --oversubscribe -n 1 $A train c.json : -n 1 %s",
           different[_i].second);
  Ran ran = run(str_text(&line));
  ck_assert_msg(ran.status == 2, "status %d: %s", ran.status, str_text(&ran.said));
  ck_assert_msg(count(str_text(&ran.said), different[_i].told) == 1, "%s", str_text(&ran.said));
  ck_assert_ptr_nonnull(strstr(str_text(&ran.said), "(rank 1)"));
  session_end(&ran);
  session_must(folder(), "[ ! -e out/m.safetensors ] && [ ! -e other/out ]");
  str_free(&line);
}
END_TEST

/* One message, the right status; the others do not wait for ever. */
START_TEST(an_error_ends_all) {
  session_corpus(folder());
  must("$A train c.json --quiet --set train.epochs=1");
  Ran ran = run("ranks 3 $A train c.json --quiet");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_int_eq(count(str_text(&ran.said), "stands there already"), 1);
  session_end(&ran);
  ran = run("ranks 2 $A train none.json");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_int_eq(count(str_text(&ran.said), "none.json: cannot open"), 1);
  session_end(&ran);
  ran = run("ranks 2 $A train c.json --quiet --overwrite --log /dev/full");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_int_eq(count(str_text(&ran.said), "/dev/full"), 1);
  session_end(&ran);
}
END_TEST

/* The checkpoint that stands is whole. */
START_TEST(a_rank_that_dies_ends_all) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "(ranks 2 sh -c 'echo $$ >pid$OMPI_COMM_WORLD_RANK; exec $A %s --set train.epochs=9999') & p=$!; "
           "until [ -s m.state.safetensors ]; do sleep 0.02; done; kill -9 $(cat pid1); wait $p; "
           "s=$?; $A info m.safetensors >/dev/null && ranks 2 $A %s --set train.epochs=2 --resume && exit $s",
           TRAIN, TRAIN);
  Ran ran = run(str_text(&line));
  ck_assert_msg(ran.status == 128 + SIGKILL, "status %d: %s", ran.status, str_text(&ran.said));
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* ---- Translating and scoring. */

static const char *const commands[] = {
    "translate -m out/m.safetensors --batch-size 3 --n-best 2 --format jsonl --alignments a.csv <t.src",
    "translate -m out/m.safetensors --batch-size 3 --sample --seed 3 <t.src",
    "score -m out/m.safetensors --batch-size 3 --format jsonl --alignments a.csv t.src t.tgt",
    "score -m out/m.safetensors --summary t.src t.tgt",
    "score -m out/m.safetensors --n-best list t.src",
};

/* Lines are shared out and come back in order, with all that is told of them, on standard output and beside it. */
START_TEST(lines_come_in_order) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "set -e; $A train c.json --quiet --set train.epochs=1; "
           "$A translate -m out/m.safetensors --n-best 2 <t.src >list; echo >a.csv; $A %s >one; mv a.csv one.csv; "
           "echo >a.csv; ranks 3 $A %s >many; [ -s one ]; cmp one many; cmp one.csv a.csv",
           commands[_i], commands[_i]);
  must(str_text(&line));
  str_free(&line);
}
END_TEST

/* A line that cannot be scored: what stands before it is, and rank 0 names it, as one process does. */
START_TEST(a_bad_line_is_told_of_once) {
  session_corpus(folder());
  Ran ran =
      run("set -e; $A train c.json --quiet --set train.epochs=1 --set model.attention.score=location "
          "--set data.max_length=6; (echo a b; echo a a a a a a a a) >x; (echo b a; echo a) >y; "
          "$A score -m out/m.safetensors x y >one 2>e || true; "
          "s=0; ranks 2 $A score -m out/m.safetensors x y >many || s=$?; cmp one many; cat e >&2; exit $s");
  ck_assert_msg(ran.status == 1, "status %d: %s", ran.status, str_text(&ran.said));
  ck_assert_msg(count(str_text(&ran.said), "attn-seq2seq: x:2: ") == 2, "%s", str_text(&ran.said));
  session_end(&ran);
}
END_TEST

/* Who reads the output may go: no rank waits for ever. */
START_TEST(a_closed_output_ends_all) {
  session_corpus(folder());
  Ran ran =
      run("$A train c.json --quiet --set train.epochs=1; yes 'a b c' | head -20000 | "
          "ranks 2 $A translate -m out/m.safetensors --batch-size 2 | head -1");
  ck_assert_int_eq(ran.status, 0);
  ck_assert_ptr_nonnull(strchr(str_text(&ran.out), '\n'));
  session_end(&ran);
}
END_TEST

/* What is sent of an update is counted: each parameter there and back, and next to nothing else. */
START_TEST(what_works_alone_is_not_started_twice) {
  Ran ran = run("ranks 2 $A toy copy d");
  ck_assert_int_eq(ran.status, 2);
  ck_assert_msg(strstr(str_text(&ran.said), "2 processes were started together, and toy works in one") != NULL, "%s",
                str_text(&ran.said));
  session_end(&ran);
  must("ATTN_SEQ2SEQ_MPI=no ranks 1 $A toy copy d > out");
}
END_TEST

START_TEST(bench_counts_what_is_sent) {
  session_corpus(folder());
  Ran ran = run("ranks 2 $A bench c.json --ranks --json --threads 1 --set model.decoder.hidden=160");
  ck_assert_msg(ran.status == 0, "status %d: %s", ran.status, str_text(&ran.said));
  const char *sent = strstr(str_text(&ran.out), "\"bytes_sent\":"), *due = strstr(str_text(&ran.out), "\"bytes_due\":");
  ck_assert(sent != NULL && due != NULL);
  double ratio = strtod(strchr(sent, ':') + 1, NULL) / strtod(strchr(due, ':') + 1, NULL);
  ck_assert_double_ge(ratio, 1);
  ck_assert_double_le(ratio, 1.05);
  session_end(&ran);
}
END_TEST

/* Where leaks are looked for, those of the library would count. */
static bool there(void) {
#ifdef LEAK_CHECK
  return false;
#endif
  const char *library = ranks_library();
  if (library == NULL || strstr(library, "Open MPI") == NULL) return false;
  return system("command -v mpirun >/dev/null 2>&1") == 0;
}

Suite *test_system_ranks(void);
Suite *test_system_ranks(void) {
  Suite *s = suite_create("system_ranks");
  TCase *t = tcase_create("system_ranks");
  if (there()) {
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, ranks_give_the_bytes_of_one, 0, sizeof jobs / sizeof *jobs);
    tcase_add_test(t, another_number_goes_on);
    tcase_add_loop_test(t, different_ranks_are_refused, 0, sizeof different / sizeof *different);
    tcase_add_test(t, an_error_ends_all);
    tcase_add_test(t, a_rank_that_dies_ends_all);
    tcase_add_loop_test(t, lines_come_in_order, 0, sizeof commands / sizeof *commands);
    tcase_add_test(t, a_bad_line_is_told_of_once);
    tcase_add_test(t, a_closed_output_ends_all);
    tcase_add_test(t, bench_counts_what_is_sent);
    tcase_add_test(t, what_works_alone_is_not_started_twice);
  } else {
    (void)printf("test_system_ranks: left out: it wants a program built with Open MPI, and mpirun\n");
    (void)fflush(stdout);
  }
  suite_add_tcase(s, t);
  return s;
}
