#include "cli/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ranks.h"
#include "base/str.h"
#include "cli/option.h"
#include "cli/output.h"
#include "eval/picture.h"
#include "num/kernels.h"
#include "serve/http.h"
#include "text/sentencepiece.h"

#define COMMAND(name) extern const Command cmd_##name;
#include "cli/commands.def"
#undef COMMAND

static const Command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "cli/commands.def"
#undef COMMAND
};

enum { N_COMMANDS = sizeof commands / sizeof *commands, MOST_LINES = 20 };

const Command *const *program_commands(int *n) {
  *n = N_COMMANDS;
  return commands;
}

static void print_text(const Str *text, Err *err) { (void)output_write(str_text(text), text->n, err); }

static void help(Err *err) {
  Str text = {0};
  str_adds(
      &text,
      "Usage: attn-seq2seq COMMAND [OPTION]... [ARGUMENT]...\n"
      "Trains attention sequence-to-sequence translators, translates with them, and writes what they attended to.\n"
      "\nCommands:\n");
  for (int i = 0; i < N_COMMANDS; i++) str_addf(&text, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
  str_adds(&text,
           "\n`attn-seq2seq COMMAND --help` shows the options of a command, `man attn-seq2seq` everything;\n"
           "`attn-seq2seq --version` shows the version.\n");
  print_text(&text, err);
  str_free(&text);
}

static void command_help(const Command *command, Err *err) {
  Str text = {0};
  option_help(&text, command);
  print_text(&text, err);
  str_free(&text);
}

static void version(Err *err) {
  Str text = {0};
  str_addf(&text, "attn-seq2seq %s\nkernels:", VERSION);
  for (int i = 0; kernels_list(i) != NULL; i++)
    if (kernels_here(i))
      str_addf(&text, strcmp(kernels_list(i), kernels_name()) == 0 ? " [%s]" : " %s", kernels_list(i));
  str_addf(&text, "\nSentencePiece: %s\nPango and Cairo: %s\nserve: %s%s\nMPI: %s\n",
           sentencepiece_missing() == NULL ? "yes" : "no", picture_available() ? "yes" : "no",
           http_version() == NULL ? "" : "libmicrohttpd ", http_version() == NULL ? "no" : http_version(),
           ranks_library() != NULL ? ranks_library() : "no");
  print_text(&text, err);
  str_free(&text);
}

static bool is_config(const char *name) {
  size_t n = strlen(name);
  return n > 5 && strcmp(name + n - 5, ".json") == 0;
}

static const Command *find(const char *name, Err *err) {
  const char *names[N_COMMANDS + 2] = {[N_COMMANDS] = "--help", [N_COMMANDS + 1] = "--version"};
  for (int i = 0; i < N_COMMANDS; i++) {
    names[i] = commands[i]->name;
    if (strcmp(names[i], name) == 0) return commands[i];
  }
  const char *near = str_nearest(name, names, N_COMMANDS + 2);
  const char *what = name[0] == '-' ? "option" : "command";
  if (is_config(name))
    (void)err_set(err, ERR_USAGE, "\"%s\": unknown %s; to train with it: attn-seq2seq train %s", name, what, name);
  else if (near != NULL) (void)err_set(err, ERR_USAGE, "\"%s\": unknown %s; did you mean \"%s\"?", name, what, near);
  else (void)err_set(err, ERR_USAGE, "\"%s\": unknown %s", name, what);
  (void)err_add(err, ERR_USAGE, "`attn-seq2seq --help` lists the commands");
  return NULL;
}

static int run_command(const Command *command, const char *const *argv, int argc, Err *err) {
  OptionLine line;
  int status = 0;
  if (!option_parse(&line, command, argv, argc, err)) {
    (void)err_add(err, ERR_USAGE, "`attn-seq2seq %s --help` lists the options", command->name);
    return ERR_USAGE;
  }
  if (line.help) command_help(command, err);
  else if (!command->ranks && !ranks_refuse(command->name, err)) status = (int)err->kind;
  else if (command->ranks && !ranks_start(err)) status = (int)err->kind;
  else status = command->run(line.values, line.arguments, line.n_arguments, err);
  option_free(&line);
  return status;
}

/* `help` and `help COMMAND`, as other programs have them. */
static void help_on(const char *const *names, int n, Err *err) {
  if (n == 0) help(err);
  else if (n > 1) (void)err_set(err, ERR_USAGE, "help: one command at a time: attn-seq2seq help %s", names[0]);
  else {
    const Command *command = find(names[0], err);
    if (command != NULL) command_help(command, err);
  }
}

static int dispatch(const char *const *argv, int argc, Err *err) {
  const Command *command = NULL;
  if (argc < 1) (void)err_set(err, ERR_USAGE, "no command given\n`attn-seq2seq --help` lists the commands");
  else if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) help(err);
  else if (strcmp(argv[0], "help") == 0) help_on(argv + 1, argc - 1, err);
  else if (strcmp(argv[0], "--version") == 0) version(err);
  else command = find(argv[0], err);
  return command == NULL ? 0 : run_command(command, argv + 1, argc - 1, err);
}

/* Each line of a message, with the program's name before it; at most MOST_LINES. */
static void complain(const Err *err) {
  int n = 0;
  for (const char *at = err->text; at != NULL; n++) {
    const char *end = strchr(at, '\n');
    bool last = n == MOST_LINES - 1 && end != NULL;
    (void)fprintf(stderr, "attn-seq2seq: ");
    if (ranks_me() > 0) (void)fprintf(stderr, "rank %d on %s: ", ranks_me(), ranks_host(ranks_me()));
    if (last) (void)fprintf(stderr, "and more of the same kind\n");
    else (void)fprintf(stderr, "%.*s\n", end == NULL ? (int)strlen(at) : (int)(end - at), at);
    at = end == NULL || last ? NULL : end + 1;
  }
}

static bool choose_kernels(Err *err) {
  const char *wanted = getenv("ATTN_SEQ2SEQ_KERNELS");
  return kernels_choose(wanted != NULL && wanted[0] != '\0' ? wanted : NULL, err) ||
         err_prefix(err, "ATTN_SEQ2SEQ_KERNELS: ");
}

int program_run(int argc, char **argv) {
  Err err = {0}, closing = {0};
  int status = choose_kernels(&err) ? dispatch((const char *const *)argv + 1, argc - 1, &err) : 0;
  bool closed = output_close(&closing);
  if (err.kind == ERR_NONE && !closed) err = closing;
  if (err.kind == ERR_NONE) {
    ranks_end();
    return status;
  }
  bool several = ranks_fails((int)err.kind);
  complain(&err);
  if (several) ranks_abort((int)err.kind);
  return (int)err.kind;
}
