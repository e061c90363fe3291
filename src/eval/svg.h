/* svg.h - makes the SVG that Cairo writes smaller and the same every time, and gives it a title. Pure. */
#ifndef EVAL_SVG_H
#define EVAL_SVG_H

#include "base/str.h"

/* Appends svg with: the title as its <title>, which browsers show and screen readers read (none when ""); coordinates
 * of paths and colours at two decimals; the outer group without its id, a count of surfaces so far that nothing refers
 * to. */
void svg_tidy(Str *out, const Str *svg, const char *title);

#endif
