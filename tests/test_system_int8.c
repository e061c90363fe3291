/* Translating and scoring with weights of 8 bits, through the program: all that float32 does. Run from the top folder.
 */
#include <check.h>
#include <string.h>

#include "bad.h"
#include "session.h"

#define MODEL "-m model/m.safetensors "
#define INT8 MODEL "--precision int8 "

/* Lines of log P that differ by more than a tenth of a percent and 0.05, and whether any differ at all. */
#define COMPARE                                                                                        \
  "paste f q | awk '{ d = $1 > $2 ? $1 - $2 : $2 - $1; if (d > 0.05 - 0.001 * $1) far++; some += d } " \
  "END { exit far > 0 || NR == 0 || some == 0 }'"

START_TEST(scores_are_near) {
  const char *folder = bad_base();
  session_must(folder, "$A score " MODEL "v.src v.tgt > f && $A score " INT8 "v.src v.tgt > q && " COMPARE);
  session_must(folder, "$A score " INT8 "v.src v.tgt --batch-size 1 > one && cmp q one"); /* alone as in a batch */
  session_must(folder, "$A score " MODEL "--precision float32 v.src v.tgt > u && cmp f u");
  session_must(folder, "$A score " INT8 MODEL "v.src v.tgt > two && cmp q two"); /* an ensemble of one and the same */
  session_must(folder, "rm f q u one two");
}
END_TEST

START_TEST(does_what_float32_does) {
  const char *folder = bad_base();
  session_must(folder, "$A translate " INT8 "< v.src > a && test $(wc -l < a) = 20");
  session_must(folder, "$A translate " INT8 "--batch-size 1 --threads 2 < v.src > b && cmp a b");
  session_must(folder, "$A translate " INT8 "--n-best 3 < v.src > n && test $(wc -l < n) = 60");
  session_must(folder, "$A translate " INT8 MODEL "--format jsonl < v.src > j && test $(wc -l < j) = 20");
  session_must(folder, "$A translate " INT8 "--alignments l.txt --sample < v.src > s && test $(wc -l < l.txt) = 20");
  session_must(folder, "$A shortlist " MODEL "t.src t.tgt -o list && $A translate " INT8
                       "--shortlist list < v.src > with && cmp a with");
  session_must(folder, "$A score " INT8 "v.src --n-best n > again && test $(wc -l < again) = 60");
  session_must(folder, "rm a b n j l.txt s list with again");
}
END_TEST

/* Exact sums: what differs between sets of kernels is what float32 differs by. */
START_TEST(trained_models) {
  static const char *const lines[] = {"echo 'Aug. 4, 2094' | $A translate -m models/tiny-dates.safetensors",
                                      "echo 'this king is rich .' | $A translate -m models/tiny-en-fr.safetensors"};
  for (int i = 0; i < 2; i++) {
    Str line = {0};
    str_addf(&line, "%s --precision int8", lines[i]);
    Ran with = session_run(".", str_text(&line)), without = session_run(".", lines[i]);
    ck_assert_int_eq(with.status, 0);
    ck_assert_str_eq(str_text(&with.said), "");
    ck_assert_str_eq(str_text(&with.out), str_text(&without.out));
    session_end(&with);
    session_end(&without);
    str_free(&line);
  }
}
END_TEST

START_TEST(quantised) {
  const char *folder = bad_base();
  session_must(folder,
               "$A quantize "
               "model/m.safetensors -o q8 && $A info q8 > i && grep -q 'I8  ' i");
  session_must(folder, "$A score " MODEL "v.src v.tgt > f && $A score -m q8 v.src v.tgt > q && " COMPARE);
  session_must(folder, "$A score -m q8 --precision int8 v.src v.tgt > u && cmp q u");
  session_must(folder, "$A score -m q8 --precision float32 v.src v.tgt > q && ! cmp q u && " COMPARE);
  session_must(folder, "$A translate -m q8 < v.src > a && $A translate -m q8 --batch-size 1 < v.src > b && cmp a b");
  session_must(folder,
               "$A shortlist -m q8 t.src t.tgt -o list && $A translate -m q8 --shortlist list < v.src > b && cmp a b");
  session_must(folder,
               "$A quantize model/m.safetensors -o q8 && cp q8 was && ! $A quantize model/m.safetensors -o a && "
               "$A quantize model/m.safetensors -o a --overwrite && cmp a was");
  session_must(folder, "rm q8 i f q u a b list was");
}
END_TEST

#define QUANTISED "$A quantize model/m.safetensors -o q8 --overwrite"

static const BadRow rows[] = {
    {NULL, "$A quantize model/m.safetensors", 2, "quantize: |-o OUT"},
    {NULL, "$A quantize none -o q8", 1, "none"},
    {NULL, "$A quantize t.src -o q8", 1, "t.src: |not a safetensors file"},
    {NULL, "$A quantize model/m.safetensors -o a/b/c", 1, "a/b"},
    {NULL, "ulimit -f 0; $A quantize model/m.safetensors -o q8", 1, "q8"},
    {QUANTISED, "$A quantize q8 -o q9", 1, "q8: a quantised model|take the model that it was made of"},
    {QUANTISED, "$A average -o q9 q8 model/m.safetensors", 1, "q8: a quantised model|averaged"},
    {QUANTISED, "$A average -o q9 model/m.safetensors q8", 1, "q8: a quantised model|averaged"},
    {QUANTISED, "$A train c.json --set train.model=q9 --set train.start_from=q8", 1,
     "q8: a quantised model|trained on"},
    {NULL, "$A translate " MODEL "--precision int4 < v.src", 2, "int4"},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

Suite *test_system_int8(void);
Suite *test_system_int8(void) {
  Suite *s = suite_create("system: int8");
  TCase *t = tcase_create("int8");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, scores_are_near);
  tcase_add_test(t, does_what_float32_does);
  tcase_add_test(t, trained_models);
  tcase_add_test(t, quantised);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  suite_add_tcase(s, t);
  return s;
}
