/* cmd_evaluate.c - measures an output file against its reference. */
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/metric.h"

typedef struct Options {
  bool json;
} Options;

static const Option table[] = {
    OPT_FLAG(Options, json, "json", 0, "print one JSON object, at full precision"),
};

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  Warnings warnings = {.warn = output_warn};
  MetricSet set;
  MetricReport report;
  if (!metric_choose(&set, arguments[0], err)) {
    (void)err_prefix(err, "evaluate: ");
    return (int)err->kind;
  }
  bool ok = metric_run(&set, arguments[1], arguments[2], &warnings, &report, err);
  warnings_end(&warnings);
  Str text = {0};
  if (ok && o->json) metric_print_json(&text, &report);
  else if (ok) metric_print(&text, &report);
  if (ok) (void)output_write(str_text(&text), text.n, err);
  str_free(&text);
  return (int)err->kind;
}

#define METRIC(name) " " #name
static const char summary[] = "Measure an output file against its reference; metrics:"
#include "eval/metrics.def"
    ;
#undef METRIC

const Command cmd_evaluate = {
    .name = "evaluate",
    .arguments = "METRIC[,METRIC...] HYPOTHESIS REFERENCE",
    .summary = summary,
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 3,
    .max_arguments = 3,
    .size = sizeof(Options),
    .run = run,
};
