/* cmd_compare.c - trains variants of a config and puts them side by side. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "train/compare.h"

typedef struct Options {
  OptionList varies, sets;
  const char *output, *gold, *sentences;
  int64_t seeds;
  bool quiet, from_1, overwrite;
} Options;

static const Option table[] = {
    OPT_LIST(Options, varies, "vary", 0, "KEY=V1,V2,...",
             "train with each of these values; all combinations of several; KEY,KEY=V1,V2: keys in step"),
    OPT_INT(Options, seeds, "seeds", 0, "N", "1", 1, 200,
            "train each with train.seed 1 to N; shows means and standard deviations"),
    OPT_TEXT(Options, output, "output", 'o', "DIR", NULL,
             "the folder of models, table.tsv, table.json, index.html; must be given"),
    OPT_TEXT(Options, gold, "gold", 0, "FILE", NULL,
             "links of the validation pairs, a line a pair: adds alignment error rates"),
    OPT_FLAG(Options, from_1, "from-1", 0, "the links of --gold count from 1"),
    OPT_TEXT(Options, sentences, "sentences", 0, "FILE", NULL,
             "sentences for the page to show: source TAB translation, or a validation source"),
    OPT_FLAG(Options, overwrite, "overwrite", 0,
             "train anew what was begun there with another config, and replace a table and page of others"),
    OPT_LIST(Options, sets, "set", 0, "KEY=VALUE", "set a key of the config; VALUE is JSON, else a string"),
    OPT_CONFIG(Options, sets, "threads", 0, "N", "train.threads"),
    OPT_FLAG(Options, quiet, "quiet", 0, "say nothing but errors, keys without effect and the table"),
};

static void begin(void *ctx, const Variant *variant, int i, int n) {
  Progress *p = ctx;
  *p = (Progress){.quiet = p->quiet, .terminal = p->terminal, .model = variant->name};
  if (!p->quiet) (void)fprintf(stderr, "== variant %d of %d: %s\n", i + 1, n, variant->name);
}

static void failed(void *ctx, const Variant *variant, const char *reason) {
  (void)ctx;
  (void)fprintf(stderr, "attn-seq2seq: variant %s: %s\n", variant->name, reason);
}

static bool check(const Options *o, Err *err) {
  if (o->varies.n == 0 && o->seeds == 1)
    return err_set(err, ERR_USAGE,
                   "compare: nothing to compare; say what differs, as in --vary model.attention.score=dot,additive, or "
                   "--seeds 3");
  if (o->from_1 && o->gold == NULL) return err_set(err, ERR_USAGE, "compare: --from-1 is about --gold; give that too");
  return o->output != NULL || err_set(err, ERR_USAGE, "compare: no folder to write to; say -o DIR");
}

static int compare(const Options *o, const char *path, Err *err) {
  Progress progress = {.quiet = o->quiet, .terminal = isatty(STDERR_FILENO) == 1};
  Warnings warnings = {.warn = progress_warn, .ctx = &progress}, loud = {.warn = output_warn};
  Str text = {0};
  CompareOptions options = {.config = path,
                            .sets = o->sets.at,
                            .n_sets = o->sets.n,
                            .varies = o->varies.at,
                            .n_varies = o->varies.n,
                            .n_seeds = (int)o->seeds,
                            .folder = o->output,
                            .gold = o->gold,
                            .from_1 = o->from_1,
                            .sentences = o->sentences,
                            .overwrite = o->overwrite,
                            .observer = {progress_event, &warnings, &progress},
                            .useless = &loud,
                            .begin = begin,
                            .failed = failed,
                            .interrupted = signals_catch()};
  TrainEnd end = compare_run(&options, &text, err);
  int status = end == TRAIN_FINISHED ? 0 : end == TRAIN_INTERRUPTED ? 128 + atomic_load(options.interrupted) : ERR_FILE;
  if (end == TRAIN_INTERRUPTED) (void)fprintf(stderr, "the same command goes on where this one stopped\n");
  else (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return status;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  return check(options, err) ? compare(options, arguments[0], err) : (int)err->kind;
}

static const char *const examples[] = {"compare config.json --vary model.attention.score=dot,additive -o compared",
                                       NULL};

const Command cmd_compare = {
    .name = "compare",
    .arguments = "CONFIG.json --vary KEY=V1,V2,... -o DIR",
    .summary = "Train variants of a config and put them side by side: table and page",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
