/* Keys that have no effect, through the program: every command that reads a config names those that were set. */
#include <check.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static void set_up(void) {
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
}

static void tear_down(void) { scratch_close(&scratch); }

#define IDLE(where, key) "warning: " where ": " key " has no effect: it counts only when "
/* The only key that is named. */
#define ONLY(where, key) "test $(grep -c 'no effect' said) = 1; grep -q '^attn-seq2seq: " IDLE(where, key) "' said; "
#define NONE "test $(grep -c 'no effect' said) = 0; "
#define WINDOW "--set model.attention.window=3 "
#define TRAIN "$A train c.json --set train.epochs=1 "

static const char *const lines[] = {
    "$A config c.json " WINDOW "2> said > dump; " ONLY("--set", "model.attention.window") "test $(grep -c window dump) = "
    "0; $A config dump 2> said | cmp - dump; " NONE,
    "$A config " WINDOW "--set model.attention.scope=local_m 2> said | grep -q '\"window\": 3'; " NONE,
    "sed 's/\"model\": *{/&\"attention\": {\"window\": 3}, /' c.json > d.json; $A train d.json --set train.epochs=1 2> "
    "said; " ONLY("d.json", "model.attention.window"),
    TRAIN WINDOW "2> said; " ONLY("--set", "model.attention.window") TRAIN "--overwrite --quiet " WINDOW "2> said; test "
    "! -s said",
    /* A model's own config is not told of, nor shown as another than it is. */
    TRAIN WINDOW "--quiet; $A translate -m out/m.safetensors < v.src 2> said > o; " NONE
    "$A info out/m.safetensors 2> said | grep -q '\"window\": 3'; " NONE,
    /* Training goes on, and a fine-tuning begins, whatever such a key says. */
    TRAIN "--quiet; $A train c.json --set train.epochs=2 --resume " WINDOW "2> said; " ONLY("--set", "model.attention.window")
    "$A train c.json --set train.epochs=1 --set train.start_from=out/m.safetensors --set train.model=o.safetensors "
    "--set model.attention.max_positions=9 2> said; " ONLY("--set", "model.attention.max_positions"),
    /* Of variants, what none of them has a use for. */
    TRAIN "--quiet; sed 's/\"model\": *{/&\"attention\": {\"window\": 3}, /' c.json > d.json; "
    "V='--vary model.attention.scope=global,local_m --set train.updates=1'; $A compare d.json $V -o d 2> said > o; " NONE
    "$A compare d.json $V -o e --set train.schedule.start_epoch=3 2> said > o; "
    ONLY("--set", "train.schedule.start_epoch"),
    /* Variants that are the same are no comparison, quiet or not. */
    "$A compare c.json --quiet --vary model.attention.window=3,5 --set train.updates=1 -o d 2> said > o; " ONLY(
        "--set", "model.attention.window"),
};

START_TEST(line) {
  Str text = {0};
  str_addf(&text, "set -e; %s", lines[_i]);
  session_must(str_text(&scratch.folder), str_text(&text));
  str_free(&text);
}
END_TEST

Suite *test_system_idle(void);
Suite *test_system_idle(void) {
  Suite *s = suite_create("system: keys without effect");
  TCase *t = tcase_create("lines");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, line, 0, sizeof lines / sizeof *lines);
  suite_add_tcase(s, t);
  return s;
}
