/* cmd_bench.c - measures how fast this machine trains and decodes. */
#include <stdint.h>
#include <stdio.h>

#include "base/ranks.h"
#include "bench/bench_report.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/report.h"
#include "nn/model.h"

enum { LONGEST = 10000 };

typedef struct Options {
  OptionList sets;
  bool json, ranks;
  int64_t limit;
  int precision;
  const char *lengths, *model, *shortlist;
} Options;

static const Option table[] = {
    OPT_CONFIG(Options, sets, "threads", 0, "N", "train.threads"),
    OPT_FLAG(Options, json, "json", 0, "print one JSON object"),
    OPT_FLAG(Options, ranks, "ranks", 0, "only training, by all processes that mpirun has started"),
    OPT_LIST(Options, sets, "set", 0, "KEY=VALUE", "set a key of the config; VALUE is JSON, else a string"),
    OPT_INT(Options, limit, "limit", 0, "N", NULL, 1, LONGEST, "output tokens of every sentence when decoding"),
    OPT_TEXT(Options, lengths, "lengths", 0, "S,T", NULL, "generated text, S source and T target tokens a sentence"),
    OPT_TEXT(Options, model, "model", 0, "MODEL", NULL, "decode with this model, and time loading it"),
    OPT_CHOICE(Options, precision, "precision", 0, report_precision, "usual", "of decoding, as translate has it"),
    OPT_TEXT(Options, shortlist, "shortlist", 0, "FILE", NULL, "decode with this shortlist, as translate does"),
};

static bool read_lengths(const char *text, BenchOptions *b, Err *err) {
  int n = 0;
  if (text == NULL) return true;
  Err why = {0};
  if (sscanf(text, "%6d,%6d%n", &b->n_source, &b->n_target, &n) == 2 && text[n] == '\0' && b->n_source >= 1 &&
      b->n_source <= LONGEST && b->n_target >= 1 && b->n_target <= LONGEST)
    return model_fits(b->n_source, b->n_target, &why) || err_set(err, ERR_USAGE, "bench: --lengths: %s", why.text);
  return err_set(err, ERR_USAGE, "bench: --lengths \"%.40s\" is not two numbers from 1 to %d, as in --lengths 20,25",
                 text, LONGEST);
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Warnings warnings = {.warn = output_warn};
  BenchOptions b = {.config = n_arguments > 0 ? arguments[0] : NULL,
                    .sets = o->sets.at,
                    .n_sets = o->sets.n,
                    .model = o->model,
                    .precision = o->precision,
                    .shortlist = o->shortlist,
                    .limit = (int)o->limit,
                    .ranks = o->ranks,
                    .effort = bench_effort,
                    .warnings = &warnings};
  BenchResult result;
  Str text = {0};
  if (!o->ranks && ranks_count() > 1)
    (void)err_set(err, ERR_USAGE, "bench: of %d processes together it measures training alone: add --ranks",
                  ranks_count());
  if (err->kind != ERR_NONE) return (int)err->kind;
  if (!read_lengths(o->lengths, &b, err) || !bench_run(&b, &result, err)) return (int)err->kind;
  if (ranks_me() > 0) return 0;
  if (o->json) bench_report_json(&text, &result);
  else bench_report_text(&text, &result);
  (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return (int)err->kind;
}

static const char *const examples[] = {"bench --threads 2", "bench config.json --json", NULL};

const Command cmd_bench = {
    .name = "bench",
    .arguments = "[CONFIG.json]",
    .summary = "Measure how fast this machine trains and decodes",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .max_arguments = 1,
    .ranks = true,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
