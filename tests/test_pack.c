/* Products with packed weights against sums written out here. Float only: the double build packs nothing. */
#include "num/pack.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "each_kernels.h"

#if !REAL_IS_DOUBLE

enum { N_SIZES = 9, MOST = 300, WIDE = 310, MOST_ROWS = 230 };

/* Around a vector, a panel, and the block of 256 rows that products are cut in. */
static const int sizes[N_SIZES] = {1, 7, 16, 31, 32, 33, 70, 257, MOST};
static const int rows[] = {1, 2, 5, 6, 7, 14, 15, 29, 31};

/* What products begin with. */
typedef enum Begin { ZEROS, ITSELF, ONE_ROW } Begin;

static real weights[MOST * WIDE], x[MOST_ROWS * WIDE], y[MOST_ROWS * WIDE], before[MOST_ROWS * WIDE];

static void fill(real *at, int n, int seed) {
  for (uint32_t i = 0; i < (uint32_t)n; i++)
    at[i] = (real)(int)(((i + (uint32_t)seed) * 2654435761u >> 16) % 2001) / 1000 - 1;
}

static Pack packed(int out, int in, int ld) {
  Pack pack;
  fill(weights, MOST * WIDE, 1);
  pack_init(&pack, PACK_BOTH, out, in);
  for (int panel = 0; panel < pack_panels(&pack); panel++) pack_fill(&pack, &(PackRows){.x = weights, .ld = ld}, panel);
  return pack;
}

static real bias[WIDE];

/* Compares y [m,n] with x W^T, or x W when back, plus what it began with; checks that nothing else was written. */
static void check_product(int m, int n, int k, Begin begin, bool back, int ldw, const char *name) {
  for (int r = 0; r < m; r++)
    for (int c = 0; c < n; c++) {
      double sum = begin == ZEROS ? 0 : (double)(begin == ITSELF ? before : bias)[begin == ITSELF ? r * WIDE + c : c];
      for (int i = 0; i < k; i++) sum += (double)x[r * WIDE + i] * (double)weights[back ? i * ldw + c : c * ldw + i];
      double got = (double)y[r * WIDE + c];
      if (!(fabs(got - sum) <= 2e-5 * sqrt(k)))
        ck_abort_msg("%s %d x %d x %d%s: [%d,%d] is %.9g, expected %.9g", name, m, n, k,
                     begin == ZEROS    ? ""
                     : begin == ITSELF ? ", added"
                                       : ", added to a row",
                     r, c, got, sum);
    }
  for (int r = 0; r < MOST_ROWS; r++) {
    int from = r < m ? n : 0;
    ck_assert_msg(memcmp(y + r * WIDE + from, before + r * WIDE + from, (size_t)(WIDE - from) * sizeof(real)) == 0,
                  "%s %d x %d x %d writes beside row %d", name, m, n, k, r);
  }
}

static PackStart prepare(Begin begin, int seed) {
  fill(x, MOST_ROWS * WIDE, seed);
  fill(y, MOST_ROWS * WIDE, seed + 1);
  fill(bias, WIDE, seed + 2);
  if (begin != ITSELF) y[0] = (real)NAN; /* what was there must not matter */
  memcpy(before, y, sizeof y);
  const PackStart starts[] = {[ZEROS] = {NULL, 0}, [ITSELF] = {y, WIDE}, [ONE_ROW] = {bias, 0}};
  return starts[begin];
}

/* n: how many of W's rows take part. */
static void check_both(const Pack *pack, int m, int n, Begin begin, int ldw) {
  PackStart start = prepare(begin, m);
  pack_forward(pack, m, n, x, WIDE, start, y, WIDE);
  check_product(m, n, pack->cols, begin, false, ldw, "forward");
  start = prepare(begin, m);
  pack_backward(pack, m, n, x, WIDE, start, y, WIDE);
  check_product(m, pack->cols, n, begin, true, ldw, "backward");
}

/* W [out,in] of every two sizes, rows of W further apart than they are long. */
START_TEST(products) {
  for (int s = 0; s < N_SIZES; s++) {
    int out = sizes[_i], in = sizes[s], ldw = in + 3;
    Pack pack = packed(out, in, ldw);
    int m = rows[(_i + s) % (int)(sizeof rows / sizeof *rows)];
    check_both(&pack, m, out, ZEROS, ldw);
    check_both(&pack, m, out, ITSELF, ldw);
    check_both(&pack, m, (out + 1) / 2, ITSELF, ldw);
    check_both(&pack, m, out, ONE_ROW, ldw);
    pack_free(&pack);
  }
}
END_TEST

/* Rows around every tile, and around the block that products are cut in: 96 or 224. */
START_TEST(any_number_of_rows) {
  Pack pack = packed(40, 50, 50);
  for (int m = 1; m <= 31; m++) check_both(&pack, m, 40, m % 2 == 0 ? ITSELF : ONE_ROW, 50);
  static const int many[] = {95, 96, 97, 193, 223, 224, 225, MOST_ROWS};
  for (int i = 0; i < 8; i++) check_both(&pack, many[i], 40, i % 2 == 0 ? ITSELF : ONE_ROW, 50);
  pack_free(&pack);
}
END_TEST

/* A row's result is the same bytes whatever rows are beside it: batches do not change translations by it. */
START_TEST(rows_do_not_depend_on_each_other) {
  Pack pack = packed(70, 90, 90);
  (void)prepare(ZEROS, 3);
  pack_forward(&pack, MOST_ROWS, 70, x, WIDE, (PackStart){0}, y, WIDE);
  for (int r = 0; r < MOST_ROWS; r++) {
    real alone[70];
    pack_forward(&pack, 1, 70, x + r * WIDE, WIDE, (PackStart){0}, alone, 70);
    ck_assert_mem_eq(alone, y + r * WIDE, sizeof alone);
  }
  pack_free(&pack);
}
END_TEST

START_TEST(forward_only) {
  Pack pack;
  pack_init(&pack, PACK_FORWARD, 40, 20);
  ck_assert_ptr_null(pack.backward);
  ck_assert_ptr_nonnull(pack.forward);
  pack_free(&pack);
  ck_assert_ptr_null(pack.forward);
}
END_TEST

#endif

static void add_tests(TCase *t) {
#if !REAL_IS_DOUBLE
  tcase_add_loop_test(t, products, 0, N_SIZES);
  tcase_add_test(t, any_number_of_rows);
  tcase_add_test(t, rows_do_not_depend_on_each_other);
  tcase_add_test(t, forward_only);
#else
  (void)t;
#endif
}

Suite *test_pack(void);
Suite *test_pack(void) {
  Suite *s = suite_create("pack");
  each_kernels(s, add_tests);
  return s;
}
