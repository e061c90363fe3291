#include <check.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

/* $L is the folder of the library. */
static void set_up(void) {
  char here[4096];
  Str line = {0};
  ck_assert_ptr_nonnull(getcwd(here, sizeof here));
  scratch_open(&scratch);
  str_addf(&line, "ln -s '%s/%s' L && ln -s '%s/models/tiny-dates.safetensors' m.safetensors", here, LIBRARY, here);
  session_must(scratch.folder.at, str_text(&line));
  str_free(&line);
}

static void tear_down(void) { scratch_close(&scratch); }

static const char *const examples[] = {"L/example-static", "L/example-shared"};

/* As the command line says it. */
START_TEST(the_example_translates) {
  Str line = {0};
  str_addf(&line,
           "%s m.safetensors 'may 3 1994' '' > out && (echo 'may 3 1994'; echo) | $A translate -m m.safetensors > want "
           "&& grep -v '^  ' out | cut -f 1 > got && cmp got want && grep -q ' <- </s>$' out",
           examples[_i]);
  session_must(scratch.folder.at, str_text(&line));
  str_free(&line);
}
END_TEST

START_TEST(the_example_tells_errors) {
  Str line = {0};
  str_addf(&line, "%s none x", examples[_i]);
  Ran ran = session_run(scratch.folder.at, str_text(&line));
  ck_assert_int_eq(ran.status, 1);
  ck_assert_str_eq(str_text(&ran.said), "example: none: cannot open: No such file or directory\n");
  session_end(&ran);
  str_free(&line);
}
END_TEST

START_TEST(only_its_own_names_are_seen) {
  session_must(scratch.folder.at,
               "nm -D --defined-only L/libattn_seq2seq.so | sed 's/.* //' | sort > shared; "
               "nm -g --defined-only L/libattn_seq2seq.a | sed -n 's/^[0-9a-f].* //p' | sort > static; "
               "cmp shared static && grep -q '^attn_seq2seq_translate$' shared && ! grep -v '^attn_seq2seq_' shared");
}
END_TEST

/* What the libraries are made of need not be installed with headers to compile against the shared one. */
START_TEST(pkg_config_wants_no_other_package) {
  session_must(scratch.folder.at,
               "PKG_CONFIG_LIBDIR=L pkg-config --cflags --libs attn_seq2seq > flags && "
               "grep -q -- '-lattn_seq2seq' flags && ! grep -q openblas flags && "
               "PKG_CONFIG_LIBDIR=L pkg-config --static --libs attn_seq2seq | grep -q openblas");
}
END_TEST

Suite *test_system_library(void);
Suite *test_system_library(void) {
  Suite *suite = suite_create("system: library");
  TCase *t = tcase_create("library");
  tcase_add_checked_fixture(t, set_up, tear_down);
  if (LIBRARY[0] != '\0') {
    tcase_add_loop_test(t, the_example_translates, 0, 2);
    tcase_add_loop_test(t, the_example_tells_errors, 0, 2);
    tcase_add_test(t, only_its_own_names_are_seen);
    tcase_add_test(t, pkg_config_wants_no_other_package);
  }
  suite_add_tcase(suite, t);
  return suite;
}
