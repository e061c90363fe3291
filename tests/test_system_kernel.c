/* Kernel regression through the program. */
#include <check.h>
#include <string.h>

#include "bad.h"
#include "session.h"

#define THREE "printf 'x,y\\n0,0\\n3,2\\n1,1\\n' > p.csv"

/* The figures of three points by torch; heatmap draws the weights. */
START_TEST(curve_and_weights) {
  const char *folder = bad_base();
  session_must(folder, THREE);
  session_must(folder,
               "$A kernel p.csv --width 1 --queries 0.5:0.5:1 -o out 2> note && "
               "printf 'x,y\\n0.5,0.53643\\n' > want && cut -c 1-11 out/curve.csv | cmp - want");
  session_must(folder,
               "printf ',0,1,3\\n0.5,0.4878,0.4878,0.0242\\n' > want && "
               "sed 's/\\(\\.[0-9]\\{4\\}\\)[0-9]*/\\1/g' out/weights.csv | cmp - want");
  session_must(folder, "grep -q 'width 1: u is 1 at a distance of 1' note");
  session_must(folder, "$A heatmap out/weights.csv | grep -q 0.5");
  session_must(folder, "$A heatmap out/weights.csv -o out/w.html && grep -q 0.5 out/w.html");
  session_must(folder,
               "tail -n +2 p.csv | $A kernel - --width 1 --queries 0.5:0.5:1 2> note > curve && "
               "cmp curve out/curve.csv");
  session_must(folder, "$A kernel p.csv --kernel average 2> note | tail -n 1 | grep -qx 3,1");
  session_must(folder,
               "printf '1,1\\n2,4\\n3,9\\n' > q && $A kernel q --kernel boxcar --width 2 --queries 1:3:1 2> note | "
               "tail -n +2 | cmp - q && rm q");                                    /* a point alone gives its own y */
  session_must(folder, "$A kernel p.csv --width 2 2> note | wc -l | grep -qx 52"); /* 51 queries */
  session_must(folder, "$A kernel p.csv --width 2 --queries 0:1:0.1 2> note | wc -l | grep -qx 12");
  session_must(folder, "rm -r out p.csv want note curve");
}
END_TEST

/* The sine that comes with the program: each kernel with a gradient finds a width that is better than the mean. */
START_TEST(learns) {
  const char *folder = bad_base();
  session_must(folder, "cp $(dirname $A)/../../data/sine.csv .");
  session_must(folder,
               "for k in gaussian triangular epanechnikov; do $A kernel sine.csv --kernel $k 2>&1 > curve | "
               "grep -q ', learned: .* by 0\\.3[0-9]* ' || exit 1; done");
  session_must(folder, "$A kernel sine.csv --kernel average 2>&1 > curve | grep -q ' by 1\\.3'");
  session_must(folder, "$A kernel sine.csv > curve 2> note && $A kernel sine.csv > again 2> note && cmp curve again");
  session_must(folder, "rm sine.csv curve again note");
}
END_TEST

static const BadRow rows[] = {
    {NULL, "$A kernel", 2, "POINTS.csv"},
    {NULL, "$A kernel none", 1, "none"},
    {"printf 'x,y\\n' > p.csv", "$A kernel p.csv", 1, "p.csv: no points"},
    {"printf '1,2\\n3,4,5\\n' > p.csv", "$A kernel p.csv", 1, "p.csv:2: 3 columns"},
    {"printf '1,2\\n\\n3,four\\n' > p.csv", "$A kernel p.csv", 1, "p.csv:3: \"four\" is not a number"},
    {"printf '1,2\\n3,nan\\n' > p.csv", "$A kernel p.csv", 1, "p.csv:2: \"nan\""},
    {"printf '1,2\\n3,1e999\\n' > p.csv", "$A kernel p.csv", 1, "p.csv:2: \"1e999\""},
    {"printf 'x,2\\n3,4\\n' > p.csv", "$A kernel p.csv", 1, "p.csv:1: \"x\""},
    {THREE, "$A kernel p.csv --kernel boxcar", 2, "boxcar has no gradient|--width 1"},
    {THREE, "$A kernel p.csv --kernel dot", 2, "dot"},
    {THREE, "$A kernel p.csv --width 0", 2, "--width 0: say a number above 0, or learn"},
    {THREE, "$A kernel p.csv --width wide", 2, "--width wide"},
    {THREE, "$A kernel p.csv --queries 0:5", 2, "--queries 0:5: these are not three numbers|0:5:0.1"},
    {THREE, "$A kernel p.csv --queries 0:5:1:2", 2, "--queries 0:5:1:2"},
    {THREE, "$A kernel p.csv --queries 5:0:1", 2, "TO is below FROM"},
    {THREE, "$A kernel p.csv --queries 0:5:0", 2, "STEP must be above 0"},
    {THREE, "$A kernel p.csv --queries 0:1:1e-9", 2, "queries of 3 points: over the most"},
    {"printf '1,2\\n1,3\\n' > p.csv", "$A kernel p.csv", 1, "all points are at x = 1|--width W"},
    {"seq 9000 | sed 's/.*/&,&/' > p.csv", "$A kernel p.csv", 1, "9000 points are too many|8192"},
    {THREE, "$A kernel p.csv -o a/b", 1, "a/b"},
    {THREE " && mkdir -p o && mv p.csv o/curve.csv", "$A kernel o/curve.csv -o o", 2, "kernel: -o"},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

/* One point, and a place without points. */
START_TEST(little) {
  const char *folder = bad_base();
  session_must(folder, "printf '2,7\\n' > p.csv && $A kernel p.csv --width 1 | tail -n 1 | grep -qx 2,7");
  session_must(folder,
               "printf '2,7\\n5,9\\n' > p.csv && $A kernel p.csv --kernel boxcar --width 9 --queries 3:4:1 2> note "
               "| tr '\\n' ' ' | grep -qx 'x,y 3,7 4,9 '");
  session_must(
      folder,
      "printf '2,7\\n2,9\\n' > p.csv && $A kernel p.csv --width 9 2> note | sort -u | tail -n 1 | grep -qx x,y");
  session_must(folder, "rm p.csv note");
}
END_TEST

static const BadRow idle = {THREE, "$A kernel p.csv --kernel average --width 2", 0, "--width has no effect"};

START_TEST(without_effect) { bad_check_warning(&idle, 0, NULL); }
END_TEST

Suite *test_system_kernel(void);
Suite *test_system_kernel(void) {
  Suite *s = suite_create("system: kernel");
  TCase *t = tcase_create("kernel");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, curve_and_weights);
  tcase_add_test(t, learns);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  tcase_add_test(t, little);
  tcase_add_test(t, without_effect);
  suite_add_tcase(s, t);
  return s;
}
