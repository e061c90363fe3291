/* cmd_translate.c - translates the lines of standard input. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/output.h"
#include "cli/report.h"
#include "search/spread.h"
#include "search/translate_lines.h"
#include "search/unknown.h"

typedef struct Options {
  OptionList models, sets;
  int64_t min_length, n_best, top_k, seed;
  double temperature;
  bool no_unknown, sample;
  int format, units, attention, precision;
  const char *alignments, *heatmaps, *shortlist, *replace, *graph;
  bool show;
} Options;

enum { MOST = 1 << 30 };

static const char *const formats[] = {"text", "jsonl", NULL};

static const Option table[] = {
    OPT_LIST(Options, models, "model", 'm', "MODEL",
             "model file; several translate together [$ATTN_SEQ2SEQ_MODEL, else models/model.safetensors]"),
    OPT_CONFIG(Options, sets, "beam-size", 'b', "K", "translate.beam_size"),
    OPT_CONFIG(Options, sets, "length-penalty", 0, "A", "translate.length_penalty"),
    OPT_CONFIG(Options, sets, "coverage-penalty", 0, "B", "translate.coverage_penalty"),
    OPT_CONFIG(Options, sets, "max-length", 0, "N", "translate.max_length"),
    OPT_CONFIG(Options, sets, "max-length-ratio", 0, "R", "translate.max_length_ratio"),
    OPT_INT(Options, min_length, "min-length", 0, "N", "0", 0, MOST, "least target tokens, without </s>"),
    OPT_INT(Options, n_best, "n-best", 0, "N", "1", 1, 1000,
            "translations a line, at most the beam size; more than 1 as Moses writes them"),
    OPT_FLAG(Options, no_unknown, "no-unknown", 0, "never give <unk>"),
    OPT_MAYBE(Options, replace, "replace-unknown", 0, "[DICTIONARY.tsv]",
              "for <unk> give the source word it attends to most, or its entry in the dictionary"),
    OPT_FLAG(Options, sample, "sample", 0, "draw translations at random instead of searching the best"),
    OPT_REAL(Options, temperature, "temperature", 0, "T", "1", 0.001, HUGE_VAL,
             "of --sample: below 1 favours likely tokens, above 1 unlikely ones"),
    OPT_INT(Options, top_k, "top-k", 0, "N", "0", 0, MOST, "of --sample: only the N likeliest tokens, 0 = all"),
    OPT_INT(Options, seed, "seed", 0, "N", "1", 0, (double)INT64_MAX, "of --sample: other numbers, other draws"),
    OPT_CHOICE(Options, format, "format", 0, formats, "text", "a line of text, or a JSON object, a translation"),
    OPT_TEXT(Options, alignments, "alignments", 0, "PATH", NULL,
             "write alignments: DIR/ (CSV matrices), FILE.csv (tidy), FILE.jsonl or FILE.txt (Pharaoh links)"),
    OPT_CHOICE(Options, units, "alignment-units", 0, report_units, "usual",
               "what a row and a column of an alignment is; usual: words in FILE.txt and heatmaps, else tokens"),
    OPT_CHOICE(Options, attention, "attention", 0, report_attention, "alignment",
               "what JSON and pages tell: the alignment alone, or with it every layer and head"),
    OPT_TEXT(Options, heatmaps, "heatmaps", 0, "DIR", NULL,
             "write a picture of each alignment, and a page of all, to DIR"),
    OPT_FLAG(Options, show, "show", 0, "draw what was attended to under each line"),
    OPT_TEXT(Options, graph, "graph", 0, "FILE", NULL,
             "links between the words of each line, 0-3 2-5, for a model of graph attention"),
    OPT_TEXT(Options, shortlist, "shortlist", 0, "FILE", NULL,
             "give only what FILE, made by the command shortlist, lists for the words of a line; faster"),
    OPT_CONFIG(Options, sets, "inference", 0, "KIND", "model.attention.hard.inference"),
    OPT_CHOICE(
        Options, precision, "precision", 0, report_precision, "usual",
        "of products with weights; int8: weights rounded to 8 bits, faster; usual: float32, of a quantised model int8"),
    OPT_CONFIG(Options, sets, "batch-size", 0, "N", "translate.batch_size"),
    OPT_CONFIG_HELP(Options, sets, "threads", 0, "N", "train.threads", "threads that work [all cores]"),
};

/* Where the translations go. */
typedef struct Sink {
  const Translator *translator;
  bool ranked;
  bool replace;
  const Dictionary *dictionary; /* or NULL */
  Unknown unknown;
  Report report;
} Sink;

static bool add_line(void *ctx, const SessionLine *line, Err *err) {
  Sink *sink = ctx;
  const Tokenized *source = session_source(line->session, line->at);
  int n = session_result(line->session, line->at).n;
  for (int i = 0; i < (n == 0 ? 1 : n); i++) { /* an empty line has an empty output */
    Entry *entry = session_entry(line->session, line->at, i, line->id, sink->ranked);
    if (sink->replace)
      unknown_replace(&sink->unknown, entry, sink->translator, str_text(&source->line), &source->tokens,
                      sink->dictionary);
    if (!report_add(&sink->report, &entry->alignment, err)) return false;
  }
  return true;
}

static bool flush(void *ctx, Err *err) {
  (void)ctx;
  return output_flush(err);
}

static TranslateOptions search_options(const Options *o, const TranslateConfig *c, const Shortlist *shortlist) {
  return (TranslateOptions){.beam = {.beam_size = c->beam_size,
                                     .n_best = (int)o->n_best,
                                     .length_penalty = c->length_penalty,
                                     .coverage_penalty = c->coverage_penalty,
                                     .max_length_ratio = c->max_length_ratio,
                                     .min_length = (int)o->min_length,
                                     .no_unknown = o->no_unknown,
                                     .sample = o->sample,
                                     .temperature = o->temperature,
                                     .top_k = (int)o->top_k,
                                     .seed = (uint64_t)o->seed,
                                     .weights = o->alignments != NULL || o->heatmaps != NULL || o->show ||
                                                o->format == 1 || o->replace != NULL,
                                     .shortlist = shortlist},
                            .batch_size = c->batch_size,
                            .max_length = c->max_length};
}

static bool translate(const Options *o, const Ensemble *ensemble, const Shortlist *shortlist,
                      const Dictionary *dictionary, Lines *lines, Warnings *warnings, Err *err) {
  const Config *config = &ensemble->members[0]->config;
  TranslateOptions options = search_options(o, &config->translate, shortlist);
  if (o->attention == REPORT_HEADS) options.beam.heads = model_config_heads(&config->model);
  Sink sink = {.translator = ensemble->members[0],
               .ranked = o->n_best > 1,
               .replace = o->replace != NULL,
               .dictionary = dictionary};
  ReportPlan plan = {.form = o->format == 1 ? REPORT_JSONL
                             : sink.ranked  ? REPORT_NBEST
                                            : REPORT_TEXT,
                     .ranked = sink.ranked,
                     .show = o->show,
                     .alignments = o->alignments,
                     .heatmaps = o->heatmaps,
                     .models = &o->models,
                     .units = (ReportUnits)o->units};
  report_pieces(&plan, sink.translator);
  if (!report_open(&sink.report, &plan, err)) return false;
  Pool *pool = pool_new(config->train.threads);
  bool ok = translate_lines(ensemble, pool, lines, warnings, &options, &(TranslateSink){&sink, add_line, flush}, err);
  warnings_end(warnings);
  pool_free(pool);
  unknown_free(&sink.unknown);
  return report_close(&sink.report, ok, err);
}

/* Their defaults tell whether they are given. */
static bool check_sample(const Options *o, Err *err) {
  const char *given = o->top_k != 0                              ? "top-k"
                      : o->temperature < 1 || o->temperature > 1 ? "temperature"
                      : o->seed != 1                             ? "seed"
                                                                 : NULL;
  return o->sample || given == NULL ||
         err_set(err, ERR_USAGE, "translate: --%s is of --sample, which draws at random; add that or leave it out",
                 given);
}

static bool check_alignments(const Options *o, Err *err) {
  static const char *const input[] = {"-"};
  ReportPlan plan = {.form = o->format == 1 ? REPORT_JSONL : REPORT_TEXT,
                     .alignments = o->alignments,
                     .heatmaps = o->heatmaps,
                     .models = &o->models};
  if (!report_check_attention(o->attention, &plan, "translate", err)) return false;
  return o->alignments == NULL || (output_spares(o->alignments, "translate: --alignments", input, 1, err) &&
                                   alignment_writer_check(o->alignments, err));
}

/* What is said of source words says nothing of the regions of an image or the rows of a matrix. */
static bool check_words(const Options *o, const Translator *t, Err *err) {
  const char *given = o->shortlist != NULL ? "shortlist" : o->replace != NULL ? "replace-unknown" : NULL;
  return given == NULL || tokenizer_regions(t->source_tokenizer) == NULL ||
         err_set(err, ERR_USAGE,
                 "translate: --%s goes by source words, but the model's data.source_form is \"features\": "
                 "leave it out",
                 given);
}

static bool is_given(const Options *o, const char *key) {
  size_t n = strlen(key);
  for (int i = 0; i < o->sets.n; i++)
    if (strncmp(o->sets.at[i], key, n) == 0 && o->sets.at[i][n] == '=') return true;
  return false;
}

/* A draw is a beam of 1. */
static bool check(const Options *o, const TranslateConfig *c, Err *err) {
  if (o->sample && c->beam_size > 1 && is_given(o, "translate.beam_size"))
    return err_set(err, ERR_USAGE,
                   "translate: --beam-size is of the search for the best, and --sample draws: leave one of them out");
  if (o->sample || o->n_best <= c->beam_size) return true;
  return err_set(err, ERR_USAGE,
                 "translate: --n-best %d is more than the beam size, %d: give --beam-size %d, or draw with --sample",
                 (int)o->n_best, c->beam_size, (int)o->n_best);
}

/* The one named, in *shortlist; NULL when none is. */
static bool load_shortlist(Shortlist **shortlist, const Options *o, const Ensemble *ensemble, Warnings *warnings,
                           Err *err) {
  const Translator *t = ensemble->members[0];
  *shortlist = NULL;
  if (o->shortlist == NULL) return true;
  for (int m = 0; m < ensemble->n; m++)
    if (ensemble->models[m]->decoder->copies)
      return err_set(
          err, ERR_USAGE,
          "translate: --shortlist is about an output layer, and a model of model.decoder.type \"%s\" has none: "
          "leave it out",
          ensemble->models[m]->decoder->name);
  *shortlist = shortlist_read(o->shortlist, t->source_vocab, t->target_vocab, &shortlist_usual, warnings, err);
  return *shortlist != NULL;
}

static bool load_dictionary(Dictionary **dictionary, const Options *o, Warnings *warnings, Err *err) {
  if (o->replace == NULL || o->replace[0] == '\0') return true;
  *dictionary = dictionary_read(o->replace, warnings, err);
  return *dictionary != NULL;
}

static bool read_and_translate(const Options *o, const Ensemble *ensemble, Err *err) {
  Warnings warnings = {.warn = output_warn};
  if (!check(o, &ensemble->members[0]->config.translate, err) || !check_words(o, ensemble->members[0], err) ||
      !ensemble_links(ensemble, o->graph, err))
    return false;
  Shortlist *shortlist;
  if (!load_shortlist(&shortlist, o, ensemble, &warnings, err)) return false;
  Dictionary *dictionary = NULL;
  bool ok = load_dictionary(&dictionary, o, &warnings, err);
  if (ok && isatty(STDIN_FILENO)) output_note("translating the lines typed here; Ctrl-D ends, < FILE reads a file");
  Lines *lines = ok ? lines_open("-", &warnings, err) : NULL;
  ok = lines != NULL && (o->graph == NULL || lines_join(lines, o->graph, err)) &&
       translate(o, ensemble, shortlist, dictionary, lines, &warnings, err);
  lines_close(lines);
  dictionary_free(dictionary);
  shortlist_free(shortlist);
  return ok;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)arguments;
  (void)n_arguments;
  const Options *o = options;
  Ensemble ensemble;
  if (o->show && o->format == 1)
    (void)err_set(err, ERR_USAGE, "translate: --show draws under lines of text; leave out --format jsonl or --show");
  else (void)(check_sample(o, err) && check_alignments(o, err));
  const char *const paths[] = {"-", o->shortlist, o->replace, o->graph}; /* the text comes from standard input */
  if (err->kind == ERR_NONE) (void)path_check_standard(path_count_standard(paths, 4), err);
  if (err->kind != ERR_NONE) return (int)err->kind;
  if (!report_load(&ensemble, &o->models, &o->sets, (Precision)o->precision, err)) return (int)err->kind;
  if (spread_agree(&ensemble, err)) (void)read_and_translate(o, &ensemble, err);
  ensemble_free(&ensemble);
  return (int)err->kind;
}

static const char *const examples[] = {"translate < input.txt",
                                       "translate -m models/model.safetensors --alignments alignments/ < input.txt",
                                       "translate --n-best 3 --format jsonl < input.txt", NULL};

const Command cmd_translate = {
    .name = "translate",
    .arguments = "",
    .summary = "Translate the lines of standard input",
    .surplus = "it reads standard input: attn-seq2seq translate [OPTION]... < FILE",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .ranks = true,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
