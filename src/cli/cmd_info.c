/* cmd_info.c - tells what is in a model file, and whether it is sound. */
#include "cli/command.h"
#include "cli/output.h"
#include "train/info.h"

typedef struct Options {
  bool json;
} Options;

static const Option table[] = {OPT_FLAG(Options, json, "json", 0, "print one JSON object")};

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  (void)n_arguments;
  Str text = {0};
  if (info_describe(&text, arguments[0], o->json ? INFO_JSON : INFO_TEXT, err))
    (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return (int)err->kind;
}

static const char *const examples[] = {"info models/model.safetensors", NULL};

const Command cmd_info = {
    .name = "info",
    .arguments = "MODEL",
    .summary = "Tell what a model file holds, and check it",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
