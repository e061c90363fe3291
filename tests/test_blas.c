/* The matrix products against plain C, and plain C against sums written out here. */
#include "num/blas.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "num/blas_ref.h"

enum { MOST = 40, ROOM = MOST * (MOST + 8), N_SIZES = 8 };

static const int sizes[N_SIZES] = {1, 2, 3, 7, 8, 16, 17, 33};
static const real untouched = (real)12345;

typedef void (*Gemm)(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);

/* Strides of op(A) [m,k] and op(B) [k,n] for each of nt, nn, tn. */
typedef struct Product {
  const char *name;
  Gemm blas, ref;
  int a_turned, b_turned;
} Product;

static const Product products[] = {{"nt", blas_gemm_nt, blas_ref_gemm_nt, 0, 1},
                                   {"nn", blas_gemm_nn, blas_ref_gemm_nn, 0, 0},
                                   {"tn", blas_gemm_tn, blas_ref_gemm_tn, 1, 0}};

static void fill(real *x, int n, double phase) {
  for (int i = 0; i < n; i++) x[i] = (real)sin(1.3 * i * i + phase);
}

static void check_product(const Product *p, Gemm gemm, int m, int n, int k, real beta) {
  static real a[ROOM], b[ROOM], c[ROOM], before[ROOM];
  int lda = (p->a_turned ? m : k) + 3, ldb = (p->b_turned ? k : n) + 5, ldc = n + 2;
  fill(a, ROOM, 0.1);
  fill(b, ROOM, 0.7);
  fill(c, ROOM, 2);
  for (int i = 0; i < m; i++)
    for (int j = n; j < ldc; j++) c[i * ldc + j] = untouched;
  if (beta == 0) c[0] = (real)NAN; /* what C held must not matter */
  memcpy(before, c, sizeof c);
  gemm(m, n, k, a, lda, b, ldb, beta, c, ldc);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      double sum = beta == 0 ? 0 : (double)beta * (double)before[i * ldc + j];
      for (int x = 0; x < k; x++)
        sum += (double)a[p->a_turned ? x * lda + i : i * lda + x] * (double)b[p->b_turned ? j * ldb + x : x * ldb + j];
      double got = (double)c[i * ldc + j];
      if (!(fabs(got - sum) <= (REAL_IS_DOUBLE ? 1e-13 : 1e-5)))
        ck_abort_msg("%s %d x %d x %d: C[%d,%d] = %.9g, expected %.9g", p->name, m, n, k, i, j, got, sum);
    }
  for (int i = 0; i < m; i++)
    for (int j = n; j < ldc; j++) ck_assert_msg(c[i * ldc + j] == untouched, "%s writes between rows", p->name);
  ck_assert_mem_eq(c + m * ldc, before + m * ldc, (size_t)(ROOM - m * ldc) * sizeof(real));
}

static void check_all(const Product *p, Gemm gemm) {
  for (int i = 0; i < N_SIZES * N_SIZES * N_SIZES; i++)
    for (int beta = 0; beta <= 1; beta++)
      check_product(p, gemm, sizes[i % N_SIZES], sizes[i / N_SIZES % N_SIZES], sizes[i / N_SIZES / N_SIZES],
                    (real)beta);
  check_product(p, gemm, 5, 6, 7, (real)-0.5);
}

START_TEST(library) { check_all(&products[_i], products[_i].blas); }
END_TEST

START_TEST(plain) { check_all(&products[_i], products[_i].ref); }
END_TEST

/* Nothing to add up: C is beta C; nothing to write: C stays. */
START_TEST(empty) {
  const Gemm both[] = {products[_i].blas, products[_i].ref};
  for (int f = 0; f < 2; f++) {
    real a[4] = {1, 1, 1, 1}, b[4] = {1, 1, 1, 1}, c[4] = {3, 4, 5, 6};
    both[f](0, 2, 2, a, 2, b, 2, 0, c, 2);
    both[f](2, 0, 2, a, 2, b, 2, 0, c, 2);
    ck_assert(c[0] == 3 && c[1] == 4 && c[2] == 5 && c[3] == 6);
    both[f](2, 2, 0, a, 2, b, 2, 1, c, 2);
    ck_assert(c[0] == 3 && c[1] == 4 && c[2] == 5 && c[3] == 6);
    both[f](2, 2, 0, a, 2, b, 2, 0, c, 2);
    ck_assert(c[0] == 0 && c[1] == 0 && c[2] == 0 && c[3] == 0);
  }
}
END_TEST

/* A wider product than the kernels' blocks, so that their edges are met. */
START_TEST(large) {
  enum { M = 70, N = 130, K = 300 };
  static real a[M * K], b[N * K], c[M * N], d[M * N];
  const Product *p = &products[_i];
  fill(a, M * K, 0.3);
  fill(b, N * K, 0.4);
  int lda = p->a_turned ? M : K, ldb = p->b_turned ? K : N;
  p->blas(M, N, K, a, lda, b, ldb, 0, c, N);
  p->ref(M, N, K, a, lda, b, ldb, 0, d, N);
  for (int i = 0; i < M * N; i++) {
    double size = fabs((double)d[i]) > 1 ? fabs((double)d[i]) : 1;
    ck_assert_double_eq_tol((double)c[i], (double)d[i], size * (REAL_IS_DOUBLE ? 1e-12 : 1e-5));
  }
}
END_TEST

START_TEST(described) { ck_assert_uint_gt(strlen(blas_describe()), 0); }
END_TEST

Suite *test_blas(void);
Suite *test_blas(void) {
  Suite *s = suite_create("blas");
  TCase *t = tcase_create("blas");
  tcase_set_timeout(t, 60);
  tcase_add_checked_fixture(t, blas_init, NULL);
  tcase_add_loop_test(t, library, 0, 3);
  tcase_add_loop_test(t, plain, 0, 3);
  tcase_add_loop_test(t, empty, 0, 3);
  tcase_add_loop_test(t, large, 0, 3);
  tcase_add_test(t, described);
  suite_add_tcase(s, t);
  return s;
}
