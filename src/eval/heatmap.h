/* heatmap.h - what pictures of attention have in common, whatever they are drawn on: the colour scale. Pure. */
#ifndef EVAL_HEATMAP_H
#define EVAL_HEATMAP_H

typedef struct HeatmapColour {
  unsigned char red, green, blue;
} HeatmapColour;

/* The colour of a weight, 0 .. 1 (what lies outside counts as the nearer end): viridis, whose lightness grows evenly.
 */
HeatmapColour heatmap_colour(double weight);

#endif
