#include "num/blas.h"

#ifdef BLAS_REF

#include <stddef.h>

#include "num/blas_ref.h"

void blas_init(void) {}
const char *blas_describe(void) { return "plain C"; }
const char *blas_advice(void) { return NULL; }

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
#include <string.h>

void blas_init(void) { openblas_set_num_threads(1); }
const char *blas_describe(void) { return openblas_get_corename(); }

/* Prescott, SSE3 of 2004, is what OpenBLAS takes for an x86-64 processor newer than itself. */
const char *blas_advice(void) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (strcmp(blas_describe(), "Prescott") == 0 && __builtin_cpu_supports("avx2"))
    return "OpenBLAS does not know this processor and takes its slowest kernels: with OPENBLAS_CORETYPE=Haswell in the "
           "environment training is about twice as fast";
#endif
  return NULL;
}

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
