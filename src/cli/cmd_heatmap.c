/* cmd_heatmap.c - draws alignments: one sentence in the terminal or as a picture, a whole text as PDF or HTML. What
 * heads looked at is drawn as an alignment is. */
#include <stdint.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "eval/alignment_count.h"
#include "eval/alignment_look.h"
#include "eval/alignment_reader.h"
#include "eval/gold.h"
#include "eval/heatmap_file.h"
#include "eval/heatmap_html.h"
#include "eval/word_alignment.h"

typedef struct Options {
  int64_t sentence, layer, head;
  const char *output, *title, *gold, *font;
  bool numbers, text, from_1;
  double scale;
  int theme, units, attention;
} Options;

/* What is drawn: the alignment, or a kind of heads. */
enum { DRAW_ALIGNMENT };
static const char *const attentions[] = {"alignment", [1 + HEADS_CROSS] = "cross", [1 + HEADS_ENCODER] = "encoder",
                                         [1 + HEADS_DECODER] = "decoder", NULL};

enum { THEME_DARK = 2 };
static const char *const themes[] = {"auto", "light", "dark", NULL};

static const Option table[] = {
    OPT_INT(Options, sentence, "sentence", 0, "N", NULL, 1, 999999999,
            "the sentence to draw, from 1; else the first, and in FILE.pdf and FILE.html all"),
    OPT_TEXT(Options, output, "output", 'o', "FILE", NULL,
             "a picture, FILE.svg, FILE.png or FILE.pdf, a page for browsers, FILE.html, or a matrix, FILE.csv [the "
             "terminal]"),
    OPT_CHOICE(Options, attention, "attention", 0, attentions, "alignment",
               "of JSON Lines with all heads: those from target to source, of the encoder's or of the decoder's "
               "self-attention"),
    OPT_INT(Options, layer, "layer", 0, "N", NULL, 1, 999,
            "which layer, from 1; of --attention cross if nothing is said"),
    OPT_INT(Options, head, "head", 0, "N", NULL, 1, 999, "which of its heads, from 1; else their mean"),
    OPT_TEXT(Options, title, "title", 0, "TEXT", NULL, "a title over the picture or page"),
    OPT_FLAG(Options, numbers, "numbers", 0, "write weights into the cells of a picture or page, in percent"),
    OPT_TEXT(Options, gold, "gold", 0, "FILE", NULL,
             "outline these links, a line a sentence; of 000003.csv the third line"),
    OPT_FLAG(Options, from_1, "from-1", 0, "the links of --gold count from 1"),
    OPT_REAL(Options, scale, "scale", 0, "X", "1", 0.1, 20, "a larger or smaller picture, or page"),
    OPT_TEXT(Options, font, "font", 0, "NAME", NULL, "the font family of a picture [the machine's sans serif]"),
    OPT_FLAG(Options, text, "text", 0, "write an SVG's words as text to edit; it looks alike only where the font is"),
    OPT_CHOICE(Options, units, "alignment-units", 0, report_units, "usual",
               "what a row and a column is where tokens are pieces of words; usual: words"),
    OPT_CHOICE(Options, theme, "theme", 0, themes, "auto",
               "of a picture or page; auto is light, in HTML what the browser says"),
};

/* What the end of the output's name asks for. */
typedef enum Form { FORM_TERMINAL, FORM_SVG, FORM_PNG, FORM_PDF, FORM_CSV, FORM_HTML, FORM_UNKNOWN } Form;

static Form form_of(const char *path) {
  static const char *const ends[] = {
      [FORM_SVG] = ".svg", [FORM_PNG] = ".png", [FORM_PDF] = ".pdf", [FORM_CSV] = ".csv", [FORM_HTML] = ".html"};
  size_t n = path == NULL ? 0 : strlen(path);
  if (path == NULL) return FORM_TERMINAL;
  for (int form = FORM_SVG; form <= FORM_HTML; form++)
    if (n > strlen(ends[form]) && strcmp(path + n - strlen(ends[form]), ends[form]) == 0) return (Form)form;
  return FORM_UNKNOWN;
}

static PictureForm picture_form(Form form) {
  return form == FORM_SVG ? PICTURE_SVG : form == FORM_PNG ? PICTURE_PNG : PICTURE_PDF;
}

/* What is being made of the alignments. */
typedef struct Work {
  const Options *options;
  const char *path; /* of the alignments */
  Form form;
  Gold *gold;        /* or NULL */
  HeatmapFile *file; /* of pictures */
  HeatmapHtml *html; /* of FORM_HTML */
  Str bytes;
  WordAlignment words;
  AlignmentLook look;
  bool alone;    /* path is known to hold one sentence */
  int n_outside; /* gold links so far of words that the sentences do not have */
} Work;

/* What is chosen of heads; false: nothing. */
static bool choice_of(const Options *o, LookChoice *choice) {
  bool named = o->attention != DRAW_ALIGNMENT;
  *choice = (LookChoice){named ? (HeadKind)(o->attention - 1) : HEADS_CROSS, (int)o->layer, (int)o->head};
  return named || o->layer > 0 || o->head > 0;
}

/* The gold links of a sentence; NULL, with true, when there are none. */
static bool gold_of(const Work *w, const Alignment *a, const PharaohLinks **links, Err *err) {
  *links = w->gold == NULL ? NULL : gold_get(w->gold, a->id, err);
  return w->gold == NULL || *links != NULL;
}

/* Pieces of words as words, where that is wanted. */
static const Alignment *in_units(WordAlignment *words, int units, const Alignment *a) {
  bool source = units == REPORT_WORDS || (units == REPORT_USUAL && word_alignment_wanted(a, false));
  bool target = units == REPORT_WORDS || (units == REPORT_USUAL && word_alignment_wanted(a, true));
  if (!source && !target) return a;
  word_alignment_set(words, a, source, target);
  return &words->alignment;
}

/* The sentence as it is drawn; NULL: it does not have what is to be drawn. */
static const Alignment *drawn(Work *w, const Alignment *a, const PharaohLinks *gold, Err *err) {
  bool best = a->rank <= 1; /* the links are the same for all of an n-best list */
  LookChoice choice;
  a = in_units(&w->words, w->options->units, a);
  for (int i = 0; best && gold != NULL && i < gold->n; i++)
    w->n_outside += gold->at[i].source >= a->n_source || gold->at[i].target >= a->n_target;
  if (!choice_of(w->options, &choice)) return a;
  if (alignment_look_set(&w->look, a, &choice, err)) return &w->look.alignment;
  (void)err_prefix(err, "%s: sentence %ld: ", w->path, (long)a->id + 1);
  return NULL;
}

/* The one sentence of a file is its first, whatever number its name is made of. */
static bool is_wanted(const Work *w, const Alignment *a) {
  long sentence = (long)w->options->sentence;
  return sentence == 0 || a->id == sentence - 1 || (w->alone && sentence == 1);
}

/* An AlignmentVisit: of n-best lists a PDF takes the best, a page all. */
static bool add(void *ctx, const Alignment *a, Err *err) {
  Work *w = ctx;
  const PharaohLinks *gold;
  if (!is_wanted(w, a)) return true;
  if (w->form == FORM_PDF && a->rank > 1) return true;
  if (!gold_of(w, a, &gold, err)) return false;
  if ((a = drawn(w, a, gold, err)) == NULL) return false;
  if (w->form == FORM_HTML) heatmap_html_add(w->html, a, gold);
  else heatmap_file_add(w->file, a, gold);
  return true;
}

/* One of several sentences was drawn without being asked for. */
static void tell_more(const Options *o, const char *path) {
  long n = o->sentence > 0 ? 1 : alignment_count(path);
  Str text = {0};
  if (n > 1) {
    str_addf(&text, "%s: this is the first of %ld sentences; --sentence N draws another, -o FILE.html or FILE.pdf all",
             path, n);
    output_note(str_text(&text));
  }
  str_free(&text);
}

static void tell_outside(const Work *w) {
  Str text = {0};
  if (w->n_outside > 0) {
    str_addf(&text, "%s: %d of the links are of words that %s does not have, and not drawn: are they of this text?",
             w->options->gold, w->n_outside, w->path);
    output_note(str_text(&text));
  }
  str_free(&text);
}

/* Appends one sentence to w->bytes in its form. */
static bool draw(Work *w, const Alignment *a, Err *err) {
  const PharaohLinks *gold;
  if (!gold_of(w, a, &gold, err) || (a = drawn(w, a, gold, err)) == NULL) return false;
  HeatmapTerminal terminal = terminal_describe();
  if (w->form == FORM_CSV) alignment_matrix(&w->bytes, a);
  else if (w->form == FORM_TERMINAL) heatmap_terminal_draw(&w->bytes, a, &terminal);
  else return heatmap_file_one(w->file, picture_form(w->form), a, gold, &w->bytes, err);
  return true;
}

static bool draw_one(Work *w, Err *err) {
  AlignmentFile file;
  if (!alignment_reader_read(&file, w->path, (long)w->options->sentence, err)) return false;
  bool ok = draw(w, &file.view, err);
  if (ok && w->form != FORM_TERMINAL) tell_more(w->options, w->path);
  alignment_reader_free(&file);
  return ok;
}

static void tell_missing(const Work *w) {
  Str text = {0};
  heatmap_file_missing(w->file, &text);
  if (text.n > 0) output_warn(NULL, str_text(&text));
  str_free(&text);
}

/* The last part of the path. */
static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static bool draw_picture(Work *w, Err *err) {
  HeatmapLook look = {.theme = w->options->theme == THEME_DARK ? HEATMAP_DARK : HEATMAP_LIGHT,
                      .numbers = w->options->numbers,
                      .scale = w->options->scale,
                      .title = w->options->title,
                      .name = name_of(w->path),
                      .font = w->options->font,
                      .text = w->options->text};
  w->file = heatmap_file_new(&look, err);
  if (w->file == NULL) return false;
  bool pages = w->form == FORM_PDF && w->options->sentence == 0 && !w->alone;
  bool ok = pages ? heatmap_file_begin(w->file, err) && alignment_reader_all(w->path, add, w, err) &&
                        heatmap_file_end(w->file, &w->bytes, err)
                  : draw_one(w, err);
  if (ok) tell_missing(w);
  heatmap_file_free(w->file);
  return ok;
}

static bool draw_page(Work *w, Err *err) {
  const char *title = w->options->title != NULL ? w->options->title : "Attention";
  w->html = heatmap_html_new(title, themes[w->options->theme]);
  heatmap_html_look(w->html, w->options->scale, w->options->numbers);
  bool ok = alignment_reader_all(w->path, add, w, err);
  if (ok && w->options->sentence > 0 && heatmap_html_count(w->html) == 0)
    ok = err_set(err, ERR_FILE, "%s: no sentence %ld", w->path, (long)w->options->sentence);
  if (ok) heatmap_html_end(w->html, &w->bytes);
  else heatmap_html_free(w->html);
  return ok;
}

static bool read_gold(Work *w, Err *err) {
  const Options *o = w->options;
  Warnings warnings = {.warn = output_warn};
  if (o->gold == NULL) return true;
  w->gold = gold_read(o->gold, o->from_1, &warnings, err);
  warnings_end(&warnings);
  return w->gold != NULL;
}

static bool make(Work *w, Err *err) {
  if (w->form == FORM_HTML) return draw_page(w, err);
  return w->form == FORM_CSV ? draw_one(w, err) : draw_picture(w, err);
}

static void end(Work *w) {
  gold_free(w->gold);
  str_free(&w->bytes);
  word_alignment_free(&w->words);
  alignment_look_free(&w->look);
}

static bool draw_file(const Options *o, const char *path, Form form, Err *err) {
  Work w = {.options = o, .path = path, .form = form, .alone = alignment_count(path) == 1};
  if (!io_check_target(o->output, err)) return false;
  if (!read_gold(&w, err)) return false;
  bool ok = make(&w, err) && io_write_file(o->output, w.bytes.at, w.bytes.n, err);
  if (ok) tell_outside(&w);
  end(&w);
  return ok;
}

static bool draw_in_terminal(const Options *o, const char *path, Err *err) {
  Work w = {.options = o, .path = path, .form = FORM_TERMINAL};
  bool ok = draw_one(&w, err) && output_write(str_text(&w.bytes), w.bytes.n, err);
  if (ok) tell_more(o, path);
  end(&w);
  return ok;
}

static bool check(const Options *o, Form form, Err *err) {
  if (form == FORM_UNKNOWN)
    return err_set(err, ERR_USAGE, "heatmap: --output %s: its end says what is drawn: .svg, .png, .pdf, .html or .csv",
                   o->output);
  if (o->from_1 && o->gold == NULL) return err_set(err, ERR_USAGE, "heatmap: --from-1 is about --gold; give that too");
  if (o->text && form != FORM_SVG)
    return err_set(err, ERR_USAGE, "heatmap: --text is for SVG: give --output FILE.svg (a PDF always has text)");
  LookChoice choice;
  bool chosen = choice_of(o, &choice);
  if (form == FORM_HTML && chosen)
    return err_set(err, ERR_USAGE,
                   "heatmap: a page lets its reader choose: --attention, --layer and --head are for pictures, CSV and "
                   "the terminal");
  if (o->gold != NULL && chosen && choice.kind != HEADS_CROSS)
    return err_set(err, ERR_USAGE, "heatmap: --gold links source and target, --attention %s looks at its own side",
                   attentions[o->attention]);
  if (o->font != NULL && (form == FORM_HTML || form == FORM_TERMINAL || form == FORM_CSV))
    return err_set(err, ERR_USAGE, "heatmap: --font is for pictures: give --output FILE.svg, .png or .pdf");
  bool drawn = o->title != NULL || o->gold != NULL || o->numbers || o->scale != 1;
  return (form != FORM_TERMINAL && form != FORM_CSV) || !drawn ||
         err_set(
             err, ERR_USAGE,
             "heatmap: --title, --gold, --numbers and --scale are for pictures and pages: give --output FILE.svg, say");
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  (void)n_arguments;
  const Options *o = options;
  Form form = form_of(o->output);
  const char *const paths[] = {arguments[0], o->gold};
  if (!check(o, form, err) || !path_check_standard(path_count_standard(paths, 2), err)) return (int)err->kind;
  if (form == FORM_TERMINAL) (void)draw_in_terminal(o, arguments[0], err);
  else (void)draw_file(o, arguments[0], form, err);
  return (int)err->kind;
}

static const char *const examples[] = {"heatmap alignments/000001.csv",
                                       "heatmap alignments.jsonl --sentence 3 -o figure.pdf", NULL};

const Command cmd_heatmap = {
    .name = "heatmap",
    .arguments = "ALIGNMENT",
    .summary = "Draw what sentences attended to: in the terminal, as SVG, PNG, PDF, HTML, CSV",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 1,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
