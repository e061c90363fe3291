/* cmd_train.c - trains a model. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/signals.h"

typedef struct Options {
  OptionList sets;
  bool resume, overwrite, quiet, from_1;
  const char *log, *report, *gold, *sentences;
} Options;

static const Option table[] = {
    OPT_LIST(Options, sets, "set", 0, "KEY=VALUE", "set a key of the config; VALUE is JSON, else a string"),
    OPT_FLAG(Options, resume, "resume", 0, "go on where the training of this model stopped"),
    OPT_FLAG(Options, overwrite, "overwrite", 0, "replace the training, log and report that stand there"),
    OPT_CONFIG(Options, sets, "threads", 0, "N", "train.threads"),
    OPT_FLAG(Options, quiet, "quiet", 0, "say nothing but errors"),
    OPT_TEXT(Options, log, "log", 0, "FILE.jsonl", NULL, "write a JSON object a line for every event"),
    OPT_TEXT(Options, report, "report", 0, "FILE.html", NULL,
             "write a page of curves, samples, heatmaps, renewed at each validation"),
    OPT_TEXT(Options, gold, "gold", 0, "FILE", NULL, "links of the validation pairs, for the report to outline"),
    OPT_FLAG(Options, from_1, "from-1", 0, "the links of --gold count from 1"),
    OPT_TEXT(Options, sentences, "sentences", 0, "FILE", NULL,
             "sentences for the report to show: source TAB translation, or a validation source"),
};

/* Appends a word as a shell reads it. */
static void add_word(Str *out, const char *word) {
  bool plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%")] == '\0';
  str_addc(out, ' ');
  if (plain && word[0] != '\0') {
    str_adds(out, word);
    return;
  }
  str_addc(out, '\'');
  for (const char *c = word; *c != '\0'; c++)
    if (*c == '\'') str_adds(out, "'\\''");
    else str_addc(out, *c);
  str_addc(out, '\'');
}

static void add_option(Str *out, const char *name, const char *value) {
  if (value == NULL) return;
  str_adds(out, name);
  add_word(out, value);
}

/* How to go on after an interrupt. */
static void advise(const Options *o, const char *path, const Progress *progress) {
  Str line = {0};
  if (o->quiet) return;
  if (progress->saved)
    str_addf(&line, "saved where the training of %s stands; go on with: attn-seq2seq train", progress->model);
  else str_addf(&line, "%s is as it was: no update was made; begin again with: attn-seq2seq train", progress->model);
  add_word(&line, path);
  if (progress->saved || o->resume) str_adds(&line, " --resume");
  if (!progress->saved && o->overwrite) str_adds(&line, " --overwrite");
  for (int i = 0; i < o->sets.n; i++) {
    str_adds(&line, " --set");
    add_word(&line, o->sets.at[i]);
  }
  add_option(&line, " --log", o->log);
  add_option(&line, " --report", o->report);
  add_option(&line, " --gold", o->gold);
  if (o->from_1) str_adds(&line, " --from-1");
  add_option(&line, " --sentences", o->sentences);
  (void)fprintf(stderr, "%s\n", str_text(&line));
  str_free(&line);
}

static int train(const Options *o, const char *path, Err *err) {
  Config config;
  Progress progress = {.quiet = o->quiet || ranks_me() > 0, .terminal = isatty(STDERR_FILENO) == 1};
  Warnings warnings = {.warn = progress_warn, .ctx = &progress};
  if (!config_load(&config, path, o->sets.at, o->sets.n, &warnings, err)) return (int)err->kind;
  if (!config_check_train(&config, path, err)) {
    config_free(&config);
    return (int)err->kind;
  }
  char *model = mem_text(config.train.model, strlen(config.train.model));
  progress.model = model;
  const atomic_int *interrupted = signals_catch();
  TrainOptions options = {.resume = o->resume,
                          .overwrite = o->overwrite,
                          .config = path,
                          .log = o->log,
                          .report = o->report,
                          .gold = o->gold,
                          .from_1 = o->from_1,
                          .sentences = o->sentences,
                          .observer = {progress_event, &warnings, &progress},
                          .interrupted = interrupted};
  TrainEnd end = train_run(&config, &options, err);
  int number = atomic_load(interrupted);
  if (end == TRAIN_INTERRUPTED) {
    number = ranks_max(number); /* the signal may have come to another */
    if (ranks_me() == 0) advise(o, path, &progress);
  }
  mem_free(model);
  return end == TRAIN_INTERRUPTED ? 128 + number : (int)err->kind;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  if (o->report == NULL && (o->gold != NULL || o->sentences != NULL)) {
    (void)err_set(err, ERR_USAGE, "train: --gold and --sentences are of the report: give --report FILE.html");
    return (int)err->kind;
  }
  if (o->from_1 && o->gold == NULL) {
    (void)err_set(err, ERR_USAGE, "train: --from-1 is about --gold; give that too");
    return (int)err->kind;
  }
  return train(o, arguments[0], err);
}

static const char *const examples[] = {"train config.json", "train config.json --resume",
                                       "train config.json --set train.epochs=40 --report report.html", NULL};

const Command cmd_train = {
    .name = "train",
    .arguments = "CONFIG.json",
    .summary = "Train a model from a parallel text",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .ranks = true,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
