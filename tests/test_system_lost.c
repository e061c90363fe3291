/* Work that is not to be lost: two processes with one file, what stands there already, temporary files. */
#include <check.h>
#include <signal.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(folder());
}

static void tear_down(void) { scratch_close(&scratch); }

/* A training that goes on until it is ended. */
#define ENDLESS " --set train.epochs=1000000 --set train.early_stop=0"

static void expect_refused(const char *line, const char *path, long process) {
  Ran ran = session_run(folder(), line);
  Str want = {0};
  str_addf(&want, "attn-seq2seq: %s: process %ld is writing it; wait for its end, or name another file\n", path,
           process);
  ck_assert_msg(ran.status == 1, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  ck_assert_str_eq(str_text(&ran.said), want.at);
  session_end(&ran);
  str_free(&want);
}

START_TEST(second_training_is_refused) {
  session_must(folder(), "mkdir -p out; ln -s out/m.safetensors link; $A train c.json --quiet --set train.model=a");
  Session session =
      session_start(folder(), "exec $A train c.json --log log --report r.html" ENDLESS " --set train.keep=2");
  session_await(folder(), "out/m.state.safetensors");
  session_await(folder(), "r.html");
  expect_refused("$A train c.json", "out/m.safetensors", session.pid);
  expect_refused("$A train c.json --overwrite", "out/m.safetensors", session.pid);
  expect_refused("$A train c.json --resume", "out/m.safetensors", session.pid);
  expect_refused("$A train c.json --set train.model=link", "link", session.pid);
  expect_refused("$A train c.json --overwrite --set train.model=b --report r.html", "r.html", session.pid);
  expect_refused("$A train c.json --overwrite --set train.model=b --log log", "log", session.pid);
  expect_refused("$A average -o out/m.safetensors a a", "out/m.safetensors", session.pid);
  (void)kill(session.pid, SIGKILL);
  Ran ran = session_wait(&session);
  session_end(&ran);
  session_must(folder(),
               "test -e out/m.safetensors.lock && echo x > out/m.step-00000001.safetensors.tmp && echo x > "
               "out/m.safetensors.tmp && $A train c.json --resume --quiet --log log --report r.html "
               "--set train.epochs=1 --set train.keep=2 --set train.early_stop=0; "
               "test -z \"$(ls -a . out | grep -e lock -e tmp)\"");
}
END_TEST

START_TEST(second_comparison_is_refused) {
  Session session = session_start(folder(), "exec $A compare c.json --vary train.seed=1,2 -o d" ENDLESS);
  session_await(folder(), "d/index.html.lock");
  expect_refused("$A compare c.json --vary train.seed=1,2 -o d" ENDLESS, "d/index.html", session.pid);
  (void)kill(session.pid, SIGKILL);
  Ran ran = session_wait(&session);
  session_end(&ran);
}
END_TEST

/* What ends a command takes its temporary files along. */
static const int ends[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGABRT, SIGXCPU};

START_TEST(signals_leave_nothing) {
  session_must(folder(), "$A train c.json --quiet --set train.model=a; mkfifo in; echo keep > x.csv");
  Session session = session_start(folder(), "exec $A translate -m a --alignments x.csv <> in");
  session_await(folder(), "x.csv.tmp");
  (void)kill(session.pid, ends[_i]);
  Ran ran = session_wait(&session);
  ck_assert_int_eq(ran.status, SESSION_KILLED + ends[_i]);
  session_end(&ran);
  session_must(folder(), "test ! -e x.csv.tmp; test $(cat x.csv) = keep");
}
END_TEST

START_TEST(second_signal_leaves_nothing) {
  session_must(folder(), "mkfifo log");
  Session session = session_start(folder(), "exec $A train c.json --log log");
  /* Its number is written once the lock is among the temporary files. */
  session_must(folder(), "until test -s out/m.safetensors.lock; do sleep 0.01; done");
  (void)kill(session.pid, SIGINT);
  (void)kill(session.pid, SIGTERM);
  Ran ran = session_wait(&session);
  ck_assert(ran.status == 130 || ran.status == 143);
  session_end(&ran);
  session_must(folder(), "test -z \"$(ls out)\"");
}
END_TEST

/* Shell lines that must succeed; each refusal has status 1 and says what to do. */
#define REFUSED(line, words) "s=0; " line " 2> said || s=$?; test $s = 1; grep -q '" words "' said; "

static const char *const scripts[] = {
    /* A finished training, one that is not, a model alone. */
    "$A train c.json --quiet; cp -R out was; " REFUSED(
        "$A train c.json", "^attn-seq2seq: out/m.safetensors: a training of 57 updates stands there already; --resume "
                           "goes on with it, --overwrite replaces it") "diff -r out was",
    "$A train c.json --quiet --set train.epochs=1; cp -R out was; " REFUSED(
        "$A train c.json", "a training of 19 updates stands there") "diff -r out was; $A train c.json --quiet --resume",
    "$A train c.json --quiet; rm out/m.state.safetensors; cp -R out was; " REFUSED(
        "$A train c.json", "a model without a training state stands there") REFUSED("$A train c.json --resume",
                                                                                    "a model without a training "
                                                                                    "state stands there")
        "diff -r out was; $A train c.json --quiet --resume --overwrite",
    "$A train c.json --quiet --set train.epochs=1; $A train c.json --quiet --resume --overwrite; mv out a; $A train "
    "c.json --quiet; diff -r a out",
    /* Logs. */
    "cp t.src n; " REFUSED("$A train c.json --log n", "^attn-seq2seq: n: stands there already and is no log") REFUSED(
        "$A train c.json --log n --overwrite", "is no log") "test ! -e out/m.safetensors;  "
        "$A train c.json --quiet --set train.epochs=1; " REFUSED(
        "$A train c.json --resume --log n", "is no log") "cmp t.src n",
    "$A train c.json --quiet --log log; cp log was; " REFUSED(
        "$A train c.json --log log --set train.model=a", "^attn-seq2seq: log: the log of an earlier training stands "
                                                         "there already; --overwrite replaces it, --resume") "cmp log was; "
        "$A train c.json --quiet --set train.model=a --set train.seed=2 --set train.epochs=1; " REFUSED(
        "$A train c.json --resume --log log --set train.model=a --set train.seed=2",
        "^attn-seq2seq: log: line [0-9]* tells of a validation that the training to resume has not had") "cmp log was; "
        "$A train c.json --quiet --log log --set train.model=a --set train.seed=2 --overwrite; "
        "test $(grep -c start log) = 1",
    "printf '{\"event\":\"st' > log; $A train c.json --quiet --log log --resume; test $(grep -c . log) = $(grep -c "
    "'^{.*}$' log)",
    ": > log; $A train c.json --quiet --log log; test -s log",
/* What is read, or written by another name, is not written over, even where anything may be replaced. */
#define TAKEN(line, words) \
  "s=0; $A train " line " --overwrite 2> said || s=$?; test $s = 2; grep -q -e '" words "' said; "
    "cp t.src a; cp v.tgt b; cp c.json c; ln v.tgt link.html; echo x > s; " TAKEN(
        "c.json --set train.model=t.src", "^attn-seq2seq: train.model t.src: is what data.train.source reads, and "
                                          "would be written over; name another file")
        TAKEN("c.json --report link.html", "^attn-seq2seq: --report link.html: is what data.valid.target reads")
            TAKEN("c.json --set train.model=./c.json", "train.model ./c.json: is what the command reads")
                TAKEN("c.json --report r.html --sentences s --log s", "--log s: is what --sentences reads")
                    TAKEN("c.json --report r.html --log r.html", "--report r.html: is the file of --log too")
                        TAKEN("c.json --log out/m.safetensors", "--log out/m.safetensors: is the file of train.model")
                            TAKEN("c.json --log out/m.state.safetensors", "is the file of the training state of")
                                "cmp t.src a; cmp v.tgt b; cmp c.json c; test ! -e out/m.safetensors",
#undef TAKEN
    /* The reader of a log has gone: training goes on. */
    "$A train c.json --quiet; mv out whole; ($A train c.json --log - 2> said; echo $? > s) | head -1 > x; "
    "test $(cat s) = 0; diff -r whole out; test $(grep -c ^attn-seq2seq: said) = 0",
    /* Reports. */
    "echo mine > r.html; " REFUSED("$A train c.json --report r.html", "r.html: stands there already and is no report")
        REFUSED("$A train c.json --report r.html --overwrite", "is no report") "test $(cat r.html) = mine",
    "$A train c.json --quiet --report r.html; cp r.html was; " REFUSED(
        "$A train c.json --report r.html --set train.model=a", "r.html: the report of an earlier training stands there")
        REFUSED("$A train c.json --resume --report r.html --set train.model=a", "r.html: the report of an earlier "
                                                                                "training stands there")
            "cmp r.html was; $A train c.json --quiet --report r.html --overwrite",
    /* compare. */
    "$A compare c.json --quiet --vary train.seed=1 -o d > t; cp d/table.tsv was; " REFUSED(
        "$A compare c.json --vary train.epochs=1,2 -o d", "^attn-seq2seq: d/table.tsv: stands there already and is not "
                                                          "of these variants; --overwrite replaces it")
        "cmp d/table.tsv was; "
        "$A compare c.json --quiet --vary train.seed=1,2 -o d > t; test $(grep -c . d/table.tsv) = 3; "
        "cp -R d/seed=1 was1; "
        "s=0; $A compare c.json --vary train.seed=1,2 -o d --set train.label_smoothing=0.1 2> said || s=$?; "
        "test $s = 2; grep -q 'train anew with --overwrite' said; diff -r d/seed=1 was1; "
        "$A compare c.json --quiet --vary train.seed=1,2 -o d --set train.label_smoothing=0.1 --overwrite > t; "
        "! diff -rq d/seed=1 was1 > diff",
    "mkdir d; echo mine > d/index.html; " REFUSED(
        "$A compare c.json --vary train.seed=1 -o d", "d/index.html: stands there already and is not of these variants")
        "test $(cat d/index.html) = mine; test $(ls d) = index.html",
    "mkdir -p d/seed=1; echo x > d/seed=1/model.safetensors; s=0; $A compare c.json --vary train.seed=1 -o d 2> said "
    "|| s=$?; test $s = 1; grep -q 'a model without a training state stands there' said",
    /* Texts that have gone elsewhere are told of and are the same; others are not. */
    "$A train c.json --quiet --set train.epochs=4; mv out whole; $A train c.json --quiet --set train.epochs=1 --set "
    "train.keep=2; mkdir new; cp v.src t.tgt new; P='--set data.train.target=new/t.tgt --set data.valid.source=new/v.src "
    "--set train.keep=2'; s=0; $A train c.json --resume $P 2> said; "
    "grep -q 'names files otherwise than the training so far; they are the same' said; "
    "grep -q 'data.train.target: \"t.tgt\" became \"new/t.tgt\"' said; $A info out/m.safetensors | grep -q new/t.tgt; "
    "mv out moved; $A train c.json --quiet $P; diff -r out moved",
    "$A train c.json --quiet --set train.epochs=1; sed s/a/b/ t.tgt > x; s=0; " REFUSED(
        "$A train c.json --resume --set data.train.target=x",
        "x: has changed since the training to resume read it; put it back, or train anew with --overwrite"),
    "$A train c.json --quiet --set train.epochs=1; mv out moved; $A train c.json --quiet --resume --set "
    "train.model=moved/m.safetensors; $A train c.json --quiet --set train.model=o.safetensors; for m in "
    "moved/m.safetensors o.safetensors; do $A score -m $m v.src v.tgt > $m.txt; done; cmp moved/m.safetensors.txt "
    "o.safetensors.txt",
    /* toy and average. */
    "$A toy copy d --n 50; cp -R d was; $A toy copy d --n 50; diff -r d was; echo mine > d/valid.align; cp -R d was2; " REFUSED(
        "$A toy copy d --n 50", "^attn-seq2seq: d/valid.align: stands there already with other content; --overwrite "
                                "replaces it") "diff -r d was2; $A toy copy d --n 50 --overwrite; diff -r d was",
    "$A toy copy d --n 50; echo {} > d/config.json; cp -R d was; " REFUSED(
        "$A toy copy d --n 60", "stands there already") "diff -r d was",
    "for s in 1 2; do $A train c.json --quiet --set train.epochs=1 --set train.seed=$s --set train.model=m$s; done; "
    "$A average -o x m1 m2; cp x was; $A average -o x m1 m2; cp m1 one; " REFUSED(
        "$A average -o m1 m2 m2", "^attn-seq2seq: m1: another file stands there already; --overwrite replaces it")
        "cmp m1 one; cmp x was; $A average -o m1 m2 m2 --overwrite; ! cmp -s m1 one",
    /* Links. */
    "mkdir out big; ln -s ../big/m.safetensors out/m.safetensors; $A train c.json --quiet; test -L out/m.safetensors; "
    "$A train c.json --resume --quiet --set train.epochs=4; test -L out/m.safetensors; test ! -L big/m.safetensors; "
    "$A info big/m.safetensors > x",
};

START_TEST(script) {
  Str line = {0};
  str_addf(&line, "set -e; %s", scripts[_i]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

Suite *test_system_lost(void);
Suite *test_system_lost(void) {
  Suite *s = suite_create("system: lost work");
  TCase *t = tcase_create("lost");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 120);
  tcase_add_test(t, second_training_is_refused);
  tcase_add_test(t, second_comparison_is_refused);
  tcase_add_loop_test(t, signals_leave_nothing, 0, sizeof ends / sizeof *ends);
  tcase_add_test(t, second_signal_leaves_nothing);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
