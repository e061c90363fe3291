#include "eval/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "eval/csv.h"

enum { MOST_BYTES = 1 << 26 };

void points_free(Points *p) {
  mem_free(p->x);
  mem_free(p->y);
  *p = (Points){0};
}

bool points_number(double *value, const char *text) {
  char *end;
  text += strspn(text, " \t");
  size_t n = strspn(text, "0123456789.eE+-");
  if (n == 0 || text[n + strspn(text + n, " \t")] != '\0') return false;
  *value = strtod(text, &end);
  return end == text + n && fabs(*value) <= 1e100;
}

/* The file's points in the order it has them. */
typedef struct List {
  struct Point {
    double x, y;
    int at;
  } * points;
  int n, cap;
} List;

static bool has_number(CsvReader *csv) {
  double value;
  for (int i = 0; i < csv->fields.n; i++)
    if (points_number(&value, tokens_get(&csv->fields, i, NULL))) return true;
  return false;
}

static bool add(List *list, CsvReader *csv, Err *err) {
  double of[2];
  if (csv->fields.n != 2)
    return err_set(err, ERR_FILE, "%s:%ld: %d columns; a line of points has two, x,y", csv->path, csv->line,
                   csv->fields.n);
  for (int i = 0; i < 2; i++)
    if (!points_number(&of[i], tokens_get(&csv->fields, i, NULL)))
      return err_set(err, ERR_FILE, "%s:%ld: \"%s\" is not a number from -1e100 to 1e100", csv->path, csv->line,
                     tokens_get(&csv->fields, i, NULL));
  if (list->n == POINTS_MOST)
    return err_set(err, ERR_FILE, "%s:%ld: more than %d points; leave some out", csv->path, csv->line, POINTS_MOST);
  if (list->n == list->cap) {
    list->cap = list->cap == 0 ? 64 : 2 * list->cap;
    list->points = mem_grow(list->points, (size_t)list->cap, sizeof *list->points, "points");
  }
  list->points[list->n] = (struct Point){of[0], of[1], list->n};
  list->n++;
  return true;
}

static bool is_empty(CsvReader *csv) { return csv->fields.n == 1 && tokens_get(&csv->fields, 0, NULL)[0] == '\0'; }

static bool read_list(List *list, CsvReader *csv, Err *err) {
  int more;
  while ((more = csv_next(csv, err)) == 1) {
    bool names = csv->line == 1 && csv->fields.n == 2 && !has_number(csv);
    if (!names && !is_empty(csv) && !add(list, csv, err)) return false;
  }
  if (more == 0 && list->n == 0) return err_set(err, ERR_FILE, "%s: no points; give lines of x,y", csv->path);
  return more == 0;
}

static int compare(const void *a, const void *b) {
  const struct Point *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return p->at - q->at;
}

bool points_read(Points *points, const char *path, Err *err) {
  Str text = {0};
  List list = {0};
  *points = (Points){0};
  bool ok = io_read_all(&text, path, MOST_BYTES, err);
  if (ok) {
    CsvReader csv = csv_open(path, str_text(&text), text.n);
    ok = read_list(&list, &csv, err);
    csv_close(&csv);
  }
  if (ok) {
    qsort(list.points, (size_t)list.n, sizeof *list.points, compare);
    *points = (Points){list.n, mem_alloc((size_t)list.n, sizeof(double), "points"),
                       mem_alloc((size_t)list.n, sizeof(double), "points")};
  }
  for (int i = 0; i < points->n; i++) {
    points->x[i] = list.points[i].x;
    points->y[i] = list.points[i].y;
  }
  mem_free(list.points);
  str_free(&text);
  return ok;
}
