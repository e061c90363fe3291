/* pixels.h - the image that a source is, as JSON: {"columns":C,"patch":P,"pixels":"00ff..."}, patch after patch, each
 * row by row, two hexadecimal digits a pixel from 00 (black) to ff. */
#ifndef EVAL_PIXELS_H
#define EVAL_PIXELS_H

#include "base/json.h"
#include "base/str.h"
#include "text/region_file.h"

enum { PIXELS_MOST = 1 << 16 }; /* of an image that is told; larger ones are not */

/* Whether regions are an image that is told. regions may be NULL. */
bool pixels_shown(const Regions *regions);
/* Appends the object. */
void pixels_add(Str *out, const Regions *regions);
/* Replaces what file holds by an object's image of n patches; false: it is none. */
bool pixels_read(RegionFile *file, int n, const Json *object);

#endif
