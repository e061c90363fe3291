/* svg.h - drawings as SVG with text that can be edited; the SVG that Cairo writes made smaller and the same every time.
 * Pure. */
#ifndef EVAL_SVG_H
#define EVAL_SVG_H

#include "base/str.h"
#include "eval/drawing.h"

/* Appends svg with: the title as its <title>, which browsers show and screen readers read (none when ""); coordinates
 * of paths and colours at two decimals; the outer group without its id, a count of surfaces so far that nothing refers
 * to. */
void svg_tidy(Str *out, const Str *svg, const char *title);

/* Appends the drawing as SVG, its texts as <text> of the font family, so that whoever opens it needs the font; title as
 * above. Points of the drawing are `scale` points of the picture. */
void svg_draw(Str *out, const Drawing *drawing, double scale, const char *font, const char *title);

#endif
