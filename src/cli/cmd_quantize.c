/* cmd_quantize.c - writes a model with weights of 8 bits. */
#include "cli/command.h"
#include "search/quantize.h"

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
  (void)n_arguments;
  if (o->output == NULL)
    (void)err_set(err, ERR_USAGE, "quantize: no file to write to; say -o OUT.safetensors beside the model");
  else (void)quantize_model(arguments[0], o->output, o->overwrite, err);
  return (int)err->kind;
}

static const char *const examples[] = {"quantize models/model.safetensors -o models/small.safetensors", NULL};

const Command cmd_quantize = {
    .name = "quantize",
    .arguments = "MODEL -o OUT",
    .summary = "Write a model with weights of 8 bits, a quarter of the size",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
