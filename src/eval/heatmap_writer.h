/* heatmap_writer.h - the heatmaps of a run in a folder: an SVG a sentence, 000001.svg (000001.2.svg for the second
 * entry of an n-best list), and index.html, a page of the whole text.
 *
 * The SVGs appear one by one, the page at the end; then a folder named with a slash at its end loses the SVGs of an
 * earlier run. In a build without pictures there is the page alone. A writer
 * belongs to its caller and to one thread. */
#ifndef EVAL_HEATMAP_WRITER_H
#define EVAL_HEATMAP_WRITER_H

#include <stdbool.h>

#include "base/err.h"
#include "eval/alignment.h"

typedef struct HeatmapWriter HeatmapWriter;

/* Makes the folder when only its last level is missing. title: of the page. NULL on failure. */
HeatmapWriter *heatmap_writer_open(const char *folder, const char *title, Err *err);
/* Outputs come in the order they are to stand in. */
bool heatmap_writer_add(HeatmapWriter *writer, const Alignment *a, Err *err);
/* As picture_missing of picture.h, of the pictures so far. */
void heatmap_writer_missing(const HeatmapWriter *writer, Str *out);
/* Writes the page. Frees writer, also on failure. */
bool heatmap_writer_close(HeatmapWriter *writer, Err *err);
/* Writes no page. Frees writer, which may be NULL. */
void heatmap_writer_abandon(HeatmapWriter *writer);

#endif
