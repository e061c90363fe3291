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
  const char *title; /* drawn above; NULL: none */
  const char *name;  /* of a file without title or words, for readers of its metadata; NULL: none */
  const char *font;  /* family; NULL: the machine's sans serif */
  bool text;         /* SVG: texts that can be edited, instead of outlines that look alike everywhere */
} HeatmapLook;

typedef struct HeatmapFile HeatmapFile;

/* NULL when this build draws no pictures, or there is no such font. look and its texts outlive it. */
HeatmapFile *heatmap_file_new(const HeatmapLook *look, Err *err);
void heatmap_file_free(HeatmapFile *file); /* NULL is allowed */

/* Appends a file that shows one alignment, cropped to it, to out; its metadata are called by the look's title, else by
 * what was written. gold: NULL, or links to outline. */
bool heatmap_file_one(HeatmapFile *file, PictureForm form, const Alignment *a, const PharaohLinks *gold, Str *out,
                      Err *err);

/* A PDF of A4 pages, as many heatmaps a page as find room, each headed by the number of its sentence. One that is
 * larger than a page is made smaller. */
bool heatmap_file_begin(HeatmapFile *file, Err *err);
void heatmap_file_add(HeatmapFile *file, const Alignment *a, const PharaohLinks *gold);
bool heatmap_file_end(HeatmapFile *file, Str *out, Err *err);

/* As picture_missing of picture.h. */
void heatmap_file_missing(const HeatmapFile *file, Str *out);

#endif
