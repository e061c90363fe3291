/* A shortlist made and used through the program. */
#include <check.h>
#include <string.h>

#include "bad.h"
#include "session.h"

#define MODEL "-m model/m.safetensors"
#define MAKE "$A shortlist " MODEL " t.src t.tgt -o list"

START_TEST(made_and_used) {
  const char *folder = bad_base();
  session_must(folder, MAKE);
  session_must(folder, "$A shortlist " MODEL " t.src t.tgt -o list2 --threads 2 --best 50 && cmp list list2");
  session_must(folder, "test $(cut -f1 list | sort -u | wc -l) = 9"); /* eight letters and </s> */
  session_must(folder, "$A translate " MODEL " --shortlist list < v.src > with && $A translate " MODEL
                       " < v.src > without && cmp with without"); /* of so few words all are common */
  session_must(folder, "rm list list2 with without");
}
END_TEST

static const BadRow rows[] = {
    {NULL, "$A shortlist " MODEL " t.src t.tgt", 2, "shortlist: |-o FILE"},
    {NULL, "$A shortlist " MODEL " t.src -o list", 2, "SOURCE TARGET"},
    {NULL, "$A shortlist " MODEL " t.src v.tgt -o list", 1, "v.tgt has 20"},
    {NULL, "$A shortlist " MODEL " t.src none -o list", 1, "none"},
    {NULL, "$A shortlist -m none t.src t.tgt -o list", 1, "none"},
    {NULL, "$A shortlist " MODEL " t.src t.tgt -o model", 1, "model: is a folder"},
    {NULL, "$A shortlist " MODEL " t.src t.tgt -o a/b/list", 1, "a/b"},
    {NULL, "$A shortlist " MODEL " t.src t.tgt -o list --best 0", 2, "--best"},
    {NULL, "ulimit -f 0; " MAKE, 1, "list: cannot write"},
    {NULL, "$A translate " MODEL " --shortlist none < v.src", 1, "none"},
    {"printf 'a\\tb\\t1\\na b 1\\n' > list", "$A translate " MODEL " --shortlist list < v.src", 1, "list:2: "},
};

START_TEST(bad) { bad_check(&rows[_i], _i); }
END_TEST

static const BadRow foreign = {"printf 'a\\tb\\t1\\nxyz\\tb\\t1\\n' > list",
                               "$A translate " MODEL " --shortlist list < v.src", 0, "list: 1 of 2 lines left out"};

START_TEST(foreign_tokens) { bad_check_warning(&foreign, 0, NULL); }
END_TEST

Suite *test_system_shortlist(void);
Suite *test_system_shortlist(void) {
  Suite *s = suite_create("system: shortlist");
  TCase *t = tcase_create("shortlist");
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_set_timeout(t, 60);
  tcase_add_test(t, made_and_used);
  tcase_add_loop_test(t, bad, 0, sizeof rows / sizeof *rows);
  tcase_add_test(t, foreign_tokens);
  suite_add_tcase(s, t);
  return s;
}
