#include "eval/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/markup.h"

static void add_title(Str *out, const char *title) {
  if (title[0] == '\0') return;
  str_adds(out, "\n<title>");
  markup_text(out, title);
  str_adds(out, "</title>");
}

/* Appends the number at `at` with at most two decimals. Returns its end. */
static const char *add_rounded(Str *out, const char *at) {
  char *end, text[64];
  int n = snprintf(text, sizeof text, "%.2f", strtod(at, &end));
  while (text[n - 1] == '0') n--;
  if (text[n - 1] == '.') n--;
  str_add(out, text, (size_t)n);
  return end;
}

/* Copies up to the character `stop`, numbers rounded. Returns where it is. */
static const char *add_numbers(Str *out, const char *at, char stop) {
  while (*at != stop && *at != '\0') {
    if ((*at >= '0' && *at <= '9') || *at == '-') at = add_rounded(out, at);
    else str_addc(out, *at++);
  }
  return at;
}

static bool starts(const char *at, const char *with) { return strncmp(at, with, strlen(with)) == 0; }

void svg_tidy(Str *out, const Str *svg, const char *title) {
  static const char path[] = " d=\"", colour[] = "rgb(", group[] = "<g id=\"surface";
  const char *at = str_text(svg);
  bool titled = false, nameless = false, root = false;
  while (*at != '\0') {
    root = root || starts(at, "<svg");
    if (starts(at, path) || starts(at, colour)) {
      str_add(out, at, 4);
      at = add_numbers(out, at + 4, *at == 'r' ? ')' : '"');
    } else if (!nameless && starts(at, group)) {
      nameless = true;
      str_adds(out, "<g");
      at += strcspn(at, ">");
    } else if (root && !titled && *at == '>') {
      titled = true;
      str_addc(out, *at++);
      add_title(out, title);
    } else {
      str_addc(out, *at++);
    }
  }
}

/* ---- Text that can be edited. */

static void add_number(Str *out, const char *name, double value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%.2f", value);
  str_addf(out, " %s=\"", name);
  (void)add_rounded(out, text);
  str_addc(out, '"');
}

static void add_colour(Str *out, const char *name, HeatmapColour c) {
  str_addf(out, " %s=\"#%02x%02x%02x\"", name, c.red, c.green, c.blue);
}

static void add_box(Str *out, const DrawingShape *s) {
  str_adds(out, "<rect");
  add_number(out, "x", s->x);
  add_number(out, "y", s->y);
  add_number(out, "width", s->width);
  add_number(out, "height", s->height);
  if (s->kind == DRAWING_BOX) {
    add_colour(out, "fill", s->colour);
  } else {
    str_adds(out, " fill=\"none\"");
    add_colour(out, "stroke", s->colour);
    add_number(out, "stroke-width", s->line);
  }
  str_adds(out, s->kind == DRAWING_DASHES ? " stroke-dasharray=\"3 2\"/>\n" : "/>\n");
}

/* Programs differ in what they know of dominant-baseline; the middle of small letters is about 0.35 em up. */
static void add_shape_text(Str *out, const DrawingShape *s, const char *text) {
  static const char *const anchors[] = {[DRAWING_MIDDLE] = "middle", [DRAWING_END] = "end"};
  str_adds(out, "<text");
  if (s->degrees != 0) {
    str_addf(out, " transform=\"translate(%.2f %.2f) rotate(%.0f)\"", s->x, s->y, s->degrees);
  } else {
    add_number(out, "x", s->x);
    add_number(out, "y", s->y);
  }
  str_adds(out, " dy=\".35em\"");
  add_number(out, "font-size", s->size);
  add_colour(out, "fill", s->colour);
  if (s->align != DRAWING_START) str_addf(out, " text-anchor=\"%s\"", anchors[s->align]);
  if (s->style == DRAWING_BOLD) str_adds(out, " font-weight=\"bold\"");
  if (s->style == DRAWING_ITALIC) str_adds(out, " font-style=\"italic\"");
  str_addc(out, '>');
  markup_text(out, text);
  str_adds(out, "</text>\n");
}

void svg_draw(Str *out, const Drawing *d, double scale, const char *font, const char *title) {
  str_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
  str_addf(out, " width=\"%.2fpt\" height=\"%.2fpt\" viewBox=\"0 0 %g %g\"", scale * d->width, scale * d->height,
           d->width, d->height);
  str_adds(out, " font-family=\"");
  markup_text(out, font);
  str_adds(out, strcmp(font, "sans-serif") == 0 ? "\">" : ", sans-serif\">");
  add_title(out, title);
  str_addc(out, '\n');
  for (int i = 0; i < d->n; i++) {
    const DrawingShape *s = &d->shapes[i];
    if (s->kind == DRAWING_TEXT) add_shape_text(out, s, tokens_get(&d->texts, s->text, NULL));
    else add_box(out, s);
  }
  str_adds(out, "</svg>\n");
}
