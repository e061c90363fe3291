#include "eval/drawing.h"

#include <string.h>

#include "base/mem.h"

void drawing_add(Drawing *d, DrawingShape shape, const char *text) {
  if (d->n == d->cap) {
    d->cap = d->cap == 0 ? 64 : 2 * d->cap;
    d->shapes = mem_grow(d->shapes, (size_t)d->cap, sizeof *d->shapes, "drawing");
  }
  shape.text = d->texts.n;
  if (text != NULL) tokens_add(&d->texts, text, strlen(text));
  d->shapes[d->n++] = shape;
}

void drawing_box(Drawing *d, HeatmapColour colour, double x, double y, double width, double height) {
  drawing_add(
      d, (DrawingShape){.kind = DRAWING_BOX, .colour = colour, .x = x, .y = y, .width = width, .height = height}, NULL);
}

void drawing_clear(Drawing *d) {
  d->n = 0;
  d->width = d->height = 0;
  tokens_clear(&d->texts);
}

void drawing_free(Drawing *d) {
  mem_free(d->shapes);
  tokens_free(&d->texts);
  *d = (Drawing){0};
}
