#include "eval/picture.h"

#if HAVE_PICTURES

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <pango/pangocairo.h>

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "eval/svg.h"

enum {
  MOST_PIXELS = 32767, /* a side of a Cairo image */
  MOST_MISSING = 8     /* characters without a font that are named */
};

/* A font of Debian that has a script. */
typedef enum MissingFont { FONT_OTHER, FONT_CJK, FONT_EMOJI, N_FONTS } MissingFont;

struct Picture {
  PangoFontMap *fonts;
  PangoContext *context; /* measures and draws alike, without hinting: sizes are the same on every surface */
  PangoLayout *layout;
  char *font;
  gunichar missing[MOST_MISSING];
  int n_missing;
  bool more_missing, wanted[N_FONTS];
  PictureForm form;
  Str bytes, title; /* of the file being written */
  cairo_surface_t *surface;
  cairo_t *cairo;
};

bool picture_available(void) { return true; }

static void close_surface(Picture *p) {
  if (p->cairo != NULL) cairo_destroy(p->cairo);
  if (p->surface != NULL) cairo_surface_destroy(p->surface);
  p->cairo = NULL;
  p->surface = NULL;
  str_clear(&p->bytes);
}

void picture_free(Picture *p) {
  if (p == NULL) return;
  close_surface(p);
  g_object_unref(p->layout);
  g_object_unref(p->context);
  g_object_unref(p->fonts);
  str_free(&p->bytes);
  str_free(&p->title);
  mem_free(p->font);
  mem_free(p);
}

/* Names that fontconfig gives a font for, whatever there is. */
static bool is_generic(const char *font) {
  static const char *const names[] = {"sans-serif", "sans", "serif", "monospace", "system-ui"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (g_ascii_strcasecmp(font, names[i]) == 0) return true;
  return false;
}

/* ---- Memory. These libraries end the process, or write to what they did not get, where they run out of it. */

static const char TOLD[] = "a picture: Pango or Cairo broke down, most often because memory is short";

static GLogWriterOutput on_log(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data) {
  const char *message = "";
  for (gsize i = 0; i < n; i++)
    if (strcmp(fields[i].key, "MESSAGE") == 0) message = fields[i].value;
  if ((level & G_LOG_LEVEL_ERROR) != 0) mem_exhausted("Pango", message);
  return g_log_writer_default(level, fields, n, data);
}

static void listen_to_library(void) {
  static bool listening; /* more than once is an error */
  if (!listening) g_log_set_writer_func(on_log, NULL, NULL);
  listening = true;
}

static int by_name(const void *a, const void *b) {
  return strcmp(pango_font_family_get_name(*(PangoFontFamily *const *)a),
                pango_font_family_get_name(*(PangoFontFamily *const *)b));
}

static bool check_font(const Picture *p, Err *err) {
  PangoFontFamily **families;
  int n;
  Str some = {0};
  bool there = is_generic(p->font);
  pango_font_map_list_families(p->fonts, &families, &n);
  qsort(families, (size_t)n, sizeof *families, by_name);
  for (int i = 0; i < n; i++) {
    const char *name = pango_font_family_get_name(families[i]);
    there = there || g_ascii_strcasecmp(p->font, name) == 0;
    if (some.n < 300) str_addf(&some, "%s%s", i > 0 ? ", " : "", name);
    else if (i + 1 == n) str_adds(&some, ", ...");
  }
  g_free(families);
  if (!there) (void)err_set(err, ERR_USAGE, "--font %s: there is no such font; there are %s", p->font, str_text(&some));
  str_free(&some);
  return there;
}

Picture *picture_new(const char *font, Err *err) {
  Picture *p = mem_zero(1, sizeof *p, "picture");
  if (font == NULL) font = "sans-serif";
  p->font = mem_text(font, strlen(font));
  listen_to_library();
  const char *before = fault_tell(TOLD);
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  p->fonts = pango_cairo_font_map_new();
  p->context = pango_font_map_create_context(p->fonts);
  pango_cairo_context_set_font_options(p->context, options);
  pango_cairo_context_set_resolution(p->context, 72);
  pango_context_set_round_glyph_positions(p->context, FALSE);
  p->layout = pango_layout_new(p->context);
  cairo_font_options_destroy(options);
  bool ok = check_font(p, err);
  (void)fault_tell(before);
  if (ok) return p;
  picture_free(p);
  return NULL;
}

static void set_text(Picture *p, const char *text, double size, DrawingStyle style) {
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family(font, p->font);
  pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
  if (style == DRAWING_BOLD) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  if (style == DRAWING_ITALIC) pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
  pango_layout_set_font_description(p->layout, font);
  pango_font_description_free(font);
  pango_layout_set_text(p->layout, text, -1);
}

double picture_measure(Picture *p, const char *text, double size, DrawingStyle style) {
  int width;
  const char *before = fault_tell(TOLD);
  set_text(p, text, size, style);
  pango_layout_get_size(p->layout, &width, NULL);
  (void)fault_tell(before);
  return (double)width / PANGO_SCALE;
}

/* ---- What no font has. */

static MissingFont font_of(gunichar c) {
  switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_BOPOMOFO:
      return FONT_CJK;
    default:
      return c >= 0x1F000 && c < 0x1FB00 ? FONT_EMOJI : c >= 0x3000 && c < 0x3040 ? FONT_CJK : FONT_OTHER;
  }
}

static void add_missing(Picture *p, gunichar c) {
  for (int i = 0; i < p->n_missing; i++)
    if (p->missing[i] == c) return;
  p->wanted[font_of(c)] = true;
  p->more_missing = p->n_missing == MOST_MISSING;
  if (!p->more_missing) p->missing[p->n_missing++] = c;
}

/* Asks for each character of the layout's text alone, which is put there anew. */
static void note_missing(Picture *p, const char *text) {
  if (pango_layout_get_unknown_glyphs_count(p->layout) == 0) return;
  for (const char *at = text; *at != '\0'; at += g_utf8_skip[(guchar)*at]) {
    pango_layout_set_text(p->layout, at, g_utf8_skip[(guchar)*at]);
    if (pango_layout_get_unknown_glyphs_count(p->layout) > 0) add_missing(p, g_utf8_get_char(at));
  }
  pango_layout_set_text(p->layout, text, -1);
}

void picture_missing(const Picture *p, Str *out) {
  static const char *const packages[] = {
      [FONT_OTHER] = "fonts-noto-core", [FONT_CJK] = "fonts-noto-cjk", [FONT_EMOJI] = "fonts-noto-color-emoji"};
  if (p->n_missing == 0) return;
  str_adds(out, "no font here has ");
  for (int i = 0; i < p->n_missing; i++) {
    if (i > 0) str_adds(out, ", ");
    utf8_add(out, p->missing[i]);
    str_addf(out, " (U+%04X)", p->missing[i]);
  }
  str_adds(out, p->more_missing ? " and more" : "");
  str_adds(out, ": boxes stand in their place; install fonts that do, as of Debian's");
  for (int i = 0; i < N_FONTS; i++)
    if (p->wanted[i]) str_addf(out, " %s", packages[i]);
  str_adds(out, ", and draw anew");
}

/* ---- Files. */

static cairo_status_t take_bytes(void *closure, const unsigned char *data, unsigned length) {
  str_add(closure, (const char *)data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *new_surface(Picture *p, double width, double height) {
  switch (p->form) {
    case PICTURE_SVG:
      return cairo_svg_surface_create_for_stream(take_bytes, &p->bytes, width, height);
    case PICTURE_PDF:
      return cairo_pdf_surface_create_for_stream(take_bytes, &p->bytes, width, height);
    case PICTURE_PNG:
      break;
  }
  return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * PICTURE_PIXELS + 0.5),
                                    (int)(height * PICTURE_PIXELS + 0.5));
}

bool picture_begin(Picture *p, PictureForm form, const char *title, double width, double height, Err *err) {
  CHECK(p->surface == NULL, "picture: the file before was not ended");
  double most = form == PICTURE_PNG ? MOST_PIXELS / PICTURE_PIXELS : 1e6;
  if (width > most || height > most)
    return err_set(err, ERR_USAGE, "a picture of %.0f x %.0f points is too large; make it smaller with --scale", width,
                   height);
  p->form = form;
  str_clear(&p->title);
  heatmap_visible(&p->title, title);
  p->surface = new_surface(p, width, height);
  if (form == PICTURE_PDF) {
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, str_text(&p->title));
    /* No clock: the same input gives the same bytes. */
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
  }
  p->cairo = cairo_create(p->surface);
  if (form == PICTURE_PNG) cairo_scale(p->cairo, PICTURE_PIXELS, PICTURE_PIXELS);
  return true;
}

void picture_page(Picture *p) { cairo_show_page(p->cairo); }

static void put_text(Picture *p, const DrawingShape *s, const char *text) {
  int width, height;
  set_text(p, text, s->size, s->style);
  note_missing(p, text);
  pango_layout_get_size(p->layout, &width, &height);
  double share = s->align == DRAWING_START ? 0 : s->align == DRAWING_MIDDLE ? 0.5 : 1;
  cairo_translate(p->cairo, s->x, s->y);
  cairo_rotate(p->cairo, s->degrees * (G_PI / 180));
  cairo_move_to(p->cairo, -share * width / PANGO_SCALE, -0.5 * height / PANGO_SCALE);
  pango_cairo_show_layout(p->cairo, p->layout);
}

static void put_shape(Picture *p, const DrawingShape *s, const char *text) {
  static const double dashes[] = {3, 2};
  cairo_save(p->cairo);
  cairo_set_source_rgb(p->cairo, s->colour.red / 255.0, s->colour.green / 255.0, s->colour.blue / 255.0);
  if (s->kind == DRAWING_TEXT) {
    put_text(p, s, text);
  } else {
    cairo_rectangle(p->cairo, s->x, s->y, s->width, s->height);
    cairo_set_line_width(p->cairo, s->line);
    if (s->kind == DRAWING_DASHES) cairo_set_dash(p->cairo, dashes, 2, 0);
    if (s->kind == DRAWING_BOX) cairo_fill(p->cairo);
    else cairo_stroke(p->cairo);
  }
  cairo_restore(p->cairo);
}

void picture_put(Picture *p, const Drawing *d, double x, double y, double scale) {
  const char *before = fault_tell(TOLD);
  cairo_save(p->cairo);
  cairo_translate(p->cairo, x, y);
  cairo_scale(p->cairo, scale, scale);
  for (int i = 0; i < d->n; i++) {
    const DrawingShape *s = &d->shapes[i];
    put_shape(p, s, s->kind == DRAWING_TEXT ? tokens_get(&d->texts, s->text, NULL) : NULL);
  }
  cairo_restore(p->cairo);
  (void)fault_tell(before);
}

/* Of what was drawn, and of the file that it became. */
static cairo_status_t finish(Picture *p) {
  const char *before = fault_tell(TOLD);
  cairo_status_t drawn = cairo_status(p->cairo), written = CAIRO_STATUS_SUCCESS;
  cairo_destroy(p->cairo);
  p->cairo = NULL;
  if (p->form == PICTURE_PNG) written = cairo_surface_write_to_png_stream(p->surface, take_bytes, &p->bytes);
  cairo_surface_finish(p->surface);
  if (written == CAIRO_STATUS_SUCCESS) written = cairo_surface_status(p->surface);
  (void)fault_tell(before);
  return drawn != CAIRO_STATUS_SUCCESS ? drawn : written;
}

bool picture_end(Picture *p, Str *out, Err *err) {
  cairo_status_t status = finish(p);
  if (status == CAIRO_STATUS_SUCCESS && p->form == PICTURE_SVG) svg_tidy(out, &p->bytes, str_text(&p->title));
  else str_add(out, str_text(&p->bytes), p->bytes.n);
  close_surface(p);
  return status == CAIRO_STATUS_SUCCESS ||
         err_set(err, ERR_FILE, "the picture cannot be drawn: %s", cairo_status_to_string(status));
}

#else

bool picture_available(void) { return false; }

Picture *picture_new(const char *font, Err *err) {
  (void)font;
  (void)err_set(err, ERR_USAGE,
                "this build draws no SVG, PNG or PDF: it was made without Pango and Cairo (Debian: libpango1.0-dev); "
                "install them and run make again, or draw an .html file or in the terminal");
  return NULL;
}

/* Without a Picture there is nothing that these could be called with. */
void picture_free(Picture *p) { CHECK(p == NULL, "picture: not in this build"); }

double picture_measure(Picture *p, const char *text, double size, DrawingStyle style) {
  CHECK(p != NULL && text == NULL, "picture: not in this build (%g %d)", size, (int)style);
  return 0;
}

bool picture_begin(Picture *p, PictureForm form, const char *title, double width, double height, Err *err) {
  (void)form, (void)title, (void)width, (void)height, (void)err;
  CHECK(p == NULL, "picture: not in this build");
  return false;
}

void picture_page(Picture *p) { CHECK(p == NULL, "picture: not in this build"); }

void picture_put(Picture *p, const Drawing *d, double x, double y, double scale) {
  (void)d, (void)x, (void)y, (void)scale;
  CHECK(p == NULL, "picture: not in this build");
}

void picture_missing(const Picture *p, Str *out) { CHECK(p == NULL && out == NULL, "picture: not in this build"); }

bool picture_end(Picture *p, Str *out, Err *err) {
  (void)out, (void)err;
  CHECK(p == NULL, "picture: not in this build");
  return false;
}

#endif
