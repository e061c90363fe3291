/* The scripts that complete command lines: all that the tables have is in them, and where a shell is there it is asked
 * what it makes of them. */
#include "cli/completion.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/program.h"
#include "scratch.h"

typedef struct Shell {
  const char *name;
  void (*write)(Str *out);
  const char *before, *after; /* what stands around the name of a long option */
  const char *ask;            /* prints its answers to $WORDS, having read $SCRIPT; NULL: cannot be asked */
} Shell;

static const Shell shells[] = {
    {"bash", completion_bash, "--", " ",
     "bash -c '. $SCRIPT; COMP_WORDS=($WORDS); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _attn_seq2seq; "
     "printf \"%s\\n\" \"${COMPREPLY[@]}\"'"},
    {"fish", completion_fish, " -l ", " ", "fish --no-config -c 'source $SCRIPT; complete -C \"$WORDS\"'"},
    {"zsh", completion_zsh, "--", "[", NULL},
};
enum { N_SHELLS = sizeof shells / sizeof *shells };

START_TEST(every_command_and_option) {
  Str script = {0}, option = {0};
  shells[_i].write(&script);
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) {
    ck_assert_msg(strstr(str_text(&script), commands[i]->name) != NULL, "%s", commands[i]->name);
    for (int k = 0; k < commands[i]->n_options; k++) {
      str_clear(&option);
      str_addf(&option, "%s%s%s", shells[_i].before, commands[i]->options[k].name, shells[_i].after);
      ck_assert_msg(strstr(str_text(&script), str_text(&option)) != NULL, "%s lacks %s", shells[_i].name,
                    str_text(&option));
    }
  }
  ck_assert_ptr_nonnull(strstr(str_text(&script), " model.attention.score="));
  str_free(&script);
  str_free(&option);
}
END_TEST

static const struct {
  const char *words;      /* of the line so far, the last of them to be completed */
  const char *has, *not ; /* a line of the answer, and one it must not have */
} cases[] = {
    {"attn-seq2seq tr", "translate", "score"},
    {"attn-seq2seq translate --form", "--format", "--model"},
    {"attn-seq2seq translate --format js", "jsonl", "text"},
    {"attn-seq2seq toy rev", "reverse", "copy"},
    {"attn-seq2seq evaluate ch", "chrf", "bleu"},
    {"attn-seq2seq help heat", "heatmap", "train"},
    {"attn-seq2seq train --set model.attention.sc", "model.attention.score=", "model.attention.flow="},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static bool is_there(const char *shell) {
  char command[64];
  (void)snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", shell);
  return system(command) == 0;
}

/* What a command prints, a line starting each answer; what follows a tab describes it. */
static void read_answers(Str *out, const char *command) {
  FILE *from = popen(command, "r");
  ck_assert_ptr_nonnull(from);
  str_addc(out, '\n');
  bool described = false;
  for (int c = getc(from); c != EOF; c = getc(from)) {
    described = c != '\n' && (described || c == '\t');
    if (!described) str_addc(out, (char)c);
  }
  ck_assert_int_eq(pclose(from), 0);
}

static bool has_line(const Str *answers, const char *line) {
  Str whole = {0};
  str_addf(&whole, "\n%s\n", line);
  bool found = strstr(str_text(answers), str_text(&whole)) != NULL;
  str_free(&whole);
  return found;
}

START_TEST(answers_of_shells) {
  const Shell *shell = &shells[_i];
  if (shell->ask == NULL || !is_there(shell->name)) return;
  Scratch scratch;
  scratch_open(&scratch);
  Str script = {0};
  shell->write(&script);
  ck_assert_int_eq(setenv("SCRIPT", scratch_text(&scratch, "script", str_text(&script)), 1), 0);
  for (int k = 0; k < N_CASES; k++) {
    Str answers = {0};
    ck_assert_int_eq(setenv("WORDS", cases[k].words, 1), 0);
    read_answers(&answers, shell->ask);
    ck_assert_msg(has_line(&answers, cases[k].has), "%s: %s: %s", shell->name, cases[k].words, str_text(&answers));
    ck_assert_msg(!has_line(&answers, cases[k].not ), "%s: %s: %s", shell->name, cases[k].words, str_text(&answers));
    str_free(&answers);
  }
  str_free(&script);
  scratch_close(&scratch);
}
END_TEST

/* Without a shell's own completion at hand: it reads the script without a complaint. */
START_TEST(shells_read_their_script) {
  const Shell *shell = &shells[_i];
  if (!is_there(shell->name)) return;
  Scratch scratch;
  scratch_open(&scratch);
  Str script = {0}, command = {0};
  shell->write(&script);
  str_addf(&command, "%s -n %s", shell->name, scratch_text(&scratch, "script", str_text(&script)));
  ck_assert_int_eq(system(str_text(&command)), 0);
  str_free(&script);
  str_free(&command);
  scratch_close(&scratch);
}
END_TEST

Suite *test_completion(void);
Suite *test_completion(void) {
  Suite *s = suite_create("completion");
  TCase *t = tcase_create("completion");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, every_command_and_option, 0, N_SHELLS);
  tcase_add_loop_test(t, answers_of_shells, 0, N_SHELLS);
  tcase_add_loop_test(t, shells_read_their_script, 0, N_SHELLS);
  suite_add_tcase(s, t);
  return s;
}
