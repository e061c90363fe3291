#include "bad.h"

#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;
static Str base;

const char *bad_base(void) { return str_text(&base); }

void bad_set_up(void) {
  scratch_open(&scratch);
  session_must(scratch.folder.at, "mkdir base && chmod 755 . base");
  str_addf(&base, "%s/base", scratch.folder.at);
  session_corpus(base.at);
  session_must(base.at, "$A train c.json --quiet && mv out model");
}

void bad_tear_down(void) {
  scratch_close(&scratch);
  str_free(&base);
}

static bool is_nobodys(const BadRow *row) { return strstr(row->line, "./attn") != NULL; }

/* The folder of row i, a copy of the base with the row's bad input in it. */
static Str make_folder(const BadRow *row, int i) {
  Str folder = {0}, line = {0};
  str_addf(&folder, "%s/%d", scratch.folder.at, i);
  str_addf(&line, "rm -rf %d && cp -R base %d", i, i);
  if (is_nobodys(row)) str_addf(&line, " && cp $A %d/attn && chmod -R a+rwX %d", i, i);
  session_must(scratch.folder.at, line.at);
  if (row->make != NULL) session_must(folder.at, row->make);
  str_free(&line);
  return folder;
}

static void check_words(const BadRow *row, const Ran *ran) {
  const char *at = row->words;
  while (at != NULL) {
    const char *end = strchr(at, '|');
    Str word = {0};
    str_add(&word, at, end == NULL ? strlen(at) : (size_t)(end - at));
    ck_assert_msg(strstr(str_text(&ran->said), str_text(&word)) != NULL,
                  "%s\n\"%s\" is missing in the message:\n%.2000s", row->line, str_text(&word), str_text(&ran->said));
    str_free(&word);
    at = end == NULL ? NULL : end + 1;
  }
}

/* A message: 1 to 20 lines, each after the name of the program. */
static void check_message(const BadRow *row, const Ran *ran) {
  static const char name[] = "attn-seq2seq: ";
  int n = 0;
  for (const char *at = str_text(&ran->said); *at != '\0'; n++) {
    const char *end = strchr(at, '\n');
    ck_assert_msg(end != NULL && strncmp(at, name, sizeof name - 1) == 0, "%s\nsaid:\n%.2000s", row->line,
                  str_text(&ran->said));
    at = end + 1;
  }
  ck_assert_msg(n >= 1 && n <= 20, "%s\nsaid %d lines:\n%s", row->line, n, str_text(&ran->said));
  ck_assert_msg(ran->out.n == 0, "%s\nwrote to standard output:\n%.2000s", row->line, str_text(&ran->out));
}

static Ran run(const BadRow *row, const char *folder) {
  Ran ran = is_nobodys(row) ? session_run_as_nobody(folder, row->line) : session_run(folder, row->line);
  ck_assert_msg(ran.status == row->status, "%s\nended with status %d, not %d, and said:\n%.2000s", row->line,
                ran.status, row->status, str_text(&ran.said));
  check_words(row, &ran);
  return ran;
}

static void remove_folder(Str *folder) {
  session_must(folder->at, "chmod -R u+rwX . && rm -rf ./*");
  str_free(folder);
}

void bad_check(const BadRow *row, int i) {
  Str folder = make_folder(row, i), before = {0}, after = {0};
  session_files(&before, folder.at);
  Ran ran = run(row, folder.at);
  check_message(row, &ran);
  session_files(&after, folder.at);
  ck_assert_msg(strcmp(str_text(&before), str_text(&after)) == 0, "%s\nleft other files:\n%.2000s", row->line,
                str_text(&after));
  session_end(&ran);
  str_free(&before);
  str_free(&after);
  remove_folder(&folder);
}

void bad_check_warning(const BadRow *row, int i, const char *out) {
  Str folder = make_folder(row, i);
  Ran ran = run(row, folder.at);
  if (out != NULL) ck_assert_str_eq(str_text(&ran.out), out);
  session_end(&ran);
  remove_folder(&folder);
}
