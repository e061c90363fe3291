/* command.h - what a subcommand is made of: a table of options, a range of positional arguments, a function.
 *
 * A command is one file cmd_NAME.c that defines `const Command cmd_NAME`, and one line in commands.def. The framework
 * parses the line into the command's own options struct, so that `run` only sees checked values; --help, the man-page
 * test and suggestions for misspelt options follow the table. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

typedef enum OptionType {
  OPTION_FLAG,   /* bool */
  OPTION_INT,    /* int64_t, low .. high */
  OPTION_REAL,   /* double, low .. high */
  OPTION_TEXT,   /* const char *, NULL when not given */
  OPTION_MAYBE,  /* const char *, NULL when not given, "" when given without a value; a value starts without a hyphen */
  OPTION_CHOICE, /* int, the index in choices */
  OPTION_LIST,   /* OptionList, may be given again and again */
  OPTION_CONFIG, /* OptionList, to which "KEY=VALUE" is appended, KEY being `key`; checked as that key of a config */
} OptionType;

/* Values of a repeatable option, in the order given; owned by the framework until run returns. Texts are the
 * arguments of the process. Give it to config_load as (list.at, list.n). */
typedef struct OptionList {
  const char **at;
  int n;
} OptionList;

typedef struct Option {
  const char *name; /* without the two hyphens */
  char letter;      /* short form, 0: none */
  OptionType type;
  size_t offset;              /* of the value in the options struct; an OPTION_CONFIG names its OptionList */
  const char *value;          /* what --help calls the value, NULL for a flag */
  const char *help;           /* one line; the default is added to it */
  const char *initial;        /* the default as it would be typed, NULL: none (0, NULL, not given) */
  double low, high;           /* OPTION_INT and OPTION_REAL: allowed range */
  const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
  const char *key;            /* OPTION_CONFIG */
} Option;

/* Rows of an option table. O is the options struct, f its field. */
#define OPT_FLAG(O, f, NAME, LETTER, HELP) \
  { .name = (NAME), .letter = (LETTER), .type = OPTION_FLAG, .offset = offsetof(O, f), .help = (HELP) }
#define OPT_INT(O, f, NAME, LETTER, VALUE, INITIAL, LOW, HIGH, HELP)                                    \
  {                                                                                                     \
    .name = (NAME), .letter = (LETTER), .type = OPTION_INT, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP), .initial = (INITIAL), .low = (LOW), .high = (HIGH)                                  \
  }
#define OPT_REAL(O, f, NAME, LETTER, VALUE, INITIAL, LOW, HIGH, HELP)                                    \
  {                                                                                                      \
    .name = (NAME), .letter = (LETTER), .type = OPTION_REAL, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP), .initial = (INITIAL), .low = (LOW), .high = (HIGH)                                   \
  }
#define OPT_TEXT(O, f, NAME, LETTER, VALUE, INITIAL, HELP)                                               \
  {                                                                                                      \
    .name = (NAME), .letter = (LETTER), .type = OPTION_TEXT, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP), .initial = (INITIAL)                                                                 \
  }
#define OPT_MAYBE(O, f, NAME, LETTER, VALUE, HELP)                                                        \
  {                                                                                                       \
    .name = (NAME), .letter = (LETTER), .type = OPTION_MAYBE, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP)                                                                                        \
  }
#define OPT_CHOICE(O, f, NAME, LETTER, CHOICES, INITIAL, HELP)                                           \
  {                                                                                                      \
    .name = (NAME), .letter = (LETTER), .type = OPTION_CHOICE, .offset = offsetof(O, f), .help = (HELP), \
    .initial = (INITIAL), .choices = (CHOICES)                                                           \
  }
#define OPT_LIST(O, f, NAME, LETTER, VALUE, HELP)                                                        \
  {                                                                                                      \
    .name = (NAME), .letter = (LETTER), .type = OPTION_LIST, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP)                                                                                       \
  }
/* A key of the config as an option; range, default and help are the key's own. OPT_CONFIG_HELP: with another help,
 * where the default is not the config's. */
#define OPT_CONFIG(O, f, NAME, LETTER, VALUE, KEY)                                                         \
  {                                                                                                        \
    .name = (NAME), .letter = (LETTER), .type = OPTION_CONFIG, .offset = offsetof(O, f), .value = (VALUE), \
    .key = (KEY)                                                                                           \
  }

#define OPT_CONFIG_HELP(O, f, NAME, LETTER, VALUE, KEY, HELP)                                              \
  {                                                                                                        \
    .name = (NAME), .letter = (LETTER), .type = OPTION_CONFIG, .offset = offsetof(O, f), .value = (VALUE), \
    .help = (HELP), .key = (KEY)                                                                           \
  }

typedef struct Command {
  const char *name;
  const char *arguments; /* as in "CONFIG.json", "" when none */
  const char *summary;   /* one line for the list of commands */
  const Option *options;
  int n_options;
  int min_arguments, max_arguments; /* max < 0: any number */
  const char *surplus;              /* what to do with an argument too many, or NULL */
  const char *(*first)(int i);      /* the ith word that the first argument can be, NULL after the last; or NULL */
  const char *const *examples;      /* lines without the program's name, NULL-terminated */
  bool ranks;                       /* processes that MPI has started together work together (ranks.h) */
  size_t size;                      /* of the options struct, zeroed before parsing */
  /* Appends to --help what the table cannot know, like the names that an argument can be; may be NULL. */
  void (*notes)(Str *out);
  /* Does the work. Returns the exit status; with err filled, main prints it and the status is err's kind, whatever is
   * returned. */
  int (*run)(const void *options, const char *const *arguments, int n_arguments, Err *err);
} Command;

#endif
