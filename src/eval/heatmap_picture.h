/* heatmap_picture.h - an alignment as a drawing: source tokens across the top, leaning when they are long, target
 * tokens down the side, a cell a weight, a legend.
 *
 * Pure but for the measure that is passed in: how wide a text is needs fonts. */
#ifndef EVAL_HEATMAP_PICTURE_H
#define EVAL_HEATMAP_PICTURE_H

#include <stdbool.h>

#include "eval/alignment.h"
#include "eval/drawing.h"

typedef struct HeatmapPicture {
  HeatmapTheme theme;
  bool numbers;             /* weights in the cells, in percent */
  const char *title;        /* NULL: none */
  const PharaohLinks *gold; /* outlined; those outside the matrix are passed over; NULL: none */
  void *ctx;                /* for measure */
  /* Width of the text in points. */
  double (*measure)(void *ctx, const char *text, double size, DrawingStyle style);
} HeatmapPicture;

/* Replaces what drawing holds and sets its size. */
void heatmap_picture_draw(Drawing *drawing, const Alignment *a, const HeatmapPicture *picture);

#endif
