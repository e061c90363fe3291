/* Outputs that cannot be written and standard files that are closed, through the program. */
#include <check.h>
#include <stddef.h>
#include <unistd.h>

#include "bad.h"
#include "session.h"

#define TRAIN "$A train c.json --quiet"
#define AS_NOBODY "./attn train c.json --quiet"
#define TRANSLATE "$A translate -m model/m.safetensors"
#define NO_ROOM "standard output: cannot write: No space left"
#define SMALL_FILES "ulimit -f 8; " /* in blocks of 512 bytes */

/* Only Linux has /dev/full. */
static const BadRow full[] = {
    {NULL, "$A --help > /dev/full", 1, NO_ROOM},
    {NULL, "$A config > /dev/full", 1, NO_ROOM},
    {NULL, TRANSLATE " < v.src > /dev/full", 1, NO_ROOM},
    {NULL, TRANSLATE " --n-best 3 < t.src > /dev/full", 1, NO_ROOM},
    {NULL, "$A score -m model/m.safetensors v.src v.tgt > /dev/full", 1, NO_ROOM},
    {NULL, "$A info model/m.safetensors > /dev/full", 1, NO_ROOM},
    {NULL, "$A evaluate accuracy v.src v.tgt > /dev/full", 1, NO_ROOM},
    {"printf ',a\\nb,1\\n' > x.csv", "$A heatmap x.csv > /dev/full", 1, NO_ROOM},
    {NULL, TRAIN " --log /dev/full", 1, "/dev/full: cannot write: No space left"},
    {NULL, TRAIN " --set train.model=/dev/full", 1, "/dev/full: is not a file"},
    {NULL, "$A average -o /dev/full model/m.safetensors model/m.safetensors", 1, "/dev/full: is not a file"},
    {"ln -s /dev/full x.csv", TRANSLATE " --alignments x.csv < v.src", 1, "x.csv: is not a file"},
};

static const BadRow rows[] = {
    /* A full disk. */
    {NULL, SMALL_FILES TRAIN, 1, "out/m.safetensors: cannot write: File too large"},
    {"mkdir out; cp model/m.safetensors out", SMALL_FILES TRAIN " --resume --overwrite", 1, "File too large"},
    {NULL, SMALL_FILES TRANSLATE " --alignments x.csv < t.src > /dev/null", 1, "x.csv: cannot write: File too large"},
    {NULL, SMALL_FILES "$A average -o x model/m.safetensors model/m.safetensors", 1, "x: cannot write: File too large"},
    {NULL, SMALL_FILES "$A toy copy x", 1, "x/train.|: cannot write: File too large"},
    /* Folders that are missing or not ours. */
    {NULL, TRAIN " --set train.model=a/b/m", 1, "a/b: cannot create this folder|parent"},
    {NULL, TRAIN " --log a/b/l", 1, "a/b: cannot create this folder|parent"},
    {NULL, TRAIN " --set train.model=t.src/m", 1, "t.src"},
    {NULL, TRAIN " --set train.model=model", 1, "model: is a folder"},
    {NULL, TRANSLATE " --alignments a/b/ < v.src", 1, "a/b"},
    {NULL, TRANSLATE " --alignments a/b/x.csv < v.src", 1, "a/b"},
    {NULL, TRANSLATE " --alignments a/b/x.jsonl < v.src", 1, "a/b"},
    {NULL, TRANSLATE " --alignments x < v.src", 2, "x: |.csv|.jsonl|.txt"},
    {NULL, "$A toy copy a/b", 1, "a/b"},
    {NULL, "$A toy copy t.src", 1, "t.src"},
    {"mkdir out; chmod 555 out", AS_NOBODY, 1, "out: cannot write to this folder: Permission denied"},
    {"chmod 555 .", AS_NOBODY, 1, "out: cannot create this folder: Permission denied"},
    {"mkdir out; chmod 555 out", AS_NOBODY " --set train.model=m --log out/l", 1, "out: |Permission denied"},
    {"chmod 555 .", "./attn translate -m model/m.safetensors --alignments x.txt < v.src", 1, "x.txt|Permission denied"},
    {"mkdir out; chmod 555 out", "./attn translate -m model/m.safetensors --alignments out/ < v.src", 1,
     "out: |Permission denied"},
    {"chmod 555 .", "./attn toy copy x", 1, "x: |Permission denied"},
    {"chmod 555 .", "./attn average -o x model/m.safetensors model/m.safetensors", 1, "Permission denied"},
    /* Standard files that are closed. */
    {NULL, "$A config >&-", 1, "standard output: cannot write: "},
    {NULL, TRANSLATE " < v.src >&-", 1, "standard output: cannot write: "},
    {NULL, TRANSLATE " <&-", 1, "standard input: cannot read: "},
    {NULL, TRANSLATE " < .", 1, "standard input: cannot read: Is a directory"},
    {NULL, "$A config - <&-", 1, "-: cannot "},
    /* Search options. */
    {NULL, TRANSLATE " --n-best 6 < v.src", 2, "--n-best 6|beam size, 5|--beam-size 6"},
    {NULL, TRANSLATE " -b 2 --n-best 3 < v.src", 2, "--n-best 3|beam size, 2"},
    {NULL, TRANSLATE " -b 0 < v.src", 2, "--beam-size|1 to 1000"},
    {NULL, TRANSLATE " -b < v.src", 2, "-b"},
    {NULL, TRANSLATE " --n-best 0 < v.src", 2, "--n-best|1"},
    {NULL, TRANSLATE " --temperature 0 --sample < v.src", 2, "--temperature"},
    {NULL, TRANSLATE " --length-penalty nan < v.src", 2, "--length-penalty"},
    {NULL, TRANSLATE " --attention all < v.src", 2, "translate: --attention all|--alignments FILE.jsonl|--heatmaps"},
    {NULL, TRANSLATE " --attention all --alignments x.csv < v.src", 2,
     "--attention all|x.csv holds the alignment alone|--format jsonl"},
    {NULL, TRANSLATE " --attention heads < v.src", 2, "--attention|alignment|all"},
    {NULL, TRANSLATE " -m model/m.safetensors --attention all --format jsonl < v.src", 2, "--attention all|one model"},
    {NULL, "$A score -m model/m.safetensors --attention all --alignments x/ v.src v.tgt", 2,
     "score: --attention all|--alignments FILE.jsonl"},
    {NULL, "$A score -m model/m.safetensors --attention all --format jsonl --summary v.src v.tgt", 2,
     "--attention all|"},
    {NULL, TRANSLATE " --format xml < v.src", 2, "--format|text|jsonl"},
    {NULL, TRANSLATE " v.src", 2, "v.src"},
    {NULL, TRANSLATE " --beam-sise 3 < v.src", 2, "--beam-sise|did you mean --beam-size"},
};

START_TEST(full_device) { bad_check(&full[_i], _i); }
END_TEST

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

/* A reader that has seen enough ends the program without a word and without a failure. */
static const BadRow pipes[] = {
    {NULL, "{ sleep 0.1; $A --help; echo $? >&2; } | :", 0, "0\n"},
    {NULL, "{ sleep 0.1; $A config --schema; echo $? >&2; } | :", 0, "0\n"},
    {NULL, "{ sleep 0.1; $A info model/m.safetensors; echo $? >&2; } | :", 0, "0\n"},
    {NULL, "{ sleep 0.1; " TRANSLATE " < t.src; echo $? >&2; } | :", 0, "0\n"},
    {NULL, "{ " TRANSLATE " --n-best 5 < t.src; echo $? >&2; } | head -1 > /dev/null", 0, "0\n"},
    {NULL, "{ sleep 0.1; " TRANSLATE " --alignments x.csv < t.src; echo $? >&2; ls x* 2>&-; } | :", 0, "0\n"},
    {NULL, "{ sleep 0.1; $A score -m model/m.safetensors t.src t.tgt; echo $? >&2; } | :", 0, "0\n"},
    {NULL, "{ sleep 0.1; $A evaluate accuracy t.src t.tgt; echo $? >&2; } | :", 0, "0\n"},
};

START_TEST(closed_pipe) {
  const BadRow *row = &pipes[_i];
  Ran ran = session_run(bad_base(), row->line);
  ck_assert_str_eq(str_text(&ran.said), row->words);
  session_end(&ran);
}
END_TEST

/* With standard error closed or full there is nobody to tell, but the status stays right and the work is done. */
static const struct {
  const char *line;
  int status;
} silent[] = {
    {"$A config none.json 2>&-", 1},
    {"$A trian 2>&-", 2},
    {"test -c /dev/full || exit 1; $A config none.json 2>/dev/full", 1},
    {"$A train c.json --set train.model=silent/m 2>&- && rm -r silent", 0},
    {"test -c /dev/full || exit 0; $A train c.json --set train.model=silent/m 2>/dev/full && rm -r silent", 0},
    {"$A train c.json --set train.model=silent/m <&- >&- 2>&- && $A info silent/m && rm -r silent", 0},
};

START_TEST(nobody_to_tell) {
  Ran ran = session_run(bad_base(), silent[_i].line);
  ck_assert_int_eq(ran.status, silent[_i].status);
  ck_assert_str_eq(str_text(&ran.said), "");
  session_end(&ran);
}
END_TEST

Suite *test_system_output(void);
Suite *test_system_output(void) {
  Suite *s = suite_create("system: outputs");
  TCase *t = tcase_create("bad");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  if (access("/dev/full", W_OK) == 0) tcase_add_loop_test(t, full_device, 0, sizeof full / sizeof *full);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  tcase_add_loop_test(t, closed_pipe, 0, sizeof pipes / sizeof *pipes);
  tcase_add_loop_test(t, nobody_to_tell, 0, sizeof silent / sizeof *silent);
  suite_add_tcase(s, t);
  return s;
}
