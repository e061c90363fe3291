#include "eval/picture.h"

#if HAVE_PICTURES

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <pango/pangocairo.h>

#include "base/mem.h"
#include "eval/svg.h"

enum { MOST_PIXELS = 32767 }; /* a side of a Cairo image */

struct Picture {
  PangoFontMap *fonts;
  PangoContext *context; /* measures and draws alike, without hinting: sizes are the same on every surface */
  PangoLayout *layout;
  PictureForm form;
  Str bytes, title; /* of the file being written */
  cairo_surface_t *surface;
  cairo_t *cairo;
};

bool picture_available(void) { return true; }

Picture *picture_new(Err *err) {
  (void)err;
  Picture *p = mem_zero(1, sizeof *p, "picture");
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
  return p;
}

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
  mem_free(p);
}

static void set_text(Picture *p, const char *text, double size, DrawingStyle style, double most) {
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family(font, "sans-serif");
  pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
  if (style == DRAWING_BOLD) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  if (style == DRAWING_ITALIC) pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
  pango_layout_set_font_description(p->layout, font);
  pango_font_description_free(font);
  pango_layout_set_width(p->layout, -1);
  pango_layout_set_text(p->layout, text, -1);
  int width;
  pango_layout_get_size(p->layout, &width, NULL);
  bool cut = most > 0 && width > most * PANGO_SCALE;
  pango_layout_set_ellipsize(p->layout, cut ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  if (cut) pango_layout_set_width(p->layout, (int)(most * PANGO_SCALE));
}

double picture_measure(Picture *p, const char *text, double size, DrawingStyle style) {
  int width;
  set_text(p, text, size, style, 0);
  pango_layout_get_size(p->layout, &width, NULL);
  return (double)width / PANGO_SCALE;
}

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
  str_adds(&p->title, title);
  p->surface = new_surface(p, width, height);
  if (form == PICTURE_PDF) {
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, title);
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
  set_text(p, text, s->size, s->style, s->width);
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
  cairo_save(p->cairo);
  cairo_translate(p->cairo, x, y);
  cairo_scale(p->cairo, scale, scale);
  for (int i = 0; i < d->n; i++) {
    const DrawingShape *s = &d->shapes[i];
    put_shape(p, s, s->kind == DRAWING_TEXT ? tokens_get(&d->texts, s->text, NULL) : NULL);
  }
  cairo_restore(p->cairo);
}

bool picture_end(Picture *p, Str *out, Err *err) {
  cairo_destroy(p->cairo);
  p->cairo = NULL;
  if (p->form == PICTURE_PNG) (void)cairo_surface_write_to_png_stream(p->surface, take_bytes, &p->bytes);
  cairo_surface_finish(p->surface);
  cairo_status_t status = cairo_surface_status(p->surface);
  if (status == CAIRO_STATUS_SUCCESS && p->form == PICTURE_SVG) svg_tidy(out, &p->bytes, str_text(&p->title));
  else str_add(out, str_text(&p->bytes), p->bytes.n);
  close_surface(p);
  return status == CAIRO_STATUS_SUCCESS ||
         err_set(err, ERR_FILE, "the picture cannot be drawn: %s", cairo_status_to_string(status));
}

#else

bool picture_available(void) { return false; }

Picture *picture_new(Err *err) {
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

bool picture_end(Picture *p, Str *out, Err *err) {
  (void)out, (void)err;
  CHECK(p == NULL, "picture: not in this build");
  return false;
}

#endif
