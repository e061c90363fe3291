#include "bench/bench_peak.h"

#include "base/clock.h"
#include "base/mem.h"
#include "num/blas.h"

typedef struct Product {
  real *a, *b, *c;
  int size;
} Product;

/* Fills the matrices, so that their memory is there. */
static void prepare(void *ctx, int task, int worker) {
  const Product *p = (Product *)ctx + task;
  (void)worker;
  for (size_t i = 0; i < (size_t)p->size * (size_t)p->size; i++) {
    p->a[i] = (real)(i % 7) - 3;
    p->b[i] = (real)(i % 5) - 2;
    p->c[i] = 0;
  }
}

static void multiply(void *ctx, int task, int worker) {
  const Product *p = (Product *)ctx + task;
  (void)worker;
  blas_gemm_nt(p->size, p->size, p->size, p->a, p->size, p->b, p->size, 0, p->c, p->size);
}

double bench_peak_gflops(Pool *pool, int size, int n) {
  int workers = pool_size(pool);
  size_t cells = (size_t)size * (size_t)size;
  Product *products = mem_alloc((size_t)workers, sizeof *products, "peak");
  for (int w = 0; w < workers; w++) {
    products[w].size = size;
    products[w].a = mem_aligned(3 * cells, sizeof(real), "peak");
    products[w].b = products[w].a + cells;
    products[w].c = products[w].b + cells;
  }
  double best = 0, flops = 2.0 * size * size * size * workers;
  pool_run(pool, workers, prepare, products);
  for (int k = 0; k < n; k++) {
    double start = clock_now();
    pool_run(pool, workers, multiply, products);
    double rate = flops / (clock_now() - start);
    if (rate > best) best = rate;
  }
  for (int w = 0; w < workers; w++) mem_free(products[w].a);
  mem_free(products);
  return 1e-9 * best;
}
