#include "eval/heatmap.h"

static unsigned char between(unsigned char from, unsigned char to, double part) {
  return (unsigned char)(from + (to - from) * part + 0.5);
}

HeatmapColour heatmap_colour(double weight) {
  /* viridis (S. van der Walt and N. Smith, CC0) at multiples of 1/8, linear in between */
  static const HeatmapColour stops[] = {{68, 1, 84},    {71, 45, 123}, {59, 82, 139},  {44, 114, 142}, {33, 145, 140},
                                        {39, 173, 129}, {93, 200, 99}, {170, 220, 50}, {253, 231, 37}};
  enum { LAST = sizeof stops / sizeof *stops - 1 };
  if (!(weight > 0)) return stops[0];
  if (weight >= 1) return stops[LAST];
  int i = (int)(weight * LAST);
  double part = weight * LAST - i;
  const HeatmapColour *a = &stops[i], *b = &stops[i + 1];
  return (HeatmapColour){between(a->red, b->red, part), between(a->green, b->green, part),
                         between(a->blue, b->blue, part)};
}
