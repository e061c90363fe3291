#include "num/int8.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* A step of a sum takes GROUP neighbouring codes of a row of inputs times those of LANES columns. A tile of at most
 * ROWS rows and NR columns stays in registers. */
#if defined(__AVX512BW__)
enum { LANES = 16, GROUP = 2, ROWS = 14 };
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
enum { LANES = 8, GROUP = 2, ROWS = 6 };
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
enum { LANES = 4, GROUP = 2, ROWS = 6 };
typedef __m128i Sums, Codes;
static inline Codes load(const int8_t *w) {
  __m128i bytes = _mm_loadl_epi64((const __m128i *)w);
  return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
}
static inline Sums add(Sums sum, Codes w, int32_t x) {
  return _mm_add_epi32(sum, _mm_madd_epi16(w, _mm_set1_epi32(x)));
}
#else
enum { LANES = 4, GROUP = 1, ROWS = 6 };
typedef int32_t Sums __attribute__((vector_size(16)));
typedef Sums Codes;
static inline Codes load(const int8_t *w) { return (Codes){w[0], w[1], w[2], w[3]}; }
static inline Sums add(Sums sum, Codes w, int32_t x) { return sum + w * x; }
#endif

enum {
  NR = 2 * LANES,
  LINE = 64,           /* bytes of a cache line */
  STEP = NR * GROUP,   /* bytes of a panel that a step of a tile takes */
  MOST_INPUTS = 32768, /* codes of as many rows of inputs as are multiplied at a time */
  TOP = 127,           /* the largest code of a weight */
  TOP_INPUT = 2047     /* of an input: a sum of PACK_DEEPEST products is below 2^31 */
};
_Static_assert((long)TOP *TOP_INPUT *PACK_DEEPEST <= INT32_MAX, "sums are exact");

typedef real Lane __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef int32_t IntLane __attribute__((vector_size(LANES * sizeof(int32_t))));

static int steps(int cols) { return (cols + GROUP - 1) / GROUP; }

int int8_panels(int rows) { return (rows + NR - 1) / NR; }

static size_t panel_bytes(int cols) { return (size_t)steps(cols) * STEP; }

static size_t code_bytes(int rows, int cols) {
  return ((size_t)int8_panels(rows) * panel_bytes(cols) + LINE - 1) / LINE * LINE;
}

size_t int8_size(int rows, int cols) { return code_bytes(rows, cols) + (size_t)int8_panels(rows) * NR * sizeof(real); }

Pack int8_pack(void *at, int rows, int cols) {
  char *scale = (char *)at + code_bytes(rows, cols);
  return (Pack){.kind = PACK_INT8, .rows = rows, .cols = cols, .codes = at, .scale = (real *)(void *)scale};
}

/* The largest |x|; not a finite number when one of them is not. Bits of numbers without their sign are in their order,
 * and those of what is not finite above them. */
static float largest(const real *x, int n) {
  uint32_t most = 0;
  for (int i = 0; i < n; i++) {
    float number = (float)x[i];
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits &= 0x7FFFFFFF;
    most = bits > most ? bits : most;
  }
  float out;
  memcpy(&out, &most, sizeof out);
  return out;
}

/* x per_scale, rounded to the nearest whole number, of two the even one; of at most 2^22. In the sum, numbers of this
 * size are 1 apart, so that its last bits are the number. */
static inline int32_t code(float x, float per_scale) {
  float sum = x * per_scale + 0x1.8p23F;
  int32_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits - 0x4B400000;
}

void int8_quantise(const real *w, int n, int8_t *codes, real *scale) {
  float most = largest(w, n);
  bool finite = most <= FLT_MAX, some = finite && most > 1e-30F;
  float per_scale = some ? TOP / most : 0;
  *scale = (real)(!finite ? NAN : some ? most / TOP : 0);
  if (!some) memset(codes, 0, (size_t)n);
  for (int i = 0; i < n && some; i++) codes[i] = (int8_t)code((float)w[i], per_scale);
}

/* A row's codes into column j of a panel. */
static void spread(const int8_t *codes, int cols, int j, int8_t *panel) {
  int8_t *to = panel + (size_t)j * GROUP;
  int k = 0;
  for (; k + GROUP <= cols; k += GROUP, to += STEP)
    for (int i = 0; i < GROUP; i++) to[i] = codes[k + i];
  for (int i = 0; k < cols; i++) to[i] = codes[k++];
}

/* Of a row that is in codes already, they and its scale are taken as they are. */
static void fill_column(const PackRows *w, size_t row, int cols, int j, int8_t *panel, real *scale) {
  int8_t codes[PACK_DEEPEST];
  const int8_t *from = codes;
  if (w->codes != NULL) {
    from = w->codes + row * (size_t)w->ld;
    *scale = w->scale[row];
  } else {
    int8_quantise(w->x + row * (size_t)w->ld, cols, codes, scale);
  }
  spread(from, cols, j, panel);
}

void int8_fill(const Pack *pack, const PackRows *w, const int32_t *ids, int panel) {
  size_t bytes = panel_bytes(pack->cols);
  int8_t *to = pack->codes + (size_t)panel * bytes;
  int first = panel * NR, n = pack->rows - first < NR ? pack->rows - first : NR;
  memset(to, 0, n < NR || pack->cols % GROUP != 0 ? bytes : 0);
  memset(pack->scale + first, 0, NR * sizeof(real));
  for (int j = 0; j < n; j++)
    fill_column(w, (size_t)(ids == NULL ? first + j : ids[first + j]), pack->cols, j, to, pack->scale + first + j);
}

/* A row of inputs in codes. */
typedef struct Row {
  float scale;
  bool odd; /* codes, all 0, do not hold it */
} Row;

/* Codes [steps(k) * GROUP] of a row of inputs. */
static Row quantise(const real *x, int k, int16_t *codes) {
  float most = largest(x, k);
  bool held = most >= 1e-20F && most <= 1e20F, odd = !held && !(most <= 0); /* NaN is not */
  float per_scale = held ? TOP_INPUT / most : 0;
  if (!held) memset(codes, 0, (size_t)k * sizeof *codes);
  for (int i = 0; i < k && held; i++) codes[i] = (int16_t)code((float)x[i], per_scale);
  for (int i = k; i < steps(k) * GROUP; i++) codes[i] = 0;
  return (Row){held ? most / TOP_INPUT : 0, odd};
}

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
      Lane scale = *(const Lane *)(t->scale + half * LANES) * t->row[i].scale;
      Lane product = __builtin_convertvector((IntLane)sum[i][half], Lane) * scale;
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

/* y [n] += x [k] times the weights of the codes, number by number. */
static void add_odd(const Pack *pack, int n, const real *x, real *y) {
  size_t bytes = panel_bytes(pack->cols);
  for (int j = 0; j < n; j++) {
    const int8_t *column = pack->codes + (size_t)(j / NR) * bytes + (size_t)(j % NR) * GROUP;
    real sum = 0;
    for (int k = 0; k < pack->cols; k++) {
      int8_t w = column[(size_t)(k / GROUP) * STEP + (size_t)(k % GROUP)];
      sum += x[k] * (w * pack->scale[j]);
    }
    y[j] += sum;
  }
}

/* m rows, whose codes fit at once. Rows are shared out evenly among tiles. */
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

void int8_forward(const Pack *pack, int m, int n, const real *x, int ldx, PackStart start, real *y, int ldy) {
  enum { MOST_ROWS = 16 * ROWS };
  int16_t codes[MOST_INPUTS];
  Row row[MOST_ROWS];
  int length = steps(pack->cols) * GROUP, fit = MOST_INPUTS / length < MOST_ROWS ? MOST_INPUTS / length : MOST_ROWS;
  int parts = (m + fit - 1) / fit;
  for (int part = 0, r = 0; part < parts; part++) {
    int rows = (m - r) / (parts - part);
    for (int i = 0; i < rows; i++)
      row[i] = quantise(x + (size_t)(r + i) * (size_t)ldx, pack->cols, codes + (size_t)i * (size_t)length);
    real *to = y + (size_t)r * (size_t)ldy;
    multiply(pack, rows, n, codes, row, pack_start_at(start, r, 0), to, (size_t)ldy);
    for (int i = 0; i < rows; i++)
      if (row[i].odd) add_odd(pack, n, x + (size_t)(r + i) * (size_t)ldx, to + (size_t)i * (size_t)ldy);
    r += rows;
  }
}
