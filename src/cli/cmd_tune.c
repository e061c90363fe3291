/* cmd_tune.c - finds settings for a corpus. */
#include <stdint.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "train/tune.h"

typedef struct Options {
  OptionList sets;
  const char *output;
  double minutes;
  int64_t updates, seed, folds;
  bool quiet, overwrite;
} Options;

static const Option table[] = {
    OPT_REAL(Options, minutes, "minutes", 0, "M", NULL, 0.01, 1e6, "stop after so much time; not the same twice"),
    OPT_INT(Options, updates, "updates", 0, "N", NULL, 1, 1000000000,
            "train so many updates in all instead: the same for the same seed"),
    OPT_TEXT(Options, output, "output", 'o', "DIR", NULL,
             "the folder of best.json, table.tsv, table.json, index.html, models; must be given"),
    OPT_INT(Options, seed, "seed", 0, "N", "1", 0, 9007199254740991, "the seed of what is drawn"),
    OPT_INT(Options, folds, "folds", 0, "K", NULL, 1, 20,
            "cross-validation on so many folds; 1: none; if not given, 5 for fewer than 1000 pairs without data.valid"),
    OPT_FLAG(Options, overwrite, "overwrite", 0, "begin anew, whatever was begun there"),
    OPT_LIST(Options, sets, "set", 0, "KEY=VALUE", "set a key of the config; VALUE is JSON, else a string"),
    OPT_CONFIG(Options, sets, "threads", 0, "N", "train.threads"),
    OPT_FLAG(Options, quiet, "quiet", 0, "say nothing but errors and the draws that stand at the end"),
};

static void say(void *ctx, const char *line) {
  const Options *o = ctx;
  if (!o->quiet) (void)fprintf(stderr, "%s\n", line);
}

static bool check(const Options *o, Err *err) {
  if ((o->minutes > 0) == (o->updates > 0))
    return err_set(err, ERR_USAGE, "tune: say how much is to be tried: either --minutes M or --updates N");
  return o->output != NULL || err_set(err, ERR_USAGE, "tune: no folder to write to; say -o DIR");
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  Options o = *(const Options *)options;
  if (!check(&o, err)) return (int)err->kind;
  Str text = {0};
  TuneOptions tune = {.config = arguments[0],
                      .sets = o.sets.at,
                      .n_sets = o.sets.n,
                      .folder = o.output,
                      .minutes = o.minutes,
                      .updates = (long)o.updates,
                      .seed = o.seed,
                      .n_folds = (int)o.folds,
                      .overwrite = o.overwrite,
                      .say = say,
                      .ctx = &o,
                      .interrupted = signals_catch()};
  TrainEnd end = tune_run(&tune, &text, err);
  int status = end == TRAIN_FINISHED      ? 0
               : end == TRAIN_INTERRUPTED ? 128 + atomic_load(tune.interrupted)
                                          : (int)err->kind;
  if (end == TRAIN_INTERRUPTED) (void)fprintf(stderr, "the same command goes on where this one stopped\n");
  if (text.n > 0) (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return status;
}

static const char *const examples[] = {"tune config.json --minutes 20 -o tuned",
                                       "tune config.json --updates 20000 -o tuned", NULL};

const Command cmd_tune = {
    .name = "tune",
    .arguments = "CONFIG.json --minutes M -o DIR",
    .summary = "Find settings for a corpus: try many, and go on with those that do best",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
