/* blas.h - matrix products, the one door to OpenBLAS. Row-major; ld is the distance between rows in numbers.
 *
 * Each call runs on the calling thread alone; different threads may call at once. C must not overlap A or B. */
#ifndef NUM_BLAS_H
#define NUM_BLAS_H

#include "base/err.h"
#include "base/real.h"

/* Pins OpenBLAS to one thread a call. Once, before other threads exist. */
void blas_init(void);
/* Takes the memory in which n_threads at once make products, from the main thread: later, OpenBLAS would wait for ever
 * for what it cannot get. False when there is not enough. */
bool blas_reserve(int n_threads, Err *err);
/* Name of the library and its kernels, for logs. */
const char *blas_describe(void);
/* Where OpenBLAS works with kernels older than AVX2, which it does on an x86-64 processor newer than itself, though
 * this one has more: the variable, NAME=VALUE, that makes it take better ones when it is loaded. Else NULL. */
const char *blas_better_kernels(void);
/* What the user can do about kernels far slower than this processor's; NULL: nothing. */
const char *blas_advice(void);

/* C [m,n] = A [m,k] B [n,k]^T + beta C */
void blas_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);
/* C [m,n] = A [m,k] B [k,n] + beta C */
void blas_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);
/* C [m,n] = A [k,m]^T B [k,n] + beta C */
void blas_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);

#endif
