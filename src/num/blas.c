#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "num/blas.h"

#ifdef BLAS_REF

#include <stddef.h>

#include "num/blas_ref.h"

void blas_init(void) {}
bool blas_reserve(int n_threads, Err *err) {
  (void)n_threads, (void)err;
  return true;
}
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
#include <sys/mman.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <sys/auxv.h>

/* OpenBLAS starts a thread a core when it is loaded, before main, and where address space is short these spin for ever.
 * Only the environment keeps it from that, so before any library is set up the program starts itself again with the
 * variable set. Nothing of the C library may be used here that needs to be set up. Where it cannot (a huge environment,
 * a file that is gone), it goes on with the threads. */
static void alone(int argc, char **argv, char **envp) {
  enum { MOST = 1000 };
  static char one[] = "OPENBLAS_NUM_THREADS=1", *env[MOST + 2];
  const size_t name = sizeof one - 2; /* with = */
  int n = 0;
  (void)argc;
  for (char **at = envp; *at != NULL; at++) {
    if (strcmp(*at, one) == 0 || n == MOST) return;
    if (strncmp(*at, one, name) != 0) env[n++] = *at;
  }
  env[n] = one;
  (void)execve((const char *)getauxval(AT_EXECFN), argv, env);
}
__attribute__((used, section(".preinit_array"))) static void (*const before_libraries)(int, char **, char **) = alone;
#endif

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
  static int reserved;
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
