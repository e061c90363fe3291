#include "num/blas.h"

#ifdef BLAS_REF

#include "num/blas_ref.h"

void blas_init(void) {}
const char *blas_describe(void) { return "plain C"; }

void blas_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  blas_ref_gemm_nt(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  blas_ref_gemm_nn(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  blas_ref_gemm_tn(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

#else

#include <cblas.h>

void blas_init(void) { openblas_set_num_threads(1); }
const char *blas_describe(void) { return openblas_get_corename(); }

static void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const real *a, int lda, const real *b,
                 int ldb, real beta, real *c, int ldc) {
  if (m == 0 || n == 0) return;
#ifdef REAL_DOUBLE
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
#else
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
#endif
}

void blas_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  gemm(CblasNoTrans, CblasTrans, m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  gemm(CblasNoTrans, CblasNoTrans, m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  gemm(CblasTrans, CblasNoTrans, m, n, k, a, lda, b, ldb, beta, c, ldc);
}

#endif
