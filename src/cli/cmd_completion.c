/* cmd_completion.c - prints a script with which a shell completes command lines. */
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/output.h"

static const struct {
  const char *name;
  void (*write)(Str *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
enum { N_SHELLS = sizeof shells / sizeof *shells };

static const char *shell_name(int i) { return i < N_SHELLS ? shells[i].name : NULL; }

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)options;
  (void)n_arguments;
  int i = 0;
  while (i < N_SHELLS && strcmp(shells[i].name, arguments[0]) != 0) i++;
  if (i == N_SHELLS) {
    (void)err_set(err, ERR_USAGE, "completion: \"%s\" is not one of bash, zsh, fish", arguments[0]);
    return ERR_USAGE;
  }
  Str text = {0};
  shells[i].write(&text);
  (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return (int)err->kind;
}

static const char *const examples[] = {"completion bash > ~/.local/share/bash-completion/completions/attn-seq2seq",
                                       "completion fish > ~/.config/fish/completions/attn-seq2seq.fish", NULL};

const Command cmd_completion = {
    .name = "completion",
    .arguments = "SHELL",
    .summary = "Print a script with which bash, zsh or fish completes commands and options",
    .min_arguments = 1,
    .max_arguments = 1,
    .first = shell_name,
    .examples = examples,
    .run = run,
};
