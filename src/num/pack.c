#include "num/pack.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/profile.h"
#include "num/int8.h"

/* LANES numbers make a vector; a tile of at most ROWS rows and NR columns stays in registers. */
#if defined(__AVX512F__)
enum { LANES = 16, ROWS = 14 };
#elif defined(__AVX__)
enum { LANES = 8, ROWS = 6 };
#elif defined(__aarch64__)
enum { LANES = 4, ROWS = 14 };
#else
enum { LANES = 4, ROWS = 6 };
#endif
enum {
  NR = 2 * LANES,
  BLOCK_K = 256,      /* a panel's block of so many rows stays in the first-level cache */
  BLOCK_M = 16 * ROWS /* rows of the other matrix, which stay in the second-level cache */
};

typedef real Lane __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));

static int panels(int n) { return (n + NR - 1) / NR; }

PackKind pack_kind(PackKind kind, int cols) { return kind == PACK_INT8 && cols > PACK_DEEPEST ? PACK_FORWARD : kind; }

size_t pack_size(PackKind kind, int rows, int cols) {
  return kind == PACK_INT8 ? int8_size(rows, cols) : (size_t)panels(rows) * NR * (size_t)cols * sizeof(real);
}

void pack_init(Pack *pack, PackKind kind, int rows, int cols) {
  void *at = mem_aligned(pack_size(kind, rows, cols), 1, "packed weights");
  if (kind == PACK_INT8) *pack = int8_pack(at, rows, cols);
  else *pack = (Pack){.kind = kind, .rows = rows, .cols = cols, .forward = at};
  if (kind == PACK_BOTH)
    pack->backward = mem_aligned((size_t)panels(cols) * NR * (size_t)rows, sizeof(real), "packed weights");
}

void pack_free(Pack *pack) {
  mem_free(pack->forward);
  mem_free(pack->backward);
  mem_free(pack->codes);
  *pack = (Pack){0};
}

int pack_panels(const Pack *pack) {
  if (pack->kind == PACK_INT8) return int8_panels(pack->rows);
  return panels(pack->rows) + (pack->backward != NULL ? panels(pack->cols) : 0);
}

/* Columns of a panel of W^T are rows of W. A few columns at a time, so that what is written stays in the cache. */
static void fill_forward(Pack *pack, const real *w, int ldw, int panel) {
  enum { STRIP = 16 };
  real *to = pack->forward + (size_t)panel * NR * (size_t)pack->cols;
  int first = panel * NR, n = pack->rows - first < NR ? pack->rows - first : NR;
  if (n < NR) memset(to, 0, NR * (size_t)pack->cols * sizeof *to);
  for (int from = 0; from < pack->cols; from += STRIP) {
    int end = pack->cols - from < STRIP ? pack->cols : from + STRIP;
    for (int j = 0; j < n; j++)
      for (int k = from; k < end; k++)
        to[(size_t)k * NR + (size_t)j] = w[(size_t)(first + j) * (size_t)ldw + (size_t)k];
  }
}

static void fill_backward(Pack *pack, const real *w, int ldw, int panel) {
  real *to = pack->backward + (size_t)panel * NR * (size_t)pack->rows;
  int first = panel * NR, n = pack->cols - first < NR ? pack->cols - first : NR;
  if (n < NR) memset(to, 0, NR * (size_t)pack->rows * sizeof *to);
  for (int k = 0; k < pack->rows; k++)
    memcpy(to + (size_t)k * NR, w + (size_t)k * (size_t)ldw + first, (size_t)n * sizeof(real));
}

void pack_fill(Pack *pack, const PackRows *w, int panel) {
  int n = panels(pack->rows);
  if (pack->kind == PACK_INT8) int8_fill(pack, w, NULL, panel);
  else if (panel < n) fill_forward(pack, w->x, w->ld, panel);
  else fill_backward(pack, w->x, w->ld, panel - n);
}

/* Rows ids[0..n), n <= NR, as a panel; LANES numbers of each at a time, so that whole cache lines are read and written.
 */
static void gather_panel(real *to, const real *w, size_t ldw, int cols, const int32_t *ids, int n) {
  for (int from = 0; from < cols; from += LANES) {
    int end = from + LANES < cols ? from + LANES : cols;
    for (int j = 0; j < NR; j++) {
      const real *row = j < n ? w + (size_t)ids[j] * ldw : NULL;
      for (int k = from; k < end; k++) to[(size_t)k * NR + (size_t)j] = row == NULL ? 0 : row[k];
    }
  }
}

Pack pack_gather(PackKind kind, void *at, const PackRows *w, int cols, const int32_t *ids, int n) {
  if (kind == PACK_INT8) {
    Pack pack = int8_pack(at, n, cols);
    for (int panel = 0; panel < int8_panels(n); panel++) int8_fill(&pack, w, ids, panel);
    return pack;
  }
  Pack pack = {.kind = PACK_FORWARD, .rows = n, .cols = cols, .forward = at};
  for (int j = 0; j < n; j += NR)
    gather_panel(pack.forward + (size_t)j * (size_t)cols, w->x, (size_t)w->ld, cols, ids + j, n - j < NR ? n - j : NR);
  return pack;
}

/* What is multiplied next: asked for while the tiles before it run, for weights seldom are in a cache yet. */
typedef struct Ahead {
  const real *at; /* [rows, NR] */
  int rows;
} Ahead;

/* sum [rows,NR] += a [rows,1] b [1,NR] */
static inline __attribute__((always_inline)) void add_row(const int rows, const real *a, size_t lda, const real *b,
                                                          Lane sum[][2]) {
  Lane b0 = *(const Lane *)b, b1 = *(const Lane *)(b + LANES);
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
    real x = a[(size_t)i * lda];
    sum[i][0] += x * b0;
    sum[i][1] += x * b1;
  }
}

/* c [rows,NR] = start + a [rows,k] b [k,NR]. rows is a constant wherever this is expanded. */
static inline __attribute__((always_inline)) void tile(const int rows, int k, const real *a, size_t lda, const real *b,
                                                       PackStart start, real *c, size_t ldc, Ahead ahead) {
  const Lane none = {0};
  Lane sum[ROWS][2];
  for (int i = 0; i < rows; i++) {
    const real *from = start.at == NULL ? NULL : start.at + (size_t)i * start.ld;
    sum[i][0] = from == NULL ? none : *(const Lane *)from;
    sum[i][1] = from == NULL ? none : *(const Lane *)(from + LANES);
  }
  int p = 0;
  for (; p < ahead.rows; p++) {
    __builtin_prefetch(ahead.at + (size_t)p * NR, 0, 2);
    __builtin_prefetch(ahead.at + (size_t)p * NR + LANES, 0, 2);
    add_row(rows, a + p, lda, b + (size_t)p * NR, sum);
  }
  for (; p < k; p++) add_row(rows, a + p, lda, b + (size_t)p * NR, sum);
  for (int i = 0; i < rows; i++) {
    *(Lane *)(c + (size_t)i * ldc) = sum[i][0];
    *(Lane *)(c + (size_t)i * ldc + LANES) = sum[i][1];
  }
}

static void run_tile(int rows, int k, const real *a, size_t lda, const real *b, PackStart start, real *c, size_t ldc,
                     Ahead ahead) {
  switch (rows) {
#define TILE(n)                                  \
  case n:                                        \
    tile(n, k, a, lda, b, start, c, ldc, ahead); \
    break;
    TILE(1)
    TILE(2)
    TILE(3)
    TILE(4)
    TILE(5)
    TILE(6)
#if defined(__AVX512F__) || defined(__aarch64__)
    TILE(7)
    TILE(8)
    TILE(9)
    TILE(10)
    TILE(11)
    TILE(12)
    TILE(13)
    TILE(14)
#endif
#undef TILE
    default:
      break;
  }
}

/* The last panel of a matrix whose columns do not fill it: n < NR columns, by way of a whole tile. */
static void run_edge(int rows, int k, const real *a, size_t lda, const real *b, PackStart start, real *c, size_t ldc,
                     int n) {
  real whole[ROWS * NR] = {0};
  for (int i = 0; i < rows && start.at != NULL; i++)
    memcpy(whole + (size_t)i * NR, start.at + (size_t)i * start.ld, (size_t)n * sizeof(real));
  run_tile(rows, k, a, lda, b, (PackStart){whole, NR}, whole, NR, (Ahead){NULL, 0});
  for (int i = 0; i < rows; i++) memcpy(c + (size_t)i * ldc, whole + (size_t)i * NR, (size_t)n * sizeof(real));
}

/* c [m,n] = start + a [m,k] B, B's panels [stride,NR] each, of which the first k rows count. Rows are shared out evenly
 * among tiles; a number's sum does not depend on how. */
static void multiply_some(int m, int n, int k, int stride, const real *a, size_t lda, const real *b, PackStart start,
                          real *c, size_t ldc) {
  int tiles = (m + ROWS - 1) / ROWS;
  for (int j = 0; j < n; j += NR)
    for (int from = 0; from < k; from += BLOCK_K) {
      int depth = k - from < BLOCK_K ? k - from : BLOCK_K;
      const real *panel = b + (size_t)j * (size_t)stride + (size_t)from * NR;
      for (int t = 0, row = 0; t < tiles; t++) {
        int rows = (m - row) / (tiles - t), first = t * depth / tiles, last = (t + 1) * depth / tiles;
        const real *x = a + (size_t)row * lda + from;
        real *y = c + (size_t)row * ldc + j;
        PackStart begin = from > 0 ? (PackStart){y, ldc} : pack_start_at(start, row, j);
        Ahead ahead = {panel + (size_t)(depth + first) * NR, last - first}; /* its share of the next block */
        if (n - j >= NR) run_tile(rows, depth, x, lda, panel, begin, y, ldc, ahead);
        else run_edge(rows, depth, x, lda, panel, begin, y, ldc, n - j);
        row += rows;
      }
    }
}

/* A few rows of a at a time, so that they stay in the second-level cache while all of B passes. */
static void multiply(int m, int n, int k, int stride, const real *a, size_t lda, const real *b, PackStart start,
                     real *c, size_t ldc) {
  for (int row = 0; row < m; row += BLOCK_M)
    multiply_some(m - row < BLOCK_M ? m - row : BLOCK_M, n, k, stride, a + (size_t)row * lda, lda, b,
                  pack_start_at(start, row, 0), c + (size_t)row * ldc, ldc);
}

/* Of m rows of `in` numbers with n weights for each, `size` bytes a weight. */
static void count(double m, double n, double in, double size) {
  profile_work.flops += 2 * m * n * in;
  profile_work.bytes += (m * in + m * n) * sizeof(real) + n * in * size;
}

void pack_forward(const Pack *pack, int m, int n, const real *x, int ldx, PackStart start, real *y, int ldy) {
  count(m, n, pack->cols, pack->kind == PACK_INT8 ? 1 : sizeof(real));
  if (pack->kind == PACK_INT8) int8_forward(pack, m, n, x, ldx, start, y, ldy);
  else multiply(m, n, pack->cols, pack->cols, x, (size_t)ldx, pack->forward, start, y, (size_t)ldy);
}

void pack_backward(const Pack *pack, int m, int n, const real *dy, int lddy, PackStart start, real *dx, int lddx) {
  count(m, pack->cols, n, sizeof(real));
  multiply(m, pack->cols, n, pack->rows, dy, (size_t)lddy, pack->backward, start, dx, (size_t)lddx);
}
