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
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Kernels older than AVX2, which the library takes for an x86-64 processor newer than itself (Prescott: SSE3, 2004),
 * where the processor has more; and those it should take. */
static const char *better_kernels(void) {
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

#ifdef __GLIBC__
#include <sys/auxv.h>

/* Starts the program again with a variable set, NAME=VALUE, unless it is set. Only the environment tells the library
 * these things, when it is loaded. Nothing of the C library may be used here that needs to be set up. Where it cannot
 * (a huge environment, a file that is gone), the program goes on as it is. */
static void start_again(char **argv, char **envp, const char *variable) {
  enum { MOST = 1000 };
  static char *env[MOST + 2], own[64];
  const size_t name = (size_t)(strchr(variable, '=') - variable) + 1;
  int n = 0;
  for (char **at = envp; *at != NULL; at++) {
    if (strncmp(*at, variable, name) == 0 || n == MOST) return;
    env[n++] = *at;
  }
  env[n] = memcpy(own, variable, strlen(variable) + 1);
  env[n + 1] = NULL;
  (void)execve((const char *)getauxval(AT_EXECFN), argv, env);
}

/* An entry of the environment that says something else while the libraries are set up, and what it says else. */
static char **lent, *entry;

/* OpenBLAS starts a thread a core when it is loaded, before main, and where address space is short these spin for ever.
 * Told by an entry that it does not read, for an environment cannot grow; where there is none, by another start. */
static void alone(int argc, char **argv, char **envp) {
  static char one[] = "OPENBLAS_NUM_THREADS=1";
  (void)argc;
  for (char **at = envp; *at != NULL; at++) {
    bool is_read = strncmp(*at, "OPENBLAS_", 9) == 0, same = strncmp(*at, one, sizeof one - 2) == 0;
    if (same || (!is_read && lent == NULL)) lent = at;
    if (same) break;
  }
  if (lent == NULL) {
    start_again(argv, envp, one);
    return;
  }
  entry = *lent;
  *lent = one;
}
__attribute__((used, section(".preinit_array"))) static void (*const before_libraries)(int, char **, char **) = alone;

/* Once the library is set up and has chosen. Who has set its variable is left alone. */
__attribute__((constructor)) static void with_better_kernels(int argc, char **argv, char **envp) {
  const char *better = better_kernels();
  (void)argc;
  if (lent != NULL) *lent = entry;
  if (better != NULL) start_again(argv, envp, better);
}
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

const char *blas_advice(void) {
  static char text[160];
  const char *better = better_kernels();
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
