/* Training as a user does it: what is learned, that it is the same for any number of threads and after any
 * interruption, and what the options of train do. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

/* ---- What is learned. */

static const struct {
  const char *corpus, *model;
  double aer; /* at most */
} learned[] = {
    {"reverse",
     "--set model.attention.flow=bahdanau --set model.attention.score=additive --set "
     "model.attention.coverage=fertility",
     5},
    {"reverse", "--set model.decoder.cell=cgru --set model.attention.score=additive", 5},
    {"reverse", "--set model.attention.heads=4 --set model.attention.pattern=qvv --set model.attention.score=additive",
     5},
    {"copy", "", 5},
    {"repeat-copy", "", 2},
};

static double number_after(const char *text, const char *name) {
  const char *at = strstr(text, name);
  ck_assert_msg(at != NULL, "no %s in:\n%s", name, text);
  return strtod(at + strlen(name), NULL);
}

START_TEST(toys_are_learned) {
  Str line = {0};
  str_addf(&line,
           "set -e; $A toy %s t --n 3000; $A train t/config.json --quiet --set model.embedding=32 "
           "--set model.encoder.hidden=32 --set model.decoder.hidden=64 --set model.dropout=0 --set train.epochs=7 "
           "--set train.batch_size=32 --set train.metric=loss --set train.optimizer.lr=0.005 "
           "--set train.schedule.type=luong --set train.schedule.start_epoch=3 %s; "
           "$A translate -m t/model.safetensors --alignments t/out.align.txt < t/test.src > t/out; "
           "$A evaluate accuracy t/out t/test.tgt; $A evaluate aer t/out.align.txt t/test.align",
           learned[_i].corpus, learned[_i].model);
  Ran ran = session_run(folder(), line.at);
  ck_assert_msg(ran.status == 0, "status %d: %s", ran.status, str_text(&ran.said));
  ck_assert_double_ge(number_after(str_text(&ran.out), "accuracy = "), 95);
  ck_assert_double_le(number_after(str_text(&ran.out), "aer = "), learned[_i].aer);
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* The model kept is the one whose greedy translations of the validation text `evaluate` finds best. */
static const struct {
  const char *name;
  double sign; /* of getting better */
} metrics[] = {{"bleu", 1}, {"chrf", 1}, {"ter", -1}, {"accuracy", 1}, {"wer", -1}};

START_TEST(best_by_a_metric) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line,
           "set -e; $A train c.json --quiet --log l --set train.epochs=4 --set train.optimizer.lr=0.01 "
           "--set train.metric=%s; $A translate -m out/m.safetensors -b 1 < v.src > o; $A evaluate --json %s o v.tgt; "
           "grep '\"metric\":\"%s\"' l | tail -1",
           metrics[_i].name, metrics[_i].name, metrics[_i].name);
  Ran ran = session_run(folder(), line.at);
  ck_assert_msg(ran.status == 0, "status %d: %s", ran.status, str_text(&ran.said));
  str_clear(&line);
  str_addf(&line, "\"%s\":", metrics[_i].name);
  const char *out = str_text(&ran.out);
  double best = number_after(out, "\"best\":");
  ck_assert_double_eq_tol(number_after(out, line.at), best, 1e-9);
  ck_assert_double_ge(metrics[_i].sign * best, metrics[_i].sign * number_after(out, "\"value\":"));
  session_end(&ran);
  str_free(&line);
}
END_TEST

/* ---- The same bytes. */

/* What does not depend on the clock. */
#define LOG(file) "sed 's/\"seconds\":[0-9.e+-]*//; s/\"target_tokens_per_s\":[0-9.e+-]*//' " file
#define LONG                                                                                         \
  " --set train.epochs=40 --set train.early_stop=0 --set train.validate_every=7 --set train.keep=3 " \
  "--set train.accumulate=2 --set train.label_smoothing=0.1 --set train.ema=0.99 "                   \
  "--set train.optimizer.lr=0.05 --set train.patience_updates=10" /* the rate falls twice */

/* A folder with a corpus for each run. */
static void make_runs(const char *names) {
  Str line = {0}, first = {0};
  str_addf(&first, "%s/corpus", folder());
  session_must(folder(), "mkdir corpus");
  session_corpus(first.at);
  str_addf(&line, "for n in %s; do cp -R corpus $n; done", names);
  session_must(folder(), line.at);
  str_free(&line);
  str_free(&first);
}

START_TEST(threads_do_not_matter) {
  make_runs("1 2 3");
  session_must(folder(), "for n in 1 2 3; do (cd $n && $A train c.json --threads $n --quiet --log l" LONG
                         " --set train.epochs=4 --set train.shards=2 --set train.metric=chrf && " LOG(
                             "l") " > log && rm l) || exit 1; done");
  session_must(folder(), "test $(ls 1/out | wc -l) = 5 && diff -r 1 2 >&2 && diff -r 1 3 >&2 && grep -q update 1/log");
}
END_TEST

static void sleep_ms(long ms) {
  (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

START_TEST(killed_and_resumed_is_the_same) {
  Str killed = {0};
  unsigned random = 7;
  int kills = 0, status = -1;
  make_runs("ref killed");
  str_addf(&killed, "%s/killed", folder());
  session_must(folder(), "cd ref && $A train c.json --quiet" LONG);
  for (int k = 0; status != 0; k++) {
    Session session = session_start(killed.at, "exec $A train c.json --quiet --resume" LONG);
    random = random * 1103515245U + 12345U;
    if (k < 15) {
      sleep_ms(20 + (long)((random >> 16) % 150));
      (void)kill(session.pid, SIGKILL);
    }
    Ran ran = session_wait(&session);
    status = ran.status;
    kills += status == SESSION_KILLED + SIGKILL;
    ck_assert_msg(status == 0 || status == SESSION_KILLED + SIGKILL, "status %d: %s", status, str_text(&ran.said));
    session_end(&ran);
  }
  ck_assert_int_gt(kills, 0);
  session_must(folder(), "diff -r ref killed >&2");
  str_free(&killed);
}
END_TEST

static const struct { int signal, status; } signals[] = {{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}};

START_TEST(interrupted_and_resumed_is_the_same) {
  Str stopped = {0};
  make_runs("ref stopped");
  str_addf(&stopped, "%s/stopped", folder());
  session_must(folder(), "cd ref && $A train c.json --quiet --log log" LONG);
  Session session = session_start(stopped.at, "exec $A train c.json --log log" LONG);
  session_await(stopped.at, "out/m.state.safetensors");
  (void)kill(session.pid, signals[_i].signal);
  Ran ran = session_wait(&session);
  ck_assert_int_eq(ran.status, signals[_i].status);
  ck_assert_str_eq(str_text(&ran.out), "");
  ck_assert_ptr_nonnull(
      strstr(str_text(&ran.said), "go on with: attn-seq2seq train c.json --resume" LONG " --log log\n"));
  session_end(&ran);
  session_must(stopped.at, "$A train c.json --quiet --resume --log log" LONG);
  session_must(folder(), "diff -r ref/out stopped/out >&2");
  session_must(folder(), "for n in ref stopped; do grep '\"update\"' $n/log | " LOG("") " > $n.log; done; "
                         "test -s ref.log && diff ref.log stopped.log >&2 && grep -q '\"resumed\":true' stopped/log");
  str_free(&stopped);
}
END_TEST

/* Before the first validation there is no model yet: the present weights become it. */
START_TEST(interrupted_early_leaves_a_model) {
  session_corpus(folder());
  Session session = session_start(
      folder(), "exec $A train c.json --log log --set train.epochs=1000000 --set train.validate_every=1000000000");
  session_await(folder(), "log");
  (void)kill(session.pid, SIGINT);
  Ran ran = session_wait(&session);
  ck_assert_int_eq(ran.status, 130);
  session_end(&ran);
  session_must(folder(),
               "$A translate -m out/m.safetensors < v.src > out.txt && test $(wc -l < out.txt) = 20 && "
               "test -f out/m.state.safetensors && test $(ls out | wc -l) = 2");
}
END_TEST

/* Before the first update there is nothing worth the model of an earlier training. The log is a pipe that lets the
 * training wait there. */
START_TEST(interrupted_at_once_leaves_all) {
  session_corpus(folder());
  session_must(
      folder(),
      "set -e; $A train c.json --quiet --set train.keep=2; cp -R out was; mkfifo log; "
      "$A train c.json --log log --overwrite --set 'data.max_length= 90' 2> said & p=$!; "
      "until grep -q replacing said; do :; done; kill -INT $p; cat log > lines; "
      "s=0; wait $p || s=$?; test $s = 130; diff -r out was >&2; grep -q interrupted lines; "
      "grep -q \"begin again with: attn-seq2seq train c.json --overwrite --set 'data.max_length= 90' --log log\" said");
}
END_TEST

/* Before its first validation a training has nothing better than the model of an earlier one, and can go on. */
START_TEST(interrupted_early_leaves_the_model) {
  session_corpus(folder());
  session_must(folder(), "$A train c.json --quiet && cp out/m.safetensors was && cp out/m.state.safetensors state");
  Session session = session_start(
      folder(),
      "exec $A train c.json --overwrite --log log --set train.epochs=1000000 --set train.validate_every=1000000000");
  session_await(folder(), "log");
  session_must(folder(), "until grep -q '\"update\"' log; do :; done");
  (void)kill(session.pid, SIGINT);
  Ran ran = session_wait(&session);
  ck_assert_int_eq(ran.status, 130);
  session_end(&ran);
  session_must(folder(), "cmp was out/m.safetensors >&2 && ! cmp -s state out/m.state.safetensors");
}
END_TEST

/* OpenBLAS told to take its oldest kernels, where it has several and the processor is newer. */
START_TEST(slow_kernels_are_told) {
  session_corpus(folder());
  session_must(
      folder(),
      "grep -qw avx2 /proc/cpuinfo && export OPENBLAS_CORETYPE=Prescott || exit 0; "
      "OPENBLAS_VERBOSE=2 $A train c.json --set train.updates=2 2> said; "
      "! grep -q 'Core: Prescott' said || grep -Eq 'OPENBLAS_CORETYPE=(Haswell|SkylakeX)' said; "
      "export OPENBLAS_CORETYPE=Haswell; $A train c.json --set train.updates=2 2> said; ! grep -q Prescott said");
}
END_TEST

/* Two sets of kernels that add in other orders. */
START_TEST(other_kernels_are_told) {
  session_corpus(folder());
  session_must(
      folder(),
      "grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo || exit 0; "
      "ATTN_SEQ2SEQ_KERNELS=plain $A train c.json --quiet --set train.epochs=1 && export ATTN_SEQ2SEQ_KERNELS=avx2 && "
      "$A train c.json --set train.epochs=2 --resume > said 2>&1 && "
      "grep -q 'computed by .plain kernels.*now it is by .avx2 kernels' said && "
      "$A train c.json --set train.epochs=3 --resume > said 2>&1 && ! grep 'computed by' said");
}
END_TEST

/* ---- What the options do: shell scripts that must succeed. */

#define STEPS(event) "$(grep '\"event\":\"" event "\"' log | sed 's/.*\"step\":\\([0-9]*\\).*/\\1/' | tr '\\n' ' ')"
/* Two models give the same. */
#define SAME(a, b) \
  "; for m in " a " " b "; do $A score -m $m/m.safetensors v.src v.tgt > $m.txt; done; cmp " a ".txt " b ".txt >&2"
#define TRAIN "$A train c.json --log log --quiet --overwrite "
#define CGRU "--set model.decoder.cell=cgru"

/* A rate so small that no weight changes: on any processor the first validation stays the best, and nothing is learnt.
 */
#define STALL                                                                                                         \
  "still() { $A train c.json --log log --set train.epochs=120 --set train.optimizer.lr=1e-30 \"$@\" 2> said || test " \
  "$? "                                                                                                               \
  "= 1; }; still "
#define WAITED \
  "test $(tail -1 log | sed 's/.*\"step\":\\([0-9]*\\),.*\"best_step\":\\([0-9]*\\).*/\\1 - \\2/' | xargs expr) = "
#define HUGE "--set model.attention.score=gaussian --set model.decoder.hidden=16 --set train.optimizer.lr=1000"
#define DIVERGED(text) "s=0; $A train c.json --log log " HUGE " 2> said || s=$?; test $s = 1; grep -q '" text "' said"

static const char *const scripts[] = {
    /* 19 batches of 16 in an epoch. */
    TRAIN "; test \"" STEPS("valid") "\" = '19 38 57 '; test \"" STEPS(
        "update") "\" = '4 8 12 16 20 24 28 32 36 40 44 48 52 56 '",
    TRAIN "--set train.validate_every=25; test \"" STEPS("valid") "\" = '25 50 57 '",
    TRAIN "--set train.updates=10; test \"" STEPS("valid") "\" = '10 '; test \"" STEPS("end") "\" = '10 '",
    TRAIN "--set train.accumulate=3; test \"" STEPS("valid") "\" = '7 14 21 '",
    TRAIN "--set train.batch_tokens=64; test \"" STEPS("valid") "\" != '19 38 57 '",
    /* Two validations of 19 updates, then as many as make 2 times 50 updates: 6. */
    STALL "--set train.early_stop=2 --set train.patience_updates=0; " WAITED "38",
    STALL "--set train.early_stop=2 --set train.patience_updates=50; " WAITED "114",
    STALL "--set train.early_stop=2; " WAITED "304",
    /* The rate falls to its least at once, and training ends with the next validation that is no better. */
    STALL
    "--set train.early_stop=0 --set train.patience_updates=0 --set train.schedule.factor=1e-9; "
    "test $(grep -c 'warning: out/m.safetensors: after update [0-9]* the learning rate is 1e-33, a thousandth' said) = 1; "
    "test $(grep -c '\"reason\":\"learning rate a thousandth of train.optimizer.lr' log) = 1; "
    "cp -R out was; " STALL
    "--resume --set train.early_stop=0 --set train.patience_updates=0 --set train.schedule.factor=1e-9; grep -q 'already "
    "finished' said; diff -r out was >&2",
    STALL
    "--set train.early_stop=0 --set train.patience_updates=0 --set train.schedule.factor=1e-9 --set "
    "train.schedule.min_lr=1e-31; test $(grep -c thousandth said) = 0; grep -q '\"learning_rate\":1e-31,' log; "
    "test \"$(tail -1 log | grep -c 'train.epochs reached')\" = 1",
    /* The rate dies with epoch 16, update 304; the next validation ends it. */
    STALL "--set train.early_stop=0 --set train.patience_updates=0 --set train.validate_every=25 --set "
          "'train.schedule={\"type\":\"luong\",\"start_epoch\":16,\"factor\":1e-9}'; grep -q '^attn-seq2seq: warning: "
          "out/m.safetensors: after update 304 the learning rate is 1e-33, a thousandth' said; test $(grep -c "
          "'\"event\":\"valid\",\"step\":325,' log) = 1; tail -1 log | grep -q '\"step\":325,.*learning rate a thousandth'",
    /* Ended before it was done. */
    "$A train c.json --set train.epochs=1 2> said; grep -q '^out/m.safetensors: the last validation was the best .*more epochs' said; "
    "$A train c.json --overwrite --set train.updates=1 2> said; grep -q 'more epochs' said; "
    "for o in schedule.type=constant optimizer.lr=1e-30; do $A train c.json --overwrite --set train.$o --set train.epochs=5 2> said; test "
    "$(grep -c 'more epochs' said) = 0; done",
    "$A train c.json --set train.updates=10 --set train.schedule.warmup=40 2> said; grep -q '^out/m.safetensors: "
    "train.schedule.warmup is 40, but training ended after update 10, at 0.25 of train.optimizer.lr: go on (--resume' said; "
    "test $(grep -c 'more epochs' said) = 0; $A train c.json --resume --set train.updates=40 --set train.schedule.warmup=40 2> said; "
    "test $(grep -c 'train.schedule.warmup' said) = 0",
    "yes a | head -300 > one; $A train c.json --set data.train.target=one --set data.valid.source=one --set "
    "data.valid.target=one --set train.metric=accuracy --set train.optimizer.lr=0.02 2> said; grep -q 'best validation: accuracy 100 after update' "
    "said; test $(grep -c 'more epochs' said) = 0",
    /* Trainings that came to nothing. */
    DIVERGED("out/m.safetensors: training has diverged: its least validation loss, [0-9.e+]* after update") "; "
    "$A info out/m.safetensors > x; s=0; $A train c.json --resume " HUGE " 2> said || s=$?; test $s = 1; "
    "grep -q 'training has diverged' said; test $(grep -c 'more epochs' said) = 0; tail -1 log | grep -q 'reason\":\"train.epochs reached\",.*warning\":\"training "
    "has diverged: '",
    "$A train c.json --set train.updates=1 --set train.optimizer.lr=1e-30 2> said; "
    "grep -q 'warning: out/m.safetensors: .* nothing is learnt; train longer' said",
    TRAIN "--set train.epochs=9 --set train.optimizer.lr=0.02; mv out base; sed 's/[a-h]/a/g' t.tgt > w; $A train c.json "
          "--set train.start_from=base/m.safetensors --set train.epochs=1 --set train.optimizer.lr=0.004 --set data.train.target=w 2> said; grep -q 'warning: out/m.safetensors: no validation was better than base/m.safetensors, which training "
          "started from (loss ' said",
    TRAIN
    "--set train.keep=2; test \"$(ls out | tr '\\n' ' ')\" = "
    "'m.safetensors m.state.safetensors m.step-00000038.safetensors m.step-00000057.safetensors '",
    TRAIN
    "--set train.average=2; test $(ls out | grep -c step-) = 2; "
    "$A average -o mean out/m.step-00000038.safetensors out/m.step-00000057.safetensors; $A info mean > x; test -s x",
    /* Going on. */
    "$A train c.json 2> said; cp -R out was; $A train c.json --resume 2> said; grep -q 'already finished' said; diff "
    "-r out was >&2",
    "$A train c.json --resume 2> said; grep -q 'no training state.*starting anew' said; $A info out/m.safetensors > x",
    "$A train c.json --quiet; cp -R out was; $A train c.json --overwrite 2> said; test $(grep -c replacing said) = 1; "
    "diff -r out was >&2",
    TRAIN "--set train.epochs=2; " TRAIN "--resume; mv out resumed; rm log; " TRAIN SAME("resumed", "out"),
    TRAIN CGRU " --set train.epochs=2; " TRAIN CGRU
               " --resume; mv out resumed; rm log; " TRAIN CGRU SAME("resumed", "out"),
    TRAIN CGRU " --set model.decoder.layers=2 --set train.average=2; mv out was; " TRAIN
               "; $A info was/m.safetensors > x; grep -q decoder.rnn.weight_hh_l0_context x; "
               "$A shortlist -m was/m.safetensors t.src t.tgt -o list; "
               "$A translate -m was/m.safetensors -m out/m.safetensors --shortlist list --heatmaps h < v.src > o; "
               "test $(wc -l < o) = 20; test -s h/index.html",
    TRAIN "--set train.optimizer.lr=0.3 --set train.keep=4 --set train.epochs=2; " TRAIN
          "--resume --set train.optimizer.lr=0.3 --set train.keep=4; mv out resumed; " TRAIN
          "--set train.optimizer.lr=0.3 --set train.keep=4; diff -r out resumed >&2",
    TRAIN
    "--set train.keep=3; (cd out; cp m.safetensors m.step-1.safetensors; mv m.step-00000038.safetensors "
    "n.step-00000038.safetensors); " TRAIN
    "; test \"$(ls out | tr '\\n' ' ')\" = "
    "'m.safetensors m.state.safetensors m.step-1.safetensors n.step-00000038.safetensors '",
    TRAIN "--set train.epochs=1; printf '{\"event\":\"upd' >> log; " TRAIN
          "--resume; test $(grep -c 'upd{' log) = 0; test $(grep -c '^{.*}$' log) = $(wc -l < log); grep -q "
          "'\"best_step\":57' log",
    /* None is right yet: the loss tells the best one. */
    "$A train c.json --log log --set train.metric=accuracy --set train.optimizer.lr=0.0001 2> said; "
    "test $(grep -c 'the best so far' said) = 3; grep -q '\"best\":0,.*\"best_step\":57' log",
    "$A train c.json 2> said; tail -1 said | grep -q '^train.epochs reached after update 57; best validation: loss "
    "[0-9.]* after update 57; model: out/m.safetensors$'",
    TRAIN "--set train.early_stop=9 --threads 2; " TRAIN "--resume --threads 3 --set train.early_stop=8",
    /* Fine-tuning. A rate of nearly 0 shows what it starts from; the other text has not all words. */
    TRAIN "; mv out base; head -20 t.src > a; head -20 t.tgt > b; " TRAIN
          "--set train.start_from=base/m.safetensors --set data.train.source=a --set data.train.target=b "
          "--set train.optimizer.lr=1e-30 --set train.updates=1 --set model.dropout=0" SAME("base", "out"),
    TRAIN
    "--set vocab.source.min_count=2; mv out base; F='--set train.start_from=base/m.safetensors "
    "--set train.optimizer.lr=0.01'; " TRAIN
    "$F; $A info out/m.safetensors | grep -q '\"min_count\": *2'; "
    "mv out whole; " TRAIN "$F --set train.epochs=1; " TRAIN
    "$F --resume; diff -r whole out >&2; cp t.src base/m.safetensors; ! " TRAIN "$F --resume",
    /* Vocabularies. */
    "tr a-d A-D < v.src > w.src; $A train c.json --log log --set data.valid.source=w.src 2> said; "
    "grep -q '^commonest unknown words of the validation source: [ABCD] ([0-9]*), [ABCD] ' said; "
    "grep -q 'warning: the validation source: .*most of these are known in lower case' said; "
    "test $(grep -c 'validation target' said) = 0; grep -q '\"commonest_unknown\":\\[\"[ABCD]' log",
    "tr ' ' '_' < v.tgt > w.tgt; $A train c.json --set data.valid.target=w.tgt 2> said; "
    "grep -q 'warning: the validation target: 100 % of the tokens are unknown' said; test $(grep -c warning said) = 1",
    "for w in a b x; do echo $w 1 2 3 4 5 6 7 8; done | gzip > x.gz; $A train c.json --log log "
    "--set data.embeddings.source=x.gz 2> said; grep -q 'source embedding: 2 of 12 words have given vectors' said; "
    "grep -q '\"vectors\":2' log",
    "echo A 1 2 3 4 5 6 7 8 > x; $A train c.json --log log --set data.embeddings.target=x 2> said; grep -q "
    "'target embedding: 0 of ' said; grep -q 'warning: data.embeddings.target has no vector' said; test $(grep -c "
    "'source embedding' said) = 0; grep -q '\"vectors\":0' log",
    /* Forms of a corpus. */
    TRAIN "; mv out was; for f in t.src v.tgt; do gzip -c $f > $f.gz; done; " TRAIN
          "--set data.train.source=t.src.gz --set data.valid.target=v.tgt.gz" SAME("was", "out"),
    TRAIN "; mv out was; paste t.src t.tgt > t.tsv; " TRAIN "--set 'data.train={\"tsv\":\"t.tsv\"}'" SAME("was", "out"),
    TRAIN
    "; mv out was; printf '%s\\n' b a c d e f g h > y; for w in $(tr ' ' '\\n' < t.src | sort | uniq -c | sort -k1,1nr "
    "-k2 | "
    "sed 's/.* //'); do echo $w; done > x; " TRAIN "--set vocab.source.file=x" SAME("was", "out"),
    TRAIN
    "--set vocab.shared=true --set model.tie_embeddings=all; $A info out/m.safetensors > x; test $(grep -c "
    "encoder.embedding x) = 0; "
    "grep -q decoder.embedding x",
    TRAIN
    "--set vocab.source.tokenizer=char; echo 'a b' | $A translate -m "
    "out/m.safetensors > x",
};

START_TEST(script) {
  Str line = {0};
  session_corpus(folder());
  str_addf(&line, "set -e; %s", scripts[_i]);
  session_must(folder(), line.at);
  str_free(&line);
}
END_TEST

Suite *test_system_train(void);
Suite *test_system_train(void) {
  Suite *s = suite_create("system: training");
  TCase *t = tcase_create("train");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 300);
  tcase_add_loop_test(t, best_by_a_metric, 0, sizeof metrics / sizeof *metrics);
  tcase_add_loop_test(t, toys_are_learned, 0, sizeof learned / sizeof *learned);
  tcase_add_test(t, threads_do_not_matter);
  tcase_add_test(t, killed_and_resumed_is_the_same);
  tcase_add_loop_test(t, interrupted_and_resumed_is_the_same, 0, sizeof signals / sizeof *signals);
  tcase_add_test(t, interrupted_early_leaves_a_model);
  tcase_add_test(t, interrupted_at_once_leaves_all);
  tcase_add_test(t, interrupted_early_leaves_the_model);
  tcase_add_test(t, slow_kernels_are_told);
  tcase_add_test(t, other_kernels_are_told);
  tcase_add_loop_test(t, script, 0, sizeof scripts / sizeof *scripts);
  suite_add_tcase(s, t);
  return s;
}
