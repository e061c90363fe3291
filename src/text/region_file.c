#include "text/region_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "nn/model.h"
#include "text/npy.h"
#include "text/pgm.h"

enum { LARGEST = 1 << 30 }; /* bytes of a file */

/* Room for n regions of a size, once that is not too much. */
static bool make_room(RegionFile *f, const char *name, size_t n, size_t size, Err *err) {
  if (n > MODEL_MOST_TOKENS || size > REGION_FILE_MOST || n * size > REGION_FILE_MOST)
    return err_set(err, ERR_FILE, "%s: %zu regions of %zu numbers, over the most, %d regions and %d numbers", name, n,
                   size, MODEL_MOST_TOKENS, REGION_FILE_MOST);
  if (n * size > f->cap) {
    f->cap = n * size;
    f->at = mem_grow(f->at, f->cap, sizeof *f->at, "source regions");
  }
  f->regions = (Regions){.at = f->at, .n = (int)n, .size = (int)size};
  return true;
}

/* ---- Images. */

static int patches(int pixels, int patch) { return (pixels + patch - 1) / patch; }

static bool check_sides(const RegionForm *form, const Pgm *pgm, Err *err) {
  int rows = patches(pgm->height, form->patch), columns = patches(pgm->width, form->patch);
  return (rows <= form->max_side && columns <= form->max_side) ||
         err_set(err, ERR_FILE,
                 "%s: %d by %d pixels are %d rows and %d columns of patches, but the model has places for %d "
                 "(model.encoder.max_side)",
                 pgm->name, pgm->width, pgm->height, rows, columns, form->max_side);
}

static bool cut(RegionFile *f, int patch, Pgm *pgm, Err *err) {
  size_t side = (size_t)patch, columns = (size_t)f->regions.columns;
  memset(f->at, 0, (size_t)f->regions.n * (size_t)f->regions.size * sizeof *f->at);
  for (size_t y = 0; y < (size_t)pgm->height; y++)
    for (size_t x = 0; x < (size_t)pgm->width; x++) {
      size_t region = y / side * columns + x / side, place = y % side * side + x % side;
      if (!pgm_next(pgm, &f->at[region * side * side + place], err)) return false;
    }
  return pgm_close(pgm, err);
}

static bool read_image(RegionFile *f, const RegionForm *form, const char *name, const char *at, size_t n, Err *err) {
  Pgm pgm;
  if (npy_is(at, n))
    return err_set(err, ERR_FILE, "%s: a matrix, but model.encoder.patch is %d: the model reads PGM images", name,
                   form->patch);
  if (!pgm_open(&pgm, name, at, n, err) || !check_sides(form, &pgm, err)) return false;
  int rows = patches(pgm.height, form->patch), columns = patches(pgm.width, form->patch);
  size_t size = (size_t)form->patch * (size_t)form->patch;
  if (!make_room(f, name, (size_t)rows * (size_t)columns, size, err)) return false;
  f->regions.columns = columns;
  return cut(f, form->patch, &pgm, err);
}

/* ---- Matrices. */

static bool wrong_width(const char *name, long line, size_t n, int features, Err *err) {
  Str where = {0};
  if (line > 0) str_addf(&where, ":%ld", line);
  (void)err_set(err, ERR_FILE, "%s%s: %zu %s in a row, but model.encoder.features is %d", name, str_text(&where), n,
                n == 1 ? "number" : "numbers", features);
  str_free(&where);
  return false;
}

static bool read_npy(RegionFile *f, const RegionForm *form, const char *name, const char *at, size_t n, Err *err) {
  Npy npy;
  if (!npy_open(&npy, name, at, n, err)) return false;
  if (npy.rows == 0) return err_set(err, ERR_FILE, "%s: no rows, so that there is nothing to look at", name);
  if (npy.cols != (size_t)form->features) return wrong_width(name, 0, npy.cols, form->features, err);
  if (!make_room(f, name, npy.rows, npy.cols, err)) return false;
  for (size_t i = 0; i < npy.rows * npy.cols; i++) {
    f->at[i] = npy_get(&npy, i);
    if (!isfinite(f->at[i]))
      return err_set(err, ERR_FILE, "%s: the number in row %zu, column %zu, both from 1, is not finite", name,
                     i / npy.cols + 1, i % npy.cols + 1);
  }
  return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool bad_number(const char *name, long line, const char *at, const char *end, Err *err) {
  size_t shown = 0;
  while (at + shown < end && shown < 40 && strchr(",\r\n", at[shown]) == NULL) shown++;
  return err_set(err, ERR_FILE, "%s:%ld: \"%.*s\" is not a finite number", name, line, (int)shown, at);
}

/* The numbers of one line, at[0..end); values NULL: only counts them. */
static bool read_row(const char *name, long line, const char *at, const char *end, float *values, size_t *n, Err *err) {
  for (*n = 0;; at++) {
    char *after;
    while (at < end && is_blank(*at)) at++;
    double value = at < end ? strtod(at, &after) : HUGE_VAL;
    if (at == end || after == at || after > end || !isfinite((float)value)) return bad_number(name, line, at, end, err);
    if (values != NULL) values[*n] = (float)value;
    ++*n;
    const char *from = at;
    for (at = after; at < end && is_blank(*at);) at++;
    if (at == end) return true;
    if (*at != ',') return bad_number(name, line, from, end, err);
  }
}

static const char *line_end(const char *at, const char *end) {
  const char *found = memchr(at, '\n', (size_t)(end - at));
  return found == NULL ? end : found;
}

/* Checks the rows of a text, or once they have been checked stores them; gives how many there are. */
static bool read_rows(const char *name, int features, const char *at, const char *end, float *to, size_t *rows,
                      Err *err) {
  *rows = 0;
  for (const char *stop; at < end; at = stop + 1) {
    size_t n;
    stop = line_end(at, end);
    if (!read_row(name, (long)++*rows, at, stop, to, &n, err)) return false;
    if (n != (size_t)features) return wrong_width(name, (long)*rows, n, features, err);
    if (to != NULL) to += n;
  }
  return true;
}

static bool read_csv(RegionFile *f, const RegionForm *form, const char *name, const char *at, size_t n, Err *err) {
  const char *end = at + n;
  size_t rows;
  if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
  while (end > at && (is_blank(end[-1]) || end[-1] == '\n')) end--;
  if (end == at) return err_set(err, ERR_FILE, "%s: no rows, so that there is nothing to look at", name);
  return read_rows(name, form->features, at, end, NULL, &rows, err) &&
         make_room(f, name, rows, (size_t)form->features, err) &&
         read_rows(name, form->features, at, end, f->at, &rows, err);
}

static bool read_matrix(RegionFile *f, const RegionForm *form, const char *name, const char *at, size_t n, Err *err) {
  if (npy_is(at, n)) return read_npy(f, form, name, at, n, err);
  if (n >= 2 && at[0] == 'P' && (at[1] == '2' || at[1] == '5'))
    return err_set(err, ERR_FILE,
                   "%s: a PGM image, but model.encoder.patch is not given: the model reads matrices of %d columns",
                   name, form->features);
  return read_csv(f, form, name, at, n, err);
}

/* ---- Both. */

bool region_file_parse(RegionFile *f, const RegionForm *form, const char *name, const char *at, size_t n, Err *err) {
  f->regions = (Regions){0};
  bool ok = form->patch > 0 ? read_image(f, form, name, at, n, err) : read_matrix(f, form, name, at, n, err);
  if (!ok) f->regions = (Regions){0};
  return ok;
}

bool region_file_read(RegionFile *f, const RegionForm *form, const char *path, Err *err) {
  f->regions = (Regions){0};
  if (io_exists(path) && !io_is_file(path))
    return err_set(err, ERR_FILE, "%s: not a regular file, which is read as often as it is needed", path);
  Str bytes = {0};
  bool ok = io_read_all(&bytes, path, LARGEST, err) && region_file_parse(f, form, path, str_text(&bytes), bytes.n, err);
  str_free(&bytes);
  return ok;
}

void region_file_label(Str *out, const Regions *regions, int i) {
  if (regions->columns == 0) str_addf(out, "%d", i + 1);
  else str_addf(out, "r%dc%d", i / regions->columns + 1, i % regions->columns + 1);
}

void region_file_free(RegionFile *f) {
  mem_free(f->at);
  *f = (RegionFile){0};
}
