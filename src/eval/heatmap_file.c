#include "eval/heatmap_file.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "eval/heatmap_picture.h"
#include "eval/svg.h"

/* Points. */
enum { PAGE_WIDTH = 595, PAGE_HEIGHT = 842, MARGIN = 30, SPACE = 10 };
static const double PAGE_SHARE = 0.7; /* of the usual size, so that more finds room */

struct HeatmapFile {
  const HeatmapLook *look;
  Picture *picture;
  Drawing drawing;
  /* Of pages: where the next heatmap goes, and the height of the row it is in. */
  double x, y, row;
};

HeatmapFile *heatmap_file_new(const HeatmapLook *look, Err *err) {
  Picture *picture = picture_new(look->font, err);
  if (picture == NULL) return NULL;
  HeatmapFile *file = mem_zero(1, sizeof *file, "heatmap");
  *file = (HeatmapFile){.look = look, .picture = picture};
  return file;
}

void heatmap_file_free(HeatmapFile *file) {
  if (file == NULL) return;
  picture_free(file->picture);
  drawing_free(&file->drawing);
  mem_free(file);
}

static double measure(void *ctx, const char *text, double size, DrawingStyle style) {
  return picture_measure(ctx, text, size, style);
}

static void draw(HeatmapFile *file, const Alignment *a, const PharaohLinks *gold, const char *title) {
  HeatmapPicture picture = {.theme = file->look->theme,
                            .numbers = file->look->numbers,
                            .title = title,
                            .gold = gold,
                            .ctx = file->picture,
                            .measure = measure};
  heatmap_picture_draw(&file->drawing, a, &picture);
}

/* What was written, else the file's name. */
static void add_name(const HeatmapFile *file, const Alignment *a, Str *name) {
  const HeatmapLook *look = file->look;
  const char *told = look->title != NULL ? look->title : a->text;
  str_adds(name, told);
  for (int t = 0; told[0] == '\0' && t < a->n_target; t++)
    if (t + 1 < a->n_target || strcmp(a->target[t], "</s>") != 0) str_addf(name, t > 0 ? " %s" : "%s", a->target[t]);
  if (name->n == 0 && look->name != NULL) str_adds(name, look->name);
}

static bool draw_file(HeatmapFile *file, PictureForm form, const char *name, Str *out, Err *err) {
  double scale = file->look->scale;
  if (!picture_begin(file->picture, form, name, scale * file->drawing.width, scale * file->drawing.height, err))
    return false;
  picture_put(file->picture, &file->drawing, 0, 0, scale);
  return picture_end(file->picture, out, err);
}

bool heatmap_file_one(HeatmapFile *file, PictureForm form, const Alignment *a, const PharaohLinks *gold, Str *out,
                      Err *err) {
  const HeatmapLook *look = file->look;
  Str name = {0};
  bool ok = true;
  add_name(file, a, &name);
  draw(file, a, gold, look->title);
  if (form == PICTURE_SVG && look->text)
    svg_draw(out, &file->drawing, look->scale, look->font == NULL ? "sans-serif" : look->font, str_text(&name));
  else ok = draw_file(file, form, str_text(&name), out, err);
  str_free(&name);
  return ok;
}

/* The page's ground is that of the heatmaps. */
static void start_page(HeatmapFile *file) {
  drawing_clear(&file->drawing);
  drawing_box(&file->drawing, heatmap_ground(file->look->theme), 0, 0, PAGE_WIDTH, PAGE_HEIGHT);
  picture_put(file->picture, &file->drawing, 0, 0, 1);
  file->x = file->y = MARGIN;
  file->row = 0;
}

bool heatmap_file_begin(HeatmapFile *file, Err *err) {
  const HeatmapLook *look = file->look;
  const char *name = look->title != NULL ? look->title : look->name != NULL ? look->name : "";
  if (!picture_begin(file->picture, PICTURE_PDF, name, PAGE_WIDTH, PAGE_HEIGHT, err)) return false;
  start_page(file);
  return true;
}

/* Finds room for the size: behind the last heatmap, else in a new row. False: on a new page. */
static bool find_room(HeatmapFile *file, double width, double height) {
  if (file->x > MARGIN && file->x + width > PAGE_WIDTH - MARGIN) {
    file->x = MARGIN;
    file->y += file->row + SPACE;
    file->row = 0;
  }
  return file->y <= MARGIN || file->y + height <= PAGE_HEIGHT - MARGIN;
}

static double page_scale(const HeatmapFile *file) {
  double across = (PAGE_WIDTH - 2 * MARGIN) / file->drawing.width;
  double down = (PAGE_HEIGHT - 2 * MARGIN) / file->drawing.height;
  return fmin(PAGE_SHARE * file->look->scale, fmin(across, down));
}

void heatmap_file_add(HeatmapFile *file, const Alignment *a, const PharaohLinks *gold) {
  Str title = {0};
  if (file->look->title != NULL) str_addf(&title, "%s ", file->look->title);
  str_addf(&title, "%ld", (long)a->id + 1);
  draw(file, a, gold, str_text(&title));
  double scale = page_scale(file);
  if (!find_room(file, scale * file->drawing.width, scale * file->drawing.height)) {
    picture_page(file->picture);
    start_page(file);
    draw(file, a, gold, str_text(&title));
  }
  picture_put(file->picture, &file->drawing, file->x, file->y, scale);
  file->x += scale * file->drawing.width + SPACE;
  file->row = fmax(file->row, scale * file->drawing.height);
  str_free(&title);
}

bool heatmap_file_end(HeatmapFile *file, Str *out, Err *err) { return picture_end(file->picture, out, err); }

void heatmap_file_missing(const HeatmapFile *file, Str *out) { picture_missing(file->picture, out); }
