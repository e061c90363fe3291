/* cmd_evaluate.c - measures an output file against its references. */
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/bleu.h"
#include "eval/bleu_tokenizer.h"
#include "eval/metric_run.h"

typedef struct Options {
  bool json, lowercase, confidence;
  int tokenize, smooth;
  int64_t width, samples, seed;
  const char *references, *source, *against;
} Options;

static const Option table[] = {
    OPT_TEXT(Options, references, "references", 0, "FILE.tsv", NULL,
             "take references from lines SOURCE TAB REFERENCE; several a source"),
    OPT_TEXT(Options, source, "source", 0, "FILE", NULL, "with --references: the source of each line"),
    OPT_CHOICE(Options, tokenize, "tokenize", 0, bleu_tokenizer_names, "13a", "tokens of bleu"),
    OPT_CHOICE(Options, smooth, "smooth", 0, bleu_smooth_names, "exp", "smoothing of bleu"),
    OPT_FLAG(Options, lowercase, "lowercase", 0, "compare in lower case"),
    OPT_FLAG(Options, confidence, "confidence", 0, "add mean and 95 % interval of resampled scores"),
    OPT_TEXT(Options, against, "against", 0, "HYPOTHESIS2", NULL,
             "compare with another system's output by paired bootstrap"),
    OPT_INT(Options, samples, "samples", 0, "N", "1000", 1, 1000000, "resamples of --confidence and --against"),
    OPT_INT(Options, seed, "seed", 0, "N", "1", 0, 9007199254740991, "seed of the resampling"),
    OPT_INT(Options, width, "width", 0, "N", NULL, 1, 15, "decimals of scores, instead of each metric's own"),
    OPT_FLAG(Options, json, "json", 0, "print one JSON object, at full precision"),
};

static bool check(const Options *o, int n_references, Err *err) {
  if ((o->references == NULL) != (o->source == NULL))
    return err_set(err, ERR_USAGE, "evaluate: --references and --source go together");
  if (o->references != NULL && n_references > 0)
    return err_set(err, ERR_USAGE, "evaluate: either --references or REFERENCE, not both");
  if (o->references == NULL && n_references == 0)
    return err_set(err, ERR_USAGE, "evaluate: REFERENCE is missing (or --references with --source)");
  return true;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Warnings warnings = {.warn = output_warn};
  MetricSet set;
  MetricReport report = {0};
  if (!check(o, n_arguments - 2, err)) return (int)err->kind;
  if (!metric_choose(&set, arguments[0], err)) {
    (void)err_prefix(err, "evaluate: ");
    return (int)err->kind;
  }
  MetricRun want = {.files = {arguments[1], o->against, arguments + 2, n_arguments - 2, o->references, o->source},
                    .options = {o->tokenize, o->smooth, o->lowercase},
                    .confidence = o->confidence,
                    .n_samples = (int)o->samples,
                    .seed = (uint64_t)o->seed};
  bool ok = metric_run(&set, &want, &warnings, &report, err);
  warnings_end(&warnings);
  Str text = {0};
  if (ok && o->json) metric_report_json(&text, &report);
  else if (ok) metric_report_print(&text, &report, o->width > 0 ? (int)o->width : -1);
  if (ok) (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  metric_report_free(&report);
  return (int)err->kind;
}

#define METRIC(symbol, name) " " name
static const char summary[] = "Measure an output file against its references; metrics:"
#include "eval/metrics.def"
    ;
#undef METRIC

const Command cmd_evaluate = {
    .name = "evaluate",
    .arguments = "METRIC[,METRIC...] HYPOTHESIS [REFERENCE...]",
    .summary = summary,
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = -1,
    .size = sizeof(Options),
    .run = run,
};
