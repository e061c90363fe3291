/* cmd_score.c - how likely a model finds given translations. */
#include <math.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/ranks.h"
#include "cli/output.h"
#include "cli/report.h"
#include "search/rescore.h"
#include "search/score_lines.h"
#include "search/spread.h"

typedef struct Options {
  OptionList models, sets;
  int format, units, attention, precision;
  const char *alignments, *heatmaps, *n_best, *graph;
  bool summary;
} Options;

static const char *const formats[] = {"text", "jsonl", NULL};

static const Option table[] = {
    OPT_LIST(Options, models, "model", 'm', "MODEL",
             "model file; several score together [$ATTN_SEQ2SEQ_MODEL, else models/model.safetensors]"),
    OPT_CHOICE(Options, format, "format", 0, formats, "text", "log P, or a JSON object, a line"),
    OPT_FLAG(Options, summary, "summary", 0, "print pairs, tokens, log P and perplexity of the whole text instead"),
    OPT_TEXT(Options, n_best, "n-best", 0, "FILE", NULL,
             "score this n-best list of SOURCE, in Moses's form, instead of TARGET: prints it ranked anew"),
    OPT_TEXT(Options, graph, "graph", 0, "FILE", NULL,
             "links between the words of each line of SOURCE, 0-3 2-5, for a model of graph attention"),
    OPT_CONFIG(Options, sets, "length-penalty", 0, "A", "translate.length_penalty"),
    OPT_CONFIG(Options, sets, "coverage-penalty", 0, "B", "translate.coverage_penalty"),
    OPT_TEXT(Options, alignments, "alignments", 0, "PATH", NULL,
             "write alignments: DIR/ (CSV matrices), FILE.csv (tidy), FILE.jsonl or FILE.txt (Pharaoh links)"),
    OPT_CHOICE(Options, units, "alignment-units", 0, report_units, "usual",
               "what a row and a column of an alignment is; usual: words in FILE.txt and heatmaps, else tokens"),
    OPT_CHOICE(Options, attention, "attention", 0, report_attention, "alignment",
               "what JSON and pages tell: the alignment alone, or with it every layer and head"),
    OPT_TEXT(Options, heatmaps, "heatmaps", 0, "DIR", NULL,
             "write a picture of each alignment, and a page of all, to DIR"),
    OPT_CONFIG(Options, sets, "inference", 0, "KIND", "model.attention.hard.inference"),
    OPT_CHOICE(
        Options, precision, "precision", 0, report_precision, "usual",
        "of products with weights; int8: weights rounded to 8 bits, faster; usual: float32, of a quantised model int8"),
    OPT_CONFIG(Options, sets, "batch-size", 0, "N", "translate.batch_size"),
    OPT_CONFIG_HELP(Options, sets, "threads", 0, "N", "train.threads", "threads that work [all cores]"),
};

/* Where the scores go. */
typedef struct Sink {
  Report report;
  long n_pairs, n_tokens, n_unknown; /* so far; of target tokens, with `</s>` */
  double logprob;
} Sink;

static bool add_line(void *ctx, const SessionLine *line, Err *err) {
  Sink *sink = ctx;
  const BeamResult result = session_result(line->session, line->at);
  const Hypothesis *h = result.best;
  sink->n_pairs++;
  sink->n_tokens += h->n_target;
  sink->logprob += h->logprob;
  for (int t = 0; t < h->n_target; t++) sink->n_unknown += h->tokens[t] == ID_UNK;
  return report_add(&sink->report, &session_entry(line->session, line->at, 0, line->id, false)->alignment, err);
}

/* The text as a whole. */
static bool summarise(const Sink *sink, bool json, Err *err) {
  Str text = {0};
  double perplexity = exp(-sink->logprob / (double)sink->n_tokens);
  if (json) {
    Json *object = json_new_object();
    json_set(object, "pairs", json_new_number((double)sink->n_pairs));
    json_set(object, "tokens", json_new_number((double)sink->n_tokens));
    json_set(object, "unknown", json_new_number((double)sink->n_unknown));
    json_set(object, "logprob", json_new_number(sink->logprob));
    json_set(object, "perplexity", json_new_number(perplexity));
    json_print(&text, object, false);
    str_addc(&text, '\n');
    json_free(object);
  } else {
    str_addf(&text, "pairs = %ld\ntokens = %ld\nunknown = %ld\nlog P = %.6f\nperplexity = %.4f\n", sink->n_pairs,
             sink->n_tokens, sink->n_unknown, sink->logprob, perplexity);
  }
  bool ok = output_write(str_text(&text), text.n, err);
  str_free(&text);
  return ok;
}

static bool score(const Options *o, const Ensemble *ensemble, Pairs *pairs, Err *err) {
  const Config *config = &ensemble->members[0]->config;
  Sink sink = {0};
  ReportPlan plan = {.form = o->summary       ? REPORT_NOTHING
                             : o->format == 1 ? REPORT_JSONL
                                              : REPORT_LOGPROB,
                     .alignments = o->alignments,
                     .heatmaps = o->heatmaps,
                     .models = &o->models,
                     .units = (ReportUnits)o->units};
  ScoreOptions options = {.batch_size = config->translate.batch_size, .heads = o->attention == REPORT_HEADS};
  report_pieces(&plan, ensemble->members[0]);
  if (!report_open(&sink.report, &plan, err)) return false;
  Pool *pool = pool_new(config->train.threads);
  bool ok = score_lines(ensemble, pool, pairs, &options, add_line, &sink, err);
  pool_free(pool);
  if (ok && o->summary && sink.n_pairs == 0 && ranks_me() == 0)
    ok = err_set(err, ERR_FILE, "%s: no lines; there is nothing to sum up", pairs_path(pairs));
  return report_close(&sink.report, ok, err) &&
         (!o->summary || ranks_me() > 0 || summarise(&sink, o->format == 1, err));
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
  Pairs *pairs = pairs_open(&(PairFiles){.source = paths[0], .target = paths[1], .graph = o->graph}, &warnings, err);
  bool ok = pairs != NULL && score(o, ensemble, pairs, err);
  warnings_end(&warnings);
  pairs_close(pairs);
  return ok;
}

static bool print_entries(void *ctx, const char *at, size_t n, Err *err) {
  (void)ctx;
  return output_write(at, n, err);
}

static void rescore(const Options *o, const Ensemble *ensemble, const char *source, Err *err) {
  const Config *config = &ensemble->members[0]->config;
  Warnings warnings = {.warn = output_warn};
  RescoreFiles files = {source, o->n_best, o->graph};
  Pool *pool = pool_new(config->train.threads);
  (void)rescore_list(ensemble, pool, &files, &config->translate, &warnings, print_entries, NULL, err);
  pool_free(pool);
  warnings_end(&warnings);
}

static bool check(const Options *o, const char *const *paths, int n, Err *err) {
  bool standard = n == 2 ? strcmp(paths[1], "-") == 0 : o->n_best != NULL && strcmp(o->n_best, "-") == 0;
  if (o->n_best == NULL && n < 2)
    return err_set(err, ERR_USAGE, "score: TARGET is missing; expected: score SOURCE TARGET (or --n-best FILE SOURCE)");
  if (o->n_best != NULL && n == 2)
    return err_set(err, ERR_USAGE, "score: either --n-best or TARGET, not both: %s", paths[1]);
  if (o->n_best != NULL && (o->format != 0 || o->summary || o->alignments != NULL || o->heatmaps != NULL))
    return err_set(err, ERR_USAGE,
                   "score: --n-best prints a list; --format, --summary, --alignments and --heatmaps are for TARGET");
  bool linked = o->graph != NULL && strcmp(o->graph, "-") == 0;
  if ((standard && strcmp(paths[0], "-") == 0) || (linked && (standard || strcmp(paths[0], "-") == 0)))
    return err_set(err, ERR_USAGE, "score: only one of the files can be standard input (\"-\")");
  if (!report_check_attention(o->attention,
                              &(ReportPlan){.form = o->format == 1 && !o->summary ? REPORT_JSONL : REPORT_LOGPROB,
                                            .alignments = o->alignments,
                                            .heatmaps = o->heatmaps,
                                            .models = &o->models},
                              "score", err))
    return false;
  return o->alignments == NULL || (output_spares(o->alignments, "score: --alignments", paths, n, err) &&
                                   alignment_writer_check(o->alignments, err));
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Ensemble ensemble;
  if (!check(o, arguments, n_arguments, err)) return (int)err->kind;
  if (o->n_best == NULL && !check_lengths(arguments, err)) return (int)err->kind;
  if (!report_load(&ensemble, &o->models, &o->sets, (Precision)o->precision, err)) return (int)err->kind;
  if (!ensemble_links(&ensemble, o->graph, err)) {
    ensemble_free(&ensemble);
    return (int)err->kind;
  }
  bool agree = spread_agree(&ensemble, err);
  if (agree && o->n_best == NULL) (void)read_and_score(o, &ensemble, arguments, err);
  else if (agree && ranks_me() == 0) rescore(o, &ensemble, arguments[0], err);
  ensemble_free(&ensemble);
  return (int)err->kind;
}

static const char *const examples[] = {"score -m models/model.safetensors source.txt target.txt",
                                       "score -m models/model.safetensors source.txt target.txt --alignments links.txt",
                                       NULL};

const Command cmd_score = {
    .name = "score",
    .arguments = "SOURCE [TARGET]",
    .summary = "Print the log-probability of given translations",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 2,
    .ranks = true,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
