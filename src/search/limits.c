#include "search/limits.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { FREE = 10, EXCUSED = 1000 };
static const double USUAL = 2;

int limits_tokens(double ratio, int n) {
  double limit = ceil(ratio * n) + FREE;
  return limit < INT_MAX / 2 ? (int)limit : INT_MAX / 2;
}

/* The least ratio in tenths that a pair needs: with T target tokens, ratio S > T - 11. */
static double needed(PairLength length) {
  if (length.target <= FREE || length.source == 0) return 0;
  return (floor(10.0 * (length.target - FREE - 1) / length.source) + 1) / 10;
}

static int by_falling_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

double limits_ratio(const PairLength *lengths, int n) {
  double *over = mem_alloc((size_t)n + 1, sizeof *over, "lengths");
  int n_over = 0, excused = n / EXCUSED;
  for (int i = 0; i < n; i++)
    if (needed(lengths[i]) > USUAL) over[n_over++] = needed(lengths[i]);
  qsort(over, (size_t)n_over, sizeof *over, by_falling_value);
  double ratio = n_over > excused ? over[excused] : USUAL;
  mem_free(over);
  return ratio;
}

LimitsCount limits_count(const PairLength *lengths, int n, double ratio) {
  LimitsCount count = {.n_pairs = n};
  for (int i = 0; i < n; i++) {
    PairLength length = lengths[i];
    if ((int)length.target <= limits_tokens(ratio, (int)length.source)) continue;
    count.n_over++;
    if (length.target > count.longest.target) count.longest = length;
    if (needed(length) > count.enough) count.enough = needed(length);
  }
  return count;
}
