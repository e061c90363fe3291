/* option.h - reads a command line against a command's option table, and prints the table as help.
 *
 * `--name=value`, `--name value`, `-n value`, `-nvalue`; `--` ends the options; `-` is an argument. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "base/str.h"
#include "cli/command.h"

/* A command line that was read; option_free ends it. */
typedef struct OptionLine {
  const Command *command;
  bool help;              /* --help was there; nothing else was looked at */
  void *values;           /* the command's options struct */
  const char **arguments; /* the positional ones */
  int n_arguments;
  char **owned; /* texts put together for OPTION_CONFIG */
  int n_owned;
} OptionLine;

/* Reads argv[0..argc), the words after the command's name. On failure line is empty. */
bool option_parse(OptionLine *line, const Command *command, const char *const *argv, int argc, Err *err);
void option_free(OptionLine *line);
/* Appends what `COMMAND --help` shows. */
void option_help(Str *out, const Command *command);

#endif
