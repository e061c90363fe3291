/* points.h - reads the points of a curve: a CSV file of two columns, x and y, with or without a line of names. */
#ifndef EVAL_POINTS_H
#define EVAL_POINTS_H

#include "base/err.h"

/* Sorted by x, in the order of the file where these are equal; the caller's, points_free ends it. */
typedef struct Points {
  int n; /* at least 1 */
  double *x, *y;
} Points;

enum { POINTS_MOST = 1 << 20 };

/* path "-" is standard input. What is not two numbers from -1e100 to 1e100 is an error that names file and line. On
 * failure points is empty. */
bool points_read(Points *points, const char *path, Err *err);
void points_free(Points *points);

/* The number, from -1e100 to 1e100, that a text is; false: it is none. */
bool points_number(double *value, const char *text);

#endif
