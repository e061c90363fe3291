/* heatmap.h - what pictures of attention have in common, whatever they are drawn on: colour scales, tokens made
 * visible. Pure. */
#ifndef EVAL_HEATMAP_H
#define EVAL_HEATMAP_H

#include <stdbool.h>

#include "base/str.h"

typedef enum HeatmapTheme { HEATMAP_DARK, HEATMAP_LIGHT } HeatmapTheme;

typedef struct HeatmapColour {
  unsigned char red, green, blue;
} HeatmapColour;

/* The colour of a weight, 0 .. 1 (what lies outside counts as the nearer end). Lightness changes evenly with the
 * weight, so that the scales need no hue to be read: on dark ground viridis, which grows lighter; on light ground from
 * near white over blue to near black. */
HeatmapColour heatmap_colour(HeatmapTheme theme, double weight);
/* What surrounds the cells: near black or white. */
HeatmapColour heatmap_ground(HeatmapTheme theme);
/* Black or white, whichever reads better on the colour. */
HeatmapColour heatmap_ink(HeatmapColour ground);

/* Appends the token without control characters: those of ASCII as their pictures (U+2400 on), others, U+FFFE, U+FFFF
 * and what is not UTF-8 as U+FFFD. */
void heatmap_visible(Str *out, const char *token);

/* How wide a text is, in units of its own. */
typedef double HeatmapWidth(void *ctx, const char *text);
/* Appends valid UTF-8 text; what is wider than most loses its middle, or at_end its end, to an ellipsis. Marks stay
 * with the letter before them. */
void heatmap_cut(Str *out, const char *text, double most, bool at_end, HeatmapWidth *width, void *ctx);

#endif
