#include "eval/heatmap_writer.h"

#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "eval/heatmap_file.h"
#include "eval/heatmap_html.h"
#include "eval/numbered.h"

static const HeatmapLook look = {.theme = HEATMAP_LIGHT, .scale = 1};

struct HeatmapWriter {
  char *folder;
  HeatmapHtml *html;
  HeatmapFile *pictures; /* NULL: not in this build */
  Numbered written;
  Str path, bytes;
};

static const char *path_of(HeatmapWriter *w, const char *name) {
  size_t n = strlen(w->folder);
  str_clear(&w->path);
  str_addf(&w->path, "%s%s%s", w->folder, n > 0 && w->folder[n - 1] == '/' ? "" : "/", name);
  return w->path.at;
}

HeatmapWriter *heatmap_writer_open(const char *folder, const char *title, Err *err) {
  HeatmapWriter *w = mem_zero(1, sizeof *w, "heatmap writer");
  w->folder = mem_text(folder, strlen(folder));
  w->html = heatmap_html_new(title, "auto");
  bool ok = io_make_folder(folder, err) && io_check_target(path_of(w, "index.html"), err);
  if (ok && picture_available()) {
    w->pictures = heatmap_file_new(&look, err);
    ok = w->pictures != NULL;
  }
  if (ok) return w;
  heatmap_writer_abandon(w);
  return NULL;
}

static bool add_picture(HeatmapWriter *w, const Alignment *a, Err *err) {
  Str name = {0};
  numbered_name(&name, a->id, a->rank, ".svg");
  numbered_wrote(&w->written, a->id, a->rank);
  str_clear(&w->bytes);
  bool ok = heatmap_file_one(w->pictures, PICTURE_SVG, a, NULL, &w->bytes, err) &&
            io_write_quick(path_of(w, name.at), w->bytes.at, w->bytes.n, err);
  str_free(&name);
  return ok;
}

bool heatmap_writer_add(HeatmapWriter *w, const Alignment *a, Err *err) {
  heatmap_html_add(w->html, a, NULL);
  return w->pictures == NULL || add_picture(w, a, err);
}

bool heatmap_writer_close(HeatmapWriter *w, Err *err) {
  str_clear(&w->bytes);
  heatmap_html_end(w->html, &w->bytes);
  w->html = NULL;
  size_t n = strlen(w->folder);
  bool sweep = w->pictures != NULL && n > 0 && w->folder[n - 1] == '/';
  bool ok = io_write_file(path_of(w, "index.html"), w->bytes.at, w->bytes.n, err) &&
            (!sweep || numbered_sweep(&w->written, w->folder, ".svg", err));
  heatmap_writer_abandon(w);
  return ok;
}

void heatmap_writer_missing(const HeatmapWriter *w, Str *out) {
  if (w->pictures != NULL) heatmap_file_missing(w->pictures, out);
}

void heatmap_writer_abandon(HeatmapWriter *w) {
  if (w == NULL) return;
  heatmap_html_free(w->html);
  heatmap_file_free(w->pictures);
  numbered_free(&w->written);
  mem_free(w->folder);
  str_free(&w->path);
  str_free(&w->bytes);
  mem_free(w);
}
