#include "ad/relative.h"

#include <string.h>

#include "num/vec.h"

/* Positions low .. near - 1 have distance -k, far .. high - 1 distance k, those between them j - step. */
typedef struct Range {
  int low, near, far, high, step;
} Range;

static int within(int x, int low, int high) { return x < low ? low : x > high ? high : x; }

static Range range_of(const Look *look, int r, int k) {
  int low = look->low[r], high = look->high[r], step = look->step[r];
  return (Range){low, within(step - k, low, high), within(step + k + 1, low, high), high, step};
}

static void spread(const Range *range, int k, const real *distance, real scale, real *position) {
  real before = scale * distance[0], after = scale * distance[2 * k];
  for (int j = range->low; j < range->near; j++) position[j] += before;
  if (range->near < range->far)
    vec_axpy(position + range->near, scale, distance + (range->near - range->step + k),
             (size_t)(range->far - range->near));
  for (int j = range->far; j < range->high; j++) position[j] += after;
}

static void collect(const Range *range, int k, const real *position, real scale, real *distance) {
  memset(distance, 0, (size_t)(2 * k + 1) * sizeof *distance);
  if (range->near < range->far)
    vec_axpy(distance + (range->near - range->step + k), scale, position + range->near,
             (size_t)(range->far - range->near));
  distance[0] += scale * vec_sum(position + range->low, (size_t)(range->near - range->low));
  distance[2 * k] += scale * vec_sum(position + range->far, (size_t)(range->high - range->far));
}

void relative_spread(const Look *look, int heads, const Tensor *distances, real scale, const Tensor *positions) {
  int kinds = distances->cols / heads, longest = positions->cols / heads, k = kinds / 2;
  for (int r = 0; r < look->n; r++) {
    Range range = range_of(look, r, k);
    for (int h = 0; h < heads; h++)
      spread(&range, k, tensor_row(distances, r) + h * kinds, scale, tensor_row(positions, r) + h * longest);
  }
}

void relative_collect(const Look *look, int heads, const Tensor *positions, real scale, const Tensor *distances) {
  int kinds = distances->cols / heads, longest = positions->cols / heads, k = kinds / 2;
  for (int r = 0; r < look->n; r++) {
    Range range = range_of(look, r, k);
    for (int h = 0; h < heads; h++)
      collect(&range, k, tensor_row(positions, r) + h * longest, scale, tensor_row(distances, r) + h * kinds);
  }
}
