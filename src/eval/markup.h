/* markup.h - text as XML and HTML hold it. Pure. */
#ifndef EVAL_MARKUP_H
#define EVAL_MARKUP_H

#include "base/str.h"

/* Appends the text as character data, or as an attribute's value between double quotes. What XML 1.0 cannot hold
 * (controls, U+FFFE and U+FFFF, bytes that are not UTF-8) is made visible as heatmap_visible does. */
void markup_text(Str *out, const char *text);

#endif
