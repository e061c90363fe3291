#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/ranks.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "eval/picture.h"
#include "num/blas.h"

const char *const report_units[] = {"usual", "word", "token", NULL};

const char *const report_precision[] = {"usual", "float32", "int8", NULL};

const char *const report_attention[] = {"alignment", "all", NULL};

bool report_check_attention(int attention, const ReportPlan *plan, const char *command, Err *err) {
  if (attention == REPORT_ALIGNMENT) return true;
  const char *path = plan->alignments;
  if (plan->form != REPORT_JSONL && plan->heatmaps == NULL && !alignment_writer_is_jsonl(path))
    return err_set(err, ERR_USAGE,
                   "%s: --attention all is told in JSON Lines and on the page of --heatmaps%s%s%s: give --alignments "
                   "FILE.jsonl, --heatmaps DIR or --format jsonl",
                   command, path == NULL ? "" : "; ", path == NULL ? "" : path,
                   path == NULL ? "" : " holds the alignment alone");
  if (plan->models->n > 1)
    return err_set(err, ERR_USAGE,
                   "%s: --attention all is of one model, whose heads are not those of another: give one", command);
  return true;
}

static bool is_pieces(const Tokenizer *tokenizer) { return tokenizer_model(tokenizer) != NULL; }

void report_pieces(ReportPlan *plan, const Translator *translator) {
  plan->source_pieces = is_pieces(translator->source_tokenizer);
  plan->target_pieces = is_pieces(translator->target_tokenizer);
  bool characters = tokenizer_kind(translator->source_tokenizer) == TOKENIZER_char ||
                    tokenizer_kind(translator->target_tokenizer) == TOKENIZER_char;
  if (plan->units == REPORT_WORDS && characters)
    output_warn(NULL,
                "--alignment-units word makes words of pieces only: the characters of this model stay as they are");
}

static void abandon(Report *r) {
  alignment_writer_abandon(r->writer);
  heatmap_writer_abandon(r->heatmaps);
  r->writer = NULL;
  r->heatmaps = NULL;
}

static const char default_model[] = "models/model.safetensors";

static const char *usual_model(void) {
  const char *named = getenv("ATTN_SEQ2SEQ_MODEL");
  return named != NULL && named[0] != '\0' ? named : default_model;
}

static void add_title(Str *out, const OptionList *models) {
  str_addf(out, "Attention of %s", models->n > 0 ? models->at[0] : usual_model());
  if (models->n > 1) str_addf(out, " and %d more", models->n - 1);
}

static bool open_heatmaps(Report *r, Err *err) {
  Str title = {0};
  add_title(&title, r->plan.models);
  r->heatmaps = heatmap_writer_open(r->plan.heatmaps, str_text(&title), err);
  str_free(&title);
  if (r->heatmaps == NULL) abandon(r);
  else if (!picture_available())
    output_warn(NULL,
                "this build draws no SVG (it was made without Pango and Cairo): --heatmaps writes index.html only");
  return r->heatmaps != NULL;
}

bool report_open(Report *r, const ReportPlan *plan, Err *err) {
  *r = (Report){.plan = *plan};
  if (ranks_me() > 0) r->plan = (ReportPlan){.form = REPORT_NOTHING};
  plan = &r->plan;
  if (plan->show) r->terminal = terminal_describe();
  if (plan->alignments != NULL) r->writer = alignment_writer_open(plan->alignments, plan->ranked, err);
  if (plan->alignments != NULL && r->writer == NULL) return false;
  return plan->heatmaps == NULL || open_heatmaps(r, err);
}

static double logprob(const Alignment *a) {
  double sum = 0;
  for (int t = 0; t < a->n_target; t++) sum += a->token_logprob[t];
  return sum;
}

/* The heatmap, and a blank line before the next output. */
static void show(Report *r, const Alignment *a) {
  str_addc(&r->text, '\n');
  heatmap_terminal_draw(&r->text, a, &r->terminal);
  str_addc(&r->text, '\n');
}

/* The output's alignment in other units; of words where they are usual and nothing else is asked for. */
static const Alignment *in_units(const Report *r, const Alignment *tokens, const Alignment *words, bool usually_words) {
  if (r->plan.units == REPORT_USUAL) return usually_words ? words : tokens;
  return r->plan.units == REPORT_WORDS ? words : tokens;
}

/* What pictures show: in usual units words, on a side where that is of use. */
static const Alignment *drawn_of(Report *r, const Alignment *a, const Alignment *words) {
  if (r->plan.units != REPORT_USUAL) return in_units(r, a, words, true);
  bool source = r->plan.source_pieces && word_alignment_wanted(a, false);
  bool target = r->plan.target_pieces && word_alignment_wanted(a, true);
  if (source == r->plan.source_pieces && target == r->plan.target_pieces) return words;
  if (!source && !target) return a;
  word_alignment_set(&r->drawn, a, source, target);
  return &r->drawn.alignment;
}

/* a itself where nothing is made of several tokens, or where nobody asked for weights. */
static const Alignment *words_of(Report *r, const Alignment *a) {
  bool wanted = r->writer != NULL || r->heatmaps != NULL || r->plan.show || r->plan.form == REPORT_JSONL;
  if (!wanted || (!r->plan.source_pieces && !r->plan.target_pieces)) return a;
  word_alignment_set(&r->words, a, r->plan.source_pieces, r->plan.target_pieces);
  return &r->words.alignment;
}

/* The words that links are of. */
static void look_at(Report *r, const Alignment *written) {
  if (r->plan.units == REPORT_TOKENS || !alignment_writer_links(r->writer)) return;
  for (int i = 0; i + 1 < written->n_source; i++)
    word_form_add(&r->source, written->source[i], strlen(written->source[i]));
  for (int i = 0; i + 1 < written->n_target; i++)
    word_form_add(&r->target, written->target[i], strlen(written->target[i]));
}

static void tell_unspaced(const WordForm *form, const char *side, bool pieces) {
  Str text = {0};
  if (!word_form_unspaced(form)) return;
  str_addf(&text, "the %s is written without blanks between words, so that links are of whole clauses: %s", side,
           pieces ? "--alignment-units token makes them of pieces"
                  : "a model of pieces (tokenizer \"sentencepiece\") or characters tells more");
  output_warn(NULL, str_text(&text));
  str_free(&text);
}

bool report_add(Report *r, const Alignment *a, Err *err) {
  const Alignment *words = words_of(r, a);
  str_clear(&r->text);
  switch (r->plan.form) {
    case REPORT_TEXT:
      str_addf(&r->text, "%s\n", a->text);
      break;
    case REPORT_NBEST:
      str_addf(&r->text, "%d ||| %s ||| F0= %g ||| %g\n", a->id, a->text, logprob(a), a->score);
      break;
    case REPORT_LOGPROB:
      str_addf(&r->text, "%.6f\n", a->score);
      break;
    case REPORT_JSONL:
      alignment_jsonl(&r->text, in_units(r, a, words, false), r->plan.ranked);
      break;
    case REPORT_NOTHING:
      break;
  }
  const Alignment *written = r->writer == NULL ? a : in_units(r, a, words, alignment_writer_links(r->writer));
  if (r->writer != NULL) look_at(r, written);
  if (r->writer != NULL && !alignment_writer_add(r->writer, written, err)) return false;
  if (r->heatmaps == NULL && !r->plan.show) return output_write(str_text(&r->text), r->text.n, err);
  const Alignment *drawn = drawn_of(r, a, words);
  if (r->heatmaps != NULL && !heatmap_writer_add(r->heatmaps, drawn, err)) return false;
  if (r->plan.show) show(r, drawn);
  return output_write(str_text(&r->text), r->text.n, err);
}

static void tell_missing(const HeatmapWriter *heatmaps) {
  Str text = {0};
  heatmap_writer_missing(heatmaps, &text);
  if (text.n > 0) output_warn(NULL, str_text(&text));
  str_free(&text);
}

bool report_close(Report *r, bool ok, Err *err) {
  str_free(&r->text);
  word_alignment_free(&r->words);
  word_alignment_free(&r->drawn);
  if (ok && r->writer != NULL) {
    tell_unspaced(&r->source, "source", r->plan.source_pieces);
    tell_unspaced(&r->target, "target", r->plan.target_pieces);
    ok = alignment_writer_close(r->writer, err);
    r->writer = NULL;
  }
  if (ok && r->heatmaps != NULL) {
    tell_missing(r->heatmaps);
    ok = heatmap_writer_close(r->heatmaps, err);
    r->heatmaps = NULL;
  }
  abandon(r);
  return ok;
}

static const char look_key[] = "model.attention.hard.inference=";

static bool is_look(const char *set) { return strncmp(set, look_key, sizeof look_key - 1) == 0; }

/* What options say goes into the config of the first model; how to look into that of the first that looks hard. */
static bool override(Ensemble *e, const OptionList *sets, Err *err) {
  Warnings warnings = {.warn = output_warn};
  Config *first = &e->members[0]->config, *hard = &e->members[ensemble_hard(e)]->config;
  bool ok = true, look = false;
  for (int i = 0; ok && i < sets->n; i++) {
    look = look || is_look(sets->at[i]);
    ok = config_override(is_look(sets->at[i]) ? hard : first, &sets->at[i], 1, &warnings, err);
  }
  if (ok && look) ensemble_look(e);
  return ok && blas_reserve(first->train.threads, err);
}

bool report_load(Ensemble *e, const OptionList *models, const OptionList *sets, Precision precision, Err *err) {
  const char *usual = usual_model();
  blas_init();
  if (models->n == 0 && usual == default_model && !io_exists(usual))
    return err_set(err, ERR_FILE,
                   "%s: No such file: name a model with --model or in ATTN_SEQ2SEQ_MODEL (train.model of a config says "
                   "where its training writes it)",
                   usual);
  if (!ensemble_load(e, models->n > 0 ? models->at : &usual, models->n > 0 ? models->n : 1, err)) return false;
  for (int i = 0; i < e->n; i++) e->members[i]->precision = precision;
  if (override(e, sets, err)) return true;
  ensemble_free(e);
  return false;
}
