/* cmd_score.c - how likely a model finds given translations. */
#include "base/io.h"
#include "cli/output.h"
#include "cli/report.h"
#include "run/entry.h"
#include "run/score.h"

typedef struct Options {
  OptionList models, sets;
  int format, units;
  const char *alignments, *heatmaps;
} Options;

static const char *const formats[] = {"text", "jsonl", NULL};

static const Option table[] = {
    OPT_LIST(Options, models, "model", 'm', "MODEL",
             "model file; several score together [$ATTN_SEQ2SEQ_MODEL, else models/model.safetensors]"),
    OPT_CHOICE(Options, format, "format", 0, formats, "text", "log P, or a JSON object, a line"),
    OPT_TEXT(Options, alignments, "alignments", 0, "PATH", NULL,
             "write alignments: DIR/ (CSV matrices), FILE.csv (tidy), FILE.jsonl or FILE.txt (Pharaoh links)"),
    OPT_CHOICE(Options, units, "alignment-units", 0, report_units, "usual",
               "what a row and a column of an alignment is; usual: words in FILE.txt and heatmaps, else tokens"),
    OPT_TEXT(Options, heatmaps, "heatmaps", 0, "DIR", NULL,
             "write a picture of each alignment, and a page of all, to DIR"),
    OPT_CONFIG(Options, sets, "batch-size", 0, "N", "translate.batch_size"),
    OPT_CONFIG_HELP(Options, sets, "threads", 0, "N", "train.threads", "threads that work [all cores]"),
};

/* Where the scores go. */
typedef struct Sink {
  const Translator *translator;
  Report report;
  Entry entry;
} Sink;

static bool add_line(void *ctx, const ScoredLine *line, Err *err) {
  Sink *sink = ctx;
  entry_set(&sink->entry, sink->translator, line->id, 0, line->source, line->source->n, line->target, line->result);
  return report_add(&sink->report, &sink->entry.alignment, err);
}

static bool score(const Options *o, const Ensemble *ensemble, Pairs *pairs, Err *err) {
  const Config *config = &ensemble->members[0]->config;
  Sink sink = {.translator = ensemble->members[0]};
  ReportPlan plan = {.form = o->format == 1 ? REPORT_JSONL : REPORT_LOGPROB,
                     .alignments = o->alignments,
                     .heatmaps = o->heatmaps,
                     .models = &o->models,
                     .units = (ReportUnits)o->units};
  report_pieces(&plan, sink.translator);
  if (!report_open(&sink.report, &plan, err)) return false;
  Pool *pool = pool_new(config->train.threads);
  bool ok = score_lines(ensemble, pool, pairs, config->translate.batch_size, add_line, &sink, err);
  pool_free(pool);
  entry_free(&sink.entry);
  return report_close(&sink.report, ok, err);
}

/* Files of unequal length are told of before anything is printed; what can be read only once is not read for that. */
static bool check_lengths(const char *const *paths, Err *err) {
  if (!io_is_file(paths[0]) || !io_is_file(paths[1])) return true;
  Pairs *pairs = pairs_open(&(PairFiles){.source = paths[0], .target = paths[1]}, NULL, err);
  Pair pair;
  int got = pairs == NULL ? -1 : 1;
  while (got == 1) got = pairs_next(pairs, &pair, err);
  pairs_close(pairs);
  return got == 0;
}

static bool read_and_score(const Options *o, const Ensemble *ensemble, const char *const *paths, Err *err) {
  Warnings warnings = {.warn = output_warn};
  Pairs *pairs = pairs_open(&(PairFiles){.source = paths[0], .target = paths[1]}, &warnings, err);
  bool ok = pairs != NULL && score(o, ensemble, pairs, err);
  warnings_end(&warnings);
  pairs_close(pairs);
  return ok;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  Ensemble ensemble;
  if (o->alignments != NULL && !alignment_writer_check(o->alignments, err)) return (int)err->kind;
  if (!check_lengths(arguments, err)) return (int)err->kind;
  if (!report_load(&ensemble, &o->models, &o->sets, err)) return (int)err->kind;
  (void)read_and_score(o, &ensemble, arguments, err);
  ensemble_free(&ensemble);
  return (int)err->kind;
}

static const char *const examples[] = {"score -m models/model.safetensors source.txt target.txt",
                                       "score -m models/model.safetensors source.txt target.txt --alignments links.txt",
                                       NULL};

const Command cmd_score = {
    .name = "score",
    .arguments = "SOURCE TARGET",
    .summary = "Print the log-probability of given translations",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = 2,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
