/* .ci/deps.sh with a package manager of its own: what is installed and still lacks something is completed, or said. */
#include <check.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

/* SentencePiece as in Debian 13: installed, it lacks protobuf-lite. Each package leaves a file of its name. */
static void set_up(void) {
  scratch_open(&scratch);
  session_must(folder(), "mkdir bin");
  session_write(
      folder(), "bin/pkg-config",
      "#!/bin/sh\n"
      "for name; do :; done\n"
      "case $name in\n"
      "sentencepiece)\n"
      "  if [ ! -e libsentencepiece-dev ]; then text=\"Package 'sentencepiece', required by 'virtual:world', "
      "not found\"\n"
      "  elif [ ! -e libprotobuf-dev ]; then text=\"Package 'protobuf-lite', required by 'sentencepiece', not "
      "found\"\n"
      "  else exit 0; fi ;;\n"
      "*) exit 0 ;;\n"
      "esac\n"
      "[ \"$1\" != --print-errors ] || echo \"$text\" >&2\n"
      "exit 1\n");
  session_write(folder(), "bin/apt-get",
                "#!/bin/sh\n"
                "[ \"$1\" = install ] || exit 0\n"
                "for name; do case $name in lib*) [ -e no-$name ] || touch $name ;; esac; done\n");
  session_must(folder(), "echo 'echo 0' > bin/id; touch bin/c++; chmod +x bin/*");
}
static void tear_down(void) { scratch_close(&scratch); }

static Ran run_deps(const char *arguments) {
  char path[PATH_MAX];
  Str line = {0};
  ck_assert_ptr_nonnull(getcwd(path, sizeof path));
  str_addf(&line, "PATH=\"$PWD/bin:$PATH\"; CXX=c++; export CXX; '%s/.ci/deps.sh' %s", path, arguments);
  Ran ran = session_run(folder(), str_text(&line));
  str_free(&line);
  return ran;
}

static void check_deps(const char *arguments, const char *says) {
  Ran ran = run_deps(arguments);
  ck_assert_msg(ran.status == 0, "%d: %s", ran.status, str_text(&ran.said));
  ck_assert_msg(strstr(str_text(&ran.out), says) != NULL, "%s", str_text(&ran.out));
  session_end(&ran);
}

START_TEST(completed) {
  check_deps("--why sentencepiece", "Package 'sentencepiece' not found\n");
  check_deps("zlib --optional sentencepiece",
             "because sentencepiece requires it and did not bring it: libprotobuf-dev\n");
  check_deps("--why sentencepiece", "");
  session_must(folder(), "test -e libsentencepiece-dev && test -e libprotobuf-dev");
}
END_TEST

START_TEST(of_no_use) {
  session_must(folder(), "touch no-libprotobuf-dev");
  check_deps(
      "zlib --optional sentencepiece",
      "sentencepiece is installed, but of no use: Package 'protobuf-lite', required by 'sentencepiece', not found\n"
      "building without sentencepiece\n");
  check_deps("--why sentencepiece", "Package 'protobuf-lite', required by 'sentencepiece', not found\n");
}
END_TEST

/* What is needed must be of use. */
START_TEST(needed) {
  session_must(folder(), "touch no-libprotobuf-dev");
  Ran ran = run_deps("sentencepiece");
  ck_assert_int_eq(ran.status, 1);
  ck_assert_ptr_nonnull(strstr(str_text(&ran.out), "of no use: Package 'protobuf-lite'"));
  session_end(&ran);
}
END_TEST

Suite *test_system_deps(void);
Suite *test_system_deps(void) {
  Suite *s = suite_create("system: deps");
  TCase *t = tcase_create("deps");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, completed);
  tcase_add_test(t, of_no_use);
  tcase_add_test(t, needed);
  suite_add_tcase(s, t);
  return s;
}
