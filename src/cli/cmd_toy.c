/* cmd_toy.c - writes a toy corpus and a config that trains on it. */
#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "text/toy.h"

typedef struct Options {
  int64_t n, seed;
  bool overwrite;
} Options;

static const Option table[] = {
    OPT_INT(Options, n, "n", 0, "N", "10000", 1, 1000000000, "training pairs"),
    OPT_INT(Options, seed, "seed", 0, "N", "1", 0, 9007199254740991, "seed of the random draw"),
    OPT_FLAG(Options, overwrite, "overwrite", 0, "replace files of other content that stand there"),
};

static const char *name(int i) { return i < toy_count() ? toy_name(i) : NULL; }

static void notes(Str *out) {
  str_adds(out, "\nWhat each of them is, and what one sees on it:\n");
  for (int i = 0; i < toy_count(); i++) str_addf(out, "  %-18s%s\n", toy_name(i), toy_shows(i));
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  (void)n_arguments;
  (void)toy_write(arguments[0], arguments[1], (long)o->n, (uint64_t)o->seed, o->overwrite, err);
  return (int)err->kind;
}

static const char *const examples[] = {"toy en-fr data/en-fr --n 20000", NULL};

const Command cmd_toy = {
    .name = "toy",
    .arguments = "NAME FOLDER",
    .summary = "Write a small parallel corpus with gold alignments, and a config that trains on it",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = 2,
    .size = sizeof(Options),
    .first = name,
    .notes = notes,
    .examples = examples,
    .run = run,
};
