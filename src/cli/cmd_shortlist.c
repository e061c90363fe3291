/* cmd_shortlist.c - writes which target tokens each source token becomes, for translate --shortlist. */
#include "base/io.h"
#include "cli/output.h"
#include "cli/report.h"
#include "search/lexicon.h"

typedef struct Options {
  OptionList models, sets;
  const char *output, *graph;
  int64_t best;
} Options;

static const Option table[] = {
    OPT_LIST(Options, models, "model", 'm', "MODEL",
             "model file; several align together [$ATTN_SEQ2SEQ_MODEL, else models/model.safetensors]"),
    OPT_TEXT(Options, output, "output", 'o', "FILE", NULL, "the file to write; must be given"),
    OPT_TEXT(Options, graph, "graph", 0, "FILE", NULL,
             "links between the words of each line of SOURCE, 0-3 2-5, for a model of graph attention"),
    OPT_INT(Options, best, "best", 0, "N", "50", 1, 1 << 30, "target tokens of a source token"),
    OPT_CONFIG(Options, sets, "batch-size", 0, "N", "translate.batch_size"),
    OPT_CONFIG_HELP(Options, sets, "threads", 0, "N", "train.threads", "threads that work [all cores]"),
};

static void read_and_write(const Options *o, const Ensemble *ensemble, const char *const *paths, Err *err) {
  const Config *config = &ensemble->members[0]->config;
  Warnings warnings = {.warn = output_warn};
  Pairs *pairs = pairs_open(&(PairFiles){.source = paths[0], .target = paths[1], .graph = o->graph}, &warnings, err);
  if (pairs == NULL) return;
  Pool *pool = pool_new(config->train.threads);
  (void)lexicon_write(ensemble, pool, pairs, config->translate.batch_size, (int)o->best, o->output, err);
  pool_free(pool);
  warnings_end(&warnings);
  pairs_close(pairs);
}

static bool check(const Options *o, const char *const *paths, int n, Err *err) {
  static const char what[] = "shortlist: -o";
  if (o->output == NULL) return err_set(err, ERR_USAGE, "shortlist: no file to write to; say -o FILE");
  return output_spares(o->output, what, paths, n, err) &&
         output_spares(o->output, what, o->models.at, o->models.n, err) && io_check_target(o->output, err);
}

/* Lists that no model could translate with. */
static bool check_models(const Ensemble *ensemble, Err *err) {
  if (tokenizer_regions(ensemble->members[0]->source_tokenizer) != NULL)
    return err_set(err, ERR_USAGE,
                   "shortlist: a list is of source words, and a model of data.source_form \"features\" reads none: "
                   "translate without one");
  for (int m = 0; m < ensemble->n; m++)
    if (ensemble->models[m]->decoder->copies)
      return err_set(err, ERR_USAGE,
                     "shortlist: a list is for an output layer, and a model of model.decoder.type \"%s\" has none: "
                     "translate without one",
                     ensemble->models[m]->decoder->name);
  return true;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Ensemble ensemble;
  if (!check(o, arguments, n_arguments, err)) return (int)err->kind;
  if (!report_load(&ensemble, &o->models, &o->sets, PRECISION_USUAL, err)) return (int)err->kind;
  if (check_models(&ensemble, err) && ensemble_links(&ensemble, o->graph, err))
    read_and_write(o, &ensemble, arguments, err);
  ensemble_free(&ensemble);
  return (int)err->kind;
}

static const char *const examples[] = {"shortlist -m models/model.safetensors -o list source.txt target.txt", NULL};

const Command cmd_shortlist = {
    .name = "shortlist",
    .arguments = "-o FILE SOURCE TARGET",
    .summary = "Write which target tokens each source token becomes, for translate --shortlist",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 2,
    .max_arguments = 2,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
