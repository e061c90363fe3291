/* cmd_average.c - writes the mean of several models. */
#include "cli/command.h"
#include "train/average.h"

typedef struct Options {
  const char *output;
  bool overwrite;
} Options;

static const Option table[] = {
    OPT_TEXT(Options, output, "output", 'o', "OUT", NULL, "the file to write; must be given"),
    OPT_FLAG(Options, overwrite, "overwrite", 0, "replace another file that stands there"),
};

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  if (o->output == NULL)
    (void)err_set(err, ERR_USAGE, "average: no file to write to; say -o OUT.safetensors before the models");
  else (void)average_models(arguments, n_arguments, o->output, o->overwrite, err);
  return (int)err->kind;
}

static const char *const examples[] = {
    "average -o mean.safetensors models/m.step-00000400.safetensors models/m.step-00000500.safetensors", NULL};

const Command cmd_average = {
    .name = "average",
    .arguments = "-o OUT MODEL MODEL...",
    .summary = "Write the mean of the weights of several models",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = -1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
