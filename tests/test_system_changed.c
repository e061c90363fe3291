/* Model files that somebody writes to while they are in use: a message with the name, status 1, and no line that was
 * made of such weights. */
#include <check.h>
#include <stddef.h>

#include "bad.h"

/* Begins a command that reads a pipe, changes the model m once there are translations of 20 lines, gives it 60 more,
 * and wants so many lines in the end. */
#define RUN(command, change, lines)                                  \
  "cp model/m.safetensors m; mkfifo pipe; $A " command               \
  " & exec 3> pipe; cat v.src >&3; "                                 \
  "until [ -e out ] && [ $(wc -l < out) = 20 ]; do :; done; " change \
  "; cat v.src v.src v.src >&3; exec 3>&-; "                         \
  "wait $!; s=$?; [ $(wc -l < out) = " #lines " ] || s=9; rm -f m pipe out; exit $s"
#define TRANSLATE "translate -m m --threads 3 --batch-size 4 < pipe > out"

static const BadRow rows[] = {
    {NULL, RUN(TRANSLATE, ": > m", 20), 1, "m: was cut short while it was in use"},
    {NULL, RUN("translate -m m --threads 1 < pipe > out", ": > m", 20), 1, "m: was cut short while it was in use"},
    {NULL, RUN("translate -m model/m.safetensors -m m --threads 2 < pipe > out", ": > m", 20), 1, "m: was cut short"},
    {NULL, RUN(TRANSLATE, "cat model/m.safetensors > m", 20), 1, "m: was written to while it was in use"},
    {NULL, RUN(TRANSLATE, "printf xxxx | dd of=m bs=1 seek=9000 conv=notrunc 2> /dev/null", 20), 1,
     "m: was written to"},
    {NULL, RUN(TRANSLATE, "cat t.src >> m", 20), 1, "m: was written to while it was in use"},
};

START_TEST(changed) { bad_check(&rows[_i], _i); }
END_TEST

/* Replaced by a rename, or removed, the file that is in use stays as it was. */
START_TEST(renamed) {
  static const BadRow row = {NULL, RUN(TRANSLATE, "cp t.src x; mv x m", 80), 0, ""};
  bad_check_warning(&row, 100, "");
}
END_TEST

Suite *test_system_changed(void);
Suite *test_system_changed(void) {
  Suite *s = suite_create("system: changed models");
  TCase *t = tcase_create("changed");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, changed, 0, sizeof rows / sizeof *rows);
  tcase_add_test(t, renamed);
  suite_add_tcase(s, t);
  return s;
}
