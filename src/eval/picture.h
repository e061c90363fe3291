/* picture.h - writes drawings as SVG, PNG or PDF, with text shaped for every script; the one door to Cairo and Pango.
 *
 * A build without them has picture_new fail with a message that says what to install. A Picture keeps the fonts and may
 * write one file after another; it belongs to its maker and to one thread. */
#ifndef EVAL_PICTURE_H
#define EVAL_PICTURE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "eval/drawing.h"

typedef enum PictureForm { PICTURE_SVG, PICTURE_PNG, PICTURE_PDF } PictureForm;

typedef struct Picture Picture;

/* Whether this build can. */
bool picture_available(void);
/* font: the family of all texts; NULL: the sans serif of the machine. NULL when this build cannot, or the machine has
 * no such font. */
Picture *picture_new(const char *font, Err *err);
void picture_free(Picture *picture); /* NULL is allowed */

/* Width of a text in points. */
double picture_measure(Picture *picture, const char *text, double size, DrawingStyle style);

/* Begins a file of one page of the given size in points; title names it for readers of its metadata. A PNG has
 * PICTURE_PIXELS pixels a point. */
enum { PICTURE_PIXELS = 2 };
bool picture_begin(Picture *picture, PictureForm form, const char *title, double width, double height, Err *err);
/* Ends the page and begins another; PDF only. */
void picture_page(Picture *picture);
/* Paints a drawing, scaled, with its corner at x, y. */
void picture_put(Picture *picture, const Drawing *drawing, double x, double y, double scale);
/* Appends a sentence that names characters of what was put so far that no font has, and what to install; nothing when
 * all were there. */
void picture_missing(const Picture *picture, Str *out);
/* Ends the file and appends its bytes to out. */
bool picture_end(Picture *picture, Str *out, Err *err);

#endif
