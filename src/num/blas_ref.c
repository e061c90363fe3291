#include "num/blas_ref.h"

#include <stddef.h>

static void scale(int m, int n, real beta, real *c, int ldc) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      real *at = &c[(size_t)i * (size_t)ldc + (size_t)j];
      *at = beta == 0 ? 0 : beta * *at;
    }
}

void blas_ref_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c,
                      int ldc) {
  scale(m, n, beta, c, ldc);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      real sum = 0;
      for (int p = 0; p < k; p++)
        sum += a[(size_t)i * (size_t)lda + (size_t)p] * b[(size_t)j * (size_t)ldb + (size_t)p];
      c[(size_t)i * (size_t)ldc + (size_t)j] += sum;
    }
}

void blas_ref_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c,
                      int ldc) {
  scale(m, n, beta, c, ldc);
  for (int i = 0; i < m; i++)
    for (int p = 0; p < k; p++) {
      real x = a[(size_t)i * (size_t)lda + (size_t)p];
      for (int j = 0; j < n; j++) c[(size_t)i * (size_t)ldc + (size_t)j] += x * b[(size_t)p * (size_t)ldb + (size_t)j];
    }
}

void blas_ref_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c,
                      int ldc) {
  scale(m, n, beta, c, ldc);
  for (int p = 0; p < k; p++)
    for (int i = 0; i < m; i++) {
      real x = a[(size_t)p * (size_t)lda + (size_t)i];
      for (int j = 0; j < n; j++) c[(size_t)i * (size_t)ldc + (size_t)j] += x * b[(size_t)p * (size_t)ldb + (size_t)j];
    }
}
