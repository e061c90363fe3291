/* blas_ref.h - the products of blas.h in plain C: the oracle of its tests, and what builds with -DBLAS_REF run on
 * (thread sanitizers and valgrind do not know OpenBLAS's assembly). Same contracts. */
#ifndef NUM_BLAS_REF_H
#define NUM_BLAS_REF_H

#include "base/real.h"

void blas_ref_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);
void blas_ref_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);
void blas_ref_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);

#endif
