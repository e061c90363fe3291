/* int8_vectors.h - the products of int8.c with vectors: a block of rows and a panel, whose sums stay in registers. To
 * be included by it alone. */
#if defined(__AVX512BW__)
typedef __m512i Sums, Codes;
static inline Codes load(const int8_t *w) { return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)w)); }
static inline Sums add(Sums sum, Codes w, int32_t x) {
#if defined(__AVX512VNNI__)
  /* With the intrinsic, GCC 12 moves each sum twice a step, and some to memory. */
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(_mm512_set1_epi32(x)));
  return sum;
#else
  return _mm512_add_epi32(sum, _mm512_madd_epi16(w, _mm512_set1_epi32(x)));
#endif
}
#elif defined(__AVX2__)
typedef __m256i Sums, Codes;
static inline Codes load(const int8_t *w) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w)); }
static inline Sums add(Sums sum, Codes w, int32_t x) {
#if defined(__AVXVNNI__)
  __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(sum) : "x"(w), "x"(_mm256_set1_epi32(x)));
  return sum;
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(w, _mm256_set1_epi32(x)));
#endif
}
#elif defined(__SSE2__)
typedef __m128i Sums, Codes;
static inline Codes load(const int8_t *w) {
  __m128i bytes = _mm_loadl_epi64((const __m128i *)w);
  return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
}
static inline Sums add(Sums sum, Codes w, int32_t x) {
  return _mm_add_epi32(sum, _mm_madd_epi16(w, _mm_set1_epi32(x)));
}
#else
typedef int32_t Sums __attribute__((vector_size(16)));
typedef Sums Codes;
static inline Codes load(const int8_t *w) { return (Codes){w[0], w[1], w[2], w[3]}; }
static inline Sums add(Sums sum, Codes w, int32_t x) { return sum + w * x; }
#endif

/* A block of rows and a panel. */
typedef struct Tile {
  int n_steps;
  const int16_t *x; /* codes, rows ldx apart */
  size_t ldx;
  const Row *row;
  const int8_t *panel;
  const real *scale;
  const int8_t *ahead; /* what is multiplied next: asked for meanwhile, in so many steps */
  int n_ahead;
} Tile;

static inline int32_t group_at(const int16_t *x) {
  int32_t group = 0;
  if (GROUP == 1) return *x;
  memcpy(&group, x, GROUP * sizeof *x);
  return group;
}

static inline __attribute__((always_inline)) void add_step(const int rows, const Tile *t, int step, Sums sum[][2]) {
  const int8_t *w = t->panel + (size_t)step * STEP;
  Codes w0 = load(w), w1 = load(w + STEP / 2);
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
    int32_t x = group_at(t->x + (size_t)i * t->ldx + (size_t)step * GROUP);
    sum[i][0] = add(sum[i][0], w0, x);
    sum[i][1] = add(sum[i][1], w1, x);
  }
}

/* y [rows,NR] = start + its sums, scaled. rows is a constant wherever this is expanded. */
static inline __attribute__((always_inline)) void tile(const int rows, const Tile *t, PackStart start, real *y,
                                                       size_t ldy) {
  const Lane none = {0};
  Sums sum[ROWS][2];
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
    const IntLane zeros = {0};
    sum[i][0] = sum[i][1] = (Sums)zeros;
  }
  int step = 0;
  for (; step < t->n_ahead; step++) {
    for (int line = 0; line < STEP; line += LINE) __builtin_prefetch(t->ahead + (size_t)step * STEP + line, 0, 2);
    add_step(rows, t, step, sum);
  }
  for (; step < t->n_steps; step++) add_step(rows, t, step, sum);
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++)
    for (int half = 0; half < 2; half++) {
      const real *from = start.at == NULL ? NULL : start.at + (size_t)i * start.ld + half * LANES;
      Lane product = scaled((IntLane)sum[i][half], t->scale + half * LANES, t->row + i);
      *(Lane *)(y + (size_t)i * ldy + half * LANES) = (from == NULL ? none : *(const Lane *)from) + product;
    }
}

static void run_tile(int rows, const Tile *t, PackStart start, real *y, size_t ldy) {
  switch (rows) {
#define TILE(n)                \
  case n:                      \
    tile(n, t, start, y, ldy); \
    break;
    TILE(1)
    TILE(2)
    TILE(3)
    TILE(4)
    TILE(5)
    TILE(6)
#if defined(__AVX512BW__)
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

/* The last panel when its columns are not all wanted: n < NR, by way of a whole tile. */
static void run_edge(int rows, const Tile *t, PackStart start, real *y, size_t ldy, int n) {
  real whole[ROWS * NR] = {0};
  for (int i = 0; i < rows && start.at != NULL; i++)
    memcpy(whole + (size_t)i * NR, start.at + (size_t)i * start.ld, (size_t)n * sizeof(real));
  run_tile(rows, t, (PackStart){whole, NR}, whole, NR);
  for (int i = 0; i < rows; i++) memcpy(y + (size_t)i * ldy, whole + (size_t)i * NR, (size_t)n * sizeof(real));
}

/* Rows are shared out evenly among tiles. */
static void multiply(const Pack *pack, int m, int n, const int16_t *x, const Row *row, PackStart start, real *y,
                     size_t ldy) {
  int tiles = (m + ROWS - 1) / ROWS, n_steps = steps(pack->cols);
  size_t ldx = (size_t)n_steps * GROUP, bytes = panel_bytes(pack->cols);
  for (int j = 0; j < n; j += NR) {
    const int8_t *panel = pack->codes + (size_t)(j / NR) * bytes;
    for (int t = 0, r = 0; t < tiles; t++) {
      int rows = (m - r) / (tiles - t), first = t * n_steps / tiles, last = (t + 1) * n_steps / tiles;
      Tile tile = {n_steps, x + (size_t)r * ldx, ldx, row + r, panel, pack->scale + j, panel + bytes, last - first};
      tile.ahead += (size_t)first * STEP;
      PackStart begin = pack_start_at(start, r, j);
      real *to = y + (size_t)r * ldy + j;
      if (n - j >= NR) run_tile(rows, &tile, begin, to, ldy);
      else run_edge(rows, &tile, begin, to, ldy, n - j);
      r += rows;
    }
  }
}
