#include "eval/heatmap.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "base/utf8.h"

static unsigned char between(unsigned char from, unsigned char to, double part) {
  return (unsigned char)(from + (to - from) * part + 0.5);
}

HeatmapColour heatmap_colour(HeatmapTheme theme, double weight) {
  enum { LAST = 8 };
  static const HeatmapColour scales[][LAST + 1] = {
      /* viridis (S. van der Walt and N. Smith, CC0) at multiples of 1/8, linear in between */
      [HEATMAP_DARK] = {{68, 1, 84},
                        {71, 45, 123},
                        {59, 82, 139},
                        {44, 114, 142},
                        {33, 145, 140},
                        {39, 173, 129},
                        {93, 200, 99},
                        {170, 220, 50},
                        {253, 231, 37}},
      /* CIELAB lightness from 97 to 15 in equal steps, hue from 195 to 300 degrees */
      [HEATMAP_LIGHT] = {{242, 248, 247},
                         {153, 230, 238},
                         {54, 206, 235},
                         {13, 175, 216},
                         {14, 144, 193},
                         {3, 115, 170},
                         {6, 86, 146},
                         {14, 57, 123},
                         {36, 32, 75}}};
  const HeatmapColour *stops = scales[theme];
  if (!(weight > 0)) return stops[0];
  if (weight >= 1) return stops[LAST];
  int i = (int)(weight * LAST);
  double part = weight * LAST - i;
  const HeatmapColour *a = &stops[i], *b = &stops[i + 1];
  return (HeatmapColour){between(a->red, b->red, part), between(a->green, b->green, part),
                         between(a->blue, b->blue, part)};
}

HeatmapColour heatmap_ground(HeatmapTheme theme) {
  return theme == HEATMAP_DARK ? (HeatmapColour){17, 19, 24} : (HeatmapColour){255, 255, 255};
}

HeatmapColour heatmap_ink(HeatmapColour c) {
  /* Luminance, with 2.2 for the curve of sRGB; at 0.18 black and white have the same contrast (WCAG: 4.6). */
  double y = 0.2126 * pow(c.red / 255.0, 2.2) + 0.7152 * pow(c.green / 255.0, 2.2) + 0.0722 * pow(c.blue / 255.0, 2.2);
  return y > 0.18 ? (HeatmapColour){0, 0, 0} : (HeatmapColour){255, 255, 255};
}

void heatmap_visible(Str *out, const char *token) {
  size_t n = strlen(token);
  for (size_t i = 0; i < n;) {
    uint32_t scalar;
    bool valid;
    size_t step = utf8_next(token + i, n - i, &scalar, &valid);
    if (!valid || (scalar >= 0x80 && scalar < 0xA0) || scalar == 0xFFFE || scalar == 0xFFFF) scalar = 0xFFFD;
    else if (scalar < ' ') scalar += 0x2400;
    else if (scalar == 0x7F) scalar = 0x2421;
    utf8_add(out, scalar);
    i += step;
  }
}

/* Where the letters of a text begin, each with the marks after it; [*n + 1], the last being the text's length. */
static size_t *letters_of(const char *text, int *n) {
  size_t length = strlen(text), *starts = mem_alloc(length + 1, sizeof *starts, "letters");
  *n = 0;
  for (size_t i = 0; i < length;) {
    uint32_t scalar;
    bool valid;
    size_t step = utf8_next(text + i, length - i, &scalar, &valid);
    if (*n == 0 || unicode_width(scalar) > 0) starts[(*n)++] = i;
    i += step;
  }
  starts[*n] = length;
  return starts;
}

/* As many of the n letters as kept says, from both ends or the beginning alone. */
static void keep_letters(Str *out, const char *text, const size_t *starts, int n, int kept, bool at_end) {
  int head = at_end ? kept : (kept + 1) / 2;
  const char *tail = text + starts[n - (kept - head)];
  str_add(out, text, starts[head]);
  str_adds(out, "\xE2\x80\xA6");
  str_adds(out, tail);
}

void heatmap_cut(Str *out, const char *text, double most, bool at_end, HeatmapWidth *width, void *ctx) {
  if (width(ctx, text) <= most) {
    str_adds(out, text);
    return;
  }
  int n, fits = 0;
  size_t *starts = letters_of(text, &n);
  Str tried = {0};
  for (int over = n; over - fits > 1;) {
    int kept = (fits + over) / 2;
    str_clear(&tried);
    keep_letters(&tried, text, starts, n, kept, at_end);
    *(width(ctx, str_text(&tried)) <= most ? &fits : &over) = kept;
  }
  keep_letters(out, text, starts, n, fits, at_end);
  str_free(&tried);
  mem_free(starts);
}
