/* heatmap_file.h - heatmaps as bytes of a picture file: one drawing that fills it, or many on the pages of a PDF.
 *
 * A HeatmapFile keeps fonts and drawing for one picture after another; it belongs to its maker and to one thread. */
#ifndef EVAL_HEATMAP_FILE_H
#define EVAL_HEATMAP_FILE_H

#include "eval/alignment.h"
#include "eval/heatmap.h"
#include "eval/picture.h"

typedef struct HeatmapLook {
  HeatmapTheme theme;
  bool numbers;
  double scale;      /* 1: cells of 28 points for short sentences, of 14 for long ones */
  const char *title; /* NULL: none */
} HeatmapLook;

typedef struct HeatmapFile HeatmapFile;

/* NULL when this build draws no pictures. look and its title outlive it. */
HeatmapFile *heatmap_file_new(const HeatmapLook *look, Err *err);
void heatmap_file_free(HeatmapFile *file); /* NULL is allowed */

/* Appends a file that shows one alignment to out. gold: NULL, or links to outline. */
bool heatmap_file_one(HeatmapFile *file, PictureForm form, const Alignment *a, const PharaohLinks *gold, Str *out,
                      Err *err);

/* A PDF of A4 pages, as many heatmaps a page as find room, each headed by the number of its sentence. One that is
 * larger than a page is made smaller. */
bool heatmap_file_begin(HeatmapFile *file, Err *err);
void heatmap_file_add(HeatmapFile *file, const Alignment *a, const PharaohLinks *gold);
bool heatmap_file_end(HeatmapFile *file, Str *out, Err *err);

#endif
