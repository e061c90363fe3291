/* cmd_evaluate.c - measures an output file against its references. */
#include <string.h>

#include "base/io.h"
#include "cli/command.h"
#include "cli/output.h"
#include "eval/bleu.h"
#include "eval/bleu_tokenizer.h"
#include "eval/worst.h"

typedef struct Options {
  bool json, lowercase, confidence, from_1, baselines;
  int tokenize, smooth;
  int64_t width, samples, seed, worst;
  const char *references, *source, *target, *against, *sentences;
} Options;

static const Option table[] = {
    OPT_TEXT(Options, references, "references", 0, "FILE.tsv", NULL,
             "take references from lines SOURCE TAB REFERENCE; several a source"),
    OPT_TEXT(Options, source, "source", 0, "FILE", NULL,
             "the source of each line: for --references, --baselines, --worst; of aer, with --target, to check links"),
    OPT_TEXT(Options, target, "target", 0, "FILE", NULL, "of aer, with --source: the text that links lead to"),
    OPT_FLAG(Options, from_1, "from-1", 0, "of aer: the links of REFERENCE count from 1"),
    OPT_CHOICE(Options, tokenize, "tokenize", 0, bleu_tokenizer_names, "13a", "tokens of bleu"),
    OPT_CHOICE(Options, smooth, "smooth", 0, bleu_smooth_names, "exp", "smoothing of bleu"),
    OPT_FLAG(Options, lowercase, "lowercase", 0, "compare in lower case"),
    OPT_FLAG(Options, confidence, "confidence", 0, "add mean and 95 % interval of resampled scores"),
    OPT_TEXT(Options, against, "against", 0, "HYPOTHESIS2", NULL,
             "compare with another system's output by paired bootstrap"),
    OPT_INT(Options, samples, "samples", 0, "N", "1000", 1, 1000000, "resamples of --confidence and --against"),
    OPT_INT(Options, seed, "seed", 0, "N", "1", 0, 9007199254740991, "seed of the resampling"),
    OPT_FLAG(Options, baselines, "baselines", 0,
             "add the scores of the most frequent reference and, with --source, of the source copied"),
    OPT_TEXT(Options, sentences, "sentences", 0, "FILE.tsv", NULL, "write the scores of each line (-: print them)"),
    OPT_INT(Options, worst, "worst", 0, "N", NULL, 1, 1000000, "show the N lines that the first metric finds worst"),
    OPT_INT(Options, width, "width", 0, "N", NULL, 1, 15, "decimals of scores, instead of each metric's own"),
    OPT_FLAG(Options, json, "json", 0, "print one JSON object, at full precision"),
};

static bool check_references(const Options *o, int n_references, Err *err) {
  if (o->references != NULL && o->source == NULL)
    return err_set(err, ERR_USAGE, "evaluate: --references needs --source: the lines to look up");
  if (o->references != NULL && n_references > 0)
    return err_set(err, ERR_USAGE, "evaluate: either --references or REFERENCE, not both");
  if (o->references == NULL && n_references == 0)
    return err_set(err, ERR_USAGE, "evaluate: REFERENCE is missing (or --references with --source)");
  return true;
}

/* Options that say nothing about the metrics asked for. */
static bool check(const Options *o, const MetricSet *set, int n_references, Err *err) {
  bool links = true;
  for (int i = 0; i < set->n; i++) links = links && set->at[i]->links;
  if (!check_references(o, n_references, err)) return false;
  if (!links && (o->from_1 || o->target != NULL))
    return err_set(err, ERR_USAGE, "evaluate: --from-1 and --target are for aer alone");
  if (links && (o->baselines || o->references != NULL))
    return err_set(err, ERR_USAGE, "evaluate: --baselines and --references are not for aer");
  if (links && (o->source == NULL) != (o->target == NULL))
    return err_set(err, ERR_USAGE, "evaluate: of aer, --source and --target go together");
  if (!links && o->source != NULL && o->references == NULL && !o->baselines && o->worst == 0)
    return err_set(err, ERR_USAGE, "evaluate: --source is for --references, --baselines or --worst; give one of them");
  return true;
}

/* paths: HYPOTHESIS and REFERENCEs. */
static bool check_sentences(const Options *o, const char *const *paths, int n, Err *err) {
  static const char what[] = "evaluate: --sentences";
  const char *const others[] = {o->references, o->source, o->target, o->against};
  return o->sentences == NULL ||
         (output_spares(o->sentences, what, paths, n, err) && output_spares(o->sentences, what, others, 4, err));
}

/* What is done with each line. */
typedef struct Rows {
  const Options *options;
  const MetricSet *set;
  IoOut *out; /* of --sentences, or NULL: standard output */
  Str text;
  Worst worst;
} Rows;

static bool write_text(Rows *r, Err *err) {
  bool ok = r->out != NULL ? io_write(r->out, str_text(&r->text), r->text.n, err)
                           : output_write(str_text(&r->text), r->text.n, err);
  str_clear(&r->text);
  return ok;
}

static bool open_rows(Rows *r, Err *err) {
  const Options *o = r->options;
  worst_open(&r->worst, r->set, (int)o->worst);
  if (o->sentences == NULL) return true;
  if (strcmp(o->sentences, "-") != 0 && (r->out = io_create(o->sentences, err)) == NULL) return false;
  str_adds(&r->text, "line");
  for (int i = 0; i < r->set->n; i++) str_addf(&r->text, "\t%s", r->set->at[i]->name);
  for (int i = 0; o->against != NULL && i < r->set->n; i++) str_addf(&r->text, "\t%s_against", r->set->at[i]->name);
  str_addc(&r->text, '\n');
  return write_text(r, err);
}

static void add_scores(Rows *r, const double *scores) {
  int width = (int)r->options->width;
  for (int i = 0; scores != NULL && i < r->set->n; i++) {
    if (width > 0) str_addf(&r->text, "\t%.*f", width, scores[i]);
    else str_addf(&r->text, "\t%.10g", scores[i]);
  }
}

static bool add_row(void *ctx, const MetricRow *row, Err *err) {
  Rows *r = ctx;
  worst_add(&r->worst, row);
  if (r->options->sentences == NULL) return true;
  str_addf(&r->text, "%ld", row->line);
  add_scores(r, row->scores);
  add_scores(r, row->rivals);
  str_addc(&r->text, '\n');
  return write_text(r, err);
}

static void print(Rows *r, const MetricReport *report, Err *err) {
  const Options *o = r->options;
  int width = o->width > 0 ? (int)o->width : -1;
  if (o->json) metric_report_json(&r->text, report, o->worst > 0 ? worst_json(&r->worst) : NULL);
  else metric_report_print(&r->text, report, width);
  if (!o->json && o->worst > 0) worst_print(&r->text, &r->worst, width);
  (void)output_write(str_text(&r->text), r->text.n, err);
}

static void close_rows(Rows *r) {
  io_abandon(r->out);
  str_free(&r->text);
  worst_free(&r->worst);
}

static bool commit(Rows *r, Err *err) {
  IoOut *out = r->out;
  r->out = NULL;
  return out == NULL || io_commit(out, err);
}

static void evaluate(const Options *o, const MetricSet *set, const MetricFiles *files, Err *err) {
  Warnings warnings = {.warn = output_warn};
  MetricReport report = {0};
  Rows rows = {.options = o, .set = set};
  MetricRun want = {.files = *files,
                    .options = {o->tokenize, o->smooth, o->lowercase},
                    .from_1 = o->from_1,
                    .confidence = o->confidence,
                    .n_samples = (int)o->samples,
                    .seed = (uint64_t)o->seed,
                    .baselines = o->baselines,
                    .row = o->sentences != NULL || o->worst > 0 ? add_row : NULL,
                    .ctx = &rows};
  bool ok = open_rows(&rows, err) && metric_run(set, &want, &warnings, &report, err) && commit(&rows, err);
  warnings_end(&warnings);
  if (ok) print(&rows, &report, err);
  close_rows(&rows);
  metric_report_free(&report);
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  MetricSet set;
  MetricFiles files = {arguments[1], o->against, arguments + 2, n_arguments - 2, o->references, o->source, o->target};
  if (!metric_choose(&set, arguments[0], err)) {
    (void)err_prefix(err, "evaluate: ");
    return (int)err->kind;
  }
  if (check(o, &set, n_arguments - 2, err) && check_sentences(o, arguments + 1, n_arguments - 1, err))
    evaluate(o, &set, &files, err);
  return (int)err->kind;
}

static const char *metric_name(int i) {
  static const char *const names[] = {
#define METRIC(symbol, name) name,
#include "eval/metrics.def"
#undef METRIC
      NULL};
  return names[i];
}

#define METRIC(symbol, name) " " name
static const char summary[] = "Measure an output file against its references; metrics:"
#include "eval/metrics.def"
    ;
#undef METRIC

static const char *const examples[] = {"evaluate bleu,chrf output.txt reference.txt", "evaluate aer links.txt gold.txt",
                                       NULL};

const Command cmd_evaluate = {
    .name = "evaluate",
    .arguments = "METRIC[,METRIC...] HYPOTHESIS [REFERENCE...]",
    .summary = summary,
    .first = metric_name,
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = -1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
