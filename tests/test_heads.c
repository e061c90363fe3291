/* The kernels of a head against plain loops in double precision: sizes that fill vectors, and such that leave a rest.
 */
#include "num/heads.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "each_kernels.h"

enum { MOST_ROWS = 33, MOST_K = 130, LD = MOST_K + 3, N_X = 8 };

static const size_t sizes[] = {1, 3, 8, 16, 17, 24, 32, 33, 48, 64, 65, 96, 128, MOST_K};
static const size_t counts[] = {1, 2, 15, 16, 17, MOST_ROWS};
static const double WITHIN = REAL_IS_DOUBLE ? 1e-13 : 2e-5;

static real matrix[MOST_ROWS * LD], changed[MOST_ROWS * LD], other[N_X * LD], factors[N_X * MOST_ROWS];
static int places[MOST_ROWS];

static void fill(real *x, size_t n, uint64_t part) {
  uint64_t key = rng_key(5, RNG_TEST, part, 0);
  for (size_t i = 0; i < n; i++) x[i] = (real)(2 * rng_uniform(key, i) - 1);
}

/* The rows in another order than they stand in, or each after the other. */
static HeadRows rows_of(real *x, size_t n, bool listed) {
  fill(matrix, sizeof matrix / sizeof *matrix, 0);
  fill(other, sizeof other / sizeof *other, 1);
  fill(factors, sizeof factors / sizeof *factors, 2);
  memcpy(changed, matrix, sizeof changed);
  for (int j = 0; j < MOST_ROWS; j++) places[j] = (7 * j + 3) % MOST_ROWS;
  return (HeadRows){x, LD, listed ? places : NULL, n};
}

static const real *plain_row(const HeadRows *rows, size_t j) {
  return rows->x + (rows->at == NULL ? j : (size_t)rows->at[j]) * LD;
}

static void near(real got, double want, size_t k, size_t n) {
  ck_assert_msg(fabs((double)got - want) <= WITHIN, "k %zu, %zu rows: %.9g, not %.9g", k, n, (double)got, want);
}

static void check_dots(size_t k, size_t n, bool listed) {
  HeadRows rows = rows_of(matrix, n, listed);
  for (int add = 0; add < 2; add++) {
    real y[MOST_ROWS + 1];
    for (int j = 0; j <= MOST_ROWS; j++) y[j] = 5;
    heads_dots(&rows, other, k, (real)0.5, add, y);
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t c = 0; c < k; c++) sum += (double)plain_row(&rows, j)[c] * (double)other[c];
      near(y[j], sum / 2 + 5 * add, k, n);
    }
    ck_assert(y[n] == 5);
  }
}

static void check_mix(size_t k, size_t n, bool listed) {
  HeadRows rows = rows_of(matrix, n, listed);
  real y[LD], before[LD];
  fill(y, LD, 3);
  memcpy(before, y, sizeof before);
  heads_mix(&rows, (real)0.5, factors, y, k);
  for (size_t c = 0; c < k; c++) {
    double want = (double)before[c];
    for (size_t j = 0; j < n; j++) want += 0.5 * (double)factors[j] * (double)plain_row(&rows, j)[c];
    near(y[c], want, k, n);
  }
  ck_assert(y[k] == before[k]);
}

static void check_spread(size_t k, size_t n, bool listed, size_t n_x) {
  HeadRows rows = rows_of(changed, n, listed);
  const HeadRows x = {other, LD, NULL, n_x};
  heads_spread(&rows, (real)0.5, factors, MOST_ROWS, &x, k);
  for (size_t j = 0; j < n; j++) {
    const real *got = plain_row(&rows, j), *old = matrix + (got - changed);
    for (size_t c = 0; c < k; c++) {
      double want = (double)old[c];
      for (size_t t = 0; t < n_x; t++) want += 0.5 * (double)factors[t * MOST_ROWS + j] * (double)other[t * LD + c];
      near(got[c], want, k, n);
    }
    ck_assert(got[k] == old[k]);
  }
}

START_TEST(as_plain_loops) {
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    for (int listed = 0; listed < 2; listed++) {
      check_dots(sizes[_i], counts[i], listed);
      check_mix(sizes[_i], counts[i], listed);
      for (size_t n_x = 1; n_x <= N_X; n_x += 3) check_spread(sizes[_i], counts[i], listed, n_x);
    }
}
END_TEST

static void add_tests(TCase *t) { tcase_add_loop_test(t, as_plain_loops, 0, sizeof sizes / sizeof *sizes); }

Suite *test_heads(void);
Suite *test_heads(void) {
  Suite *s = suite_create("heads");
  each_kernels(s, add_tests);
  return s;
}
