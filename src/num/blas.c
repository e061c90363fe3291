#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "num/blas.h"

#include "base/profile.h"

static void count(double m, double n, double k) {
  profile_work.flops += 2 * m * n * k;
  profile_work.bytes += (m * k + k * n + m * n) * sizeof(real);
}

#ifdef BLAS_REF

#include <stddef.h>

#include "num/blas_ref.h"

void blas_init(void) {}
bool blas_reserve(int n_threads, Err *err) {
  (void)n_threads, (void)err;
  return true;
}
const char *blas_describe(void) { return "plain C"; }
const char *blas_better_kernels(void) { return NULL; }
const char *blas_advice(void) { return NULL; }

void blas_gemm_nt(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  count(m, n, k);
  blas_ref_gemm_nt(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_nn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  count(m, n, k);
  blas_ref_gemm_nn(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

void blas_gemm_tn(int m, int n, int k, const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc) {
  count(m, n, k);
  blas_ref_gemm_tn(m, n, k, a, lda, b, ldb, beta, c, ldc);
}

#else

#include <cblas.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Prescott: SSE3, 2004. */
const char *blas_better_kernels(void) {
#if defined(__x86_64__)
  static const char *const old[] = {"Prescott", "Core2", "Nehalem", "Sandybridge"};
  for (size_t i = 0; i < sizeof old / sizeof *old; i++)
    if (strcmp(openblas_get_corename(), old[i]) == 0)
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? "OPENBLAS_CORETYPE=SkylakeX"
             : __builtin_cpu_supports("avx2")                                        ? "OPENBLAS_CORETYPE=Haswell"
                                                                                     : NULL;
#endif
  return NULL;
}

void blas_init(void) { openblas_set_num_threads(1); }

#ifdef __linux__
/* Exported by most builds of the library, in no header. */
extern void *blas_memory_alloc(int purpose) __attribute__((weak));
extern void blas_memory_free(void *at) __attribute__((weak));

static bool have_room(size_t n) {
  void *room = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return room != MAP_FAILED && munmap(room, n) == 0;
}

bool blas_reserve(int n_threads, Err *err) {
  enum { MOST = 64, MEGABYTES = 128 }; /* the largest that a kernel of the library takes */
  static atomic_int reserved;
  int n = n_threads < MOST ? n_threads : MOST;
  if (n <= reserved || blas_memory_alloc == NULL || blas_memory_free == NULL) return true;
  if (!have_room((size_t)(n - reserved) * MEGABYTES << 20))
    return err_set(err, ERR_FILE,
                   "out of memory: matrix products take %d MB of address space for each of %d threads; raise the limit "
                   "(ulimit -v) or work with fewer (--threads)",
                   MEGABYTES, n);
  void *taken[MOST];
  for (int i = 0; i < n; i++) taken[i] = blas_memory_alloc(0);
  for (int i = 0; i < n; i++) blas_memory_free(taken[i]);
  reserved = n;
  return true;
}
#else
bool blas_reserve(int n_threads, Err *err) {
  (void)n_threads, (void)err;
  return true;
}
#endif

const char *blas_describe(void) { return openblas_get_corename(); }

const char *blas_advice(void) {
  static char text[160];
  const char *better = blas_better_kernels();
  if (better == NULL) return NULL;
  (void)snprintf(text, sizeof text,
                 "OpenBLAS works with its %s kernels: with %s in the environment training is about twice as fast",
                 blas_describe(), better);
  return text;
}

static void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const real *a, int lda, const real *b,
                 int ldb, real beta, real *c, int ldc) {
  if (m == 0 || n == 0) return;
  count(m, n, k);
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
