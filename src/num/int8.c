#include "num/int8.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* A step of a sum takes GROUP neighbouring codes of a row of inputs times those of two times LANES columns; codes are
 * filled up to a multiple of DEPTH. ROWS rows are the most that are multiplied at once, and MOST_INPUTS codes of inputs
 * the most that are made before. */
#if defined(__AMX_INT8__)
enum { LANES = 16, GROUP = 4, DEPTH = 64, ROWS = 16, MOST_INPUTS = 65536 };
#elif defined(__AVX512BW__)
enum { LANES = 16, GROUP = 2, DEPTH = GROUP, ROWS = 14, MOST_INPUTS = 32768 };
#elif defined(__AVX2__)
enum { LANES = 8, GROUP = 2, DEPTH = GROUP, ROWS = 6, MOST_INPUTS = 32768 };
#elif defined(__SSE2__)
enum { LANES = 4, GROUP = 2, DEPTH = GROUP, ROWS = 6, MOST_INPUTS = 32768 };
#else
enum { LANES = 4, GROUP = 1, DEPTH = GROUP, ROWS = 6, MOST_INPUTS = 32768 };
#endif

enum {
  NR = 2 * LANES,
  LINE = 64,         /* bytes of a cache line */
  STEP = NR * GROUP, /* bytes of a panel that a step of a tile takes */
  TOP = 127,         /* the largest code of a weight */
  TOP_INPUT = 2047   /* of an input: a sum of PACK_DEEPEST products is below 2^31 */
};
_Static_assert((long)TOP *TOP_INPUT *PACK_DEEPEST <= INT32_MAX, "sums are exact");

typedef real Lane __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef int32_t IntLane __attribute__((vector_size(LANES * sizeof(int32_t))));

static int steps(int cols) { return (cols + DEPTH - 1) / DEPTH * (DEPTH / GROUP); }

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
  memset(to, 0, n < NR || pack->cols % DEPTH != 0 ? bytes : 0);
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

/* The sums of a row and LANES columns, scaled. */
static inline Lane scaled(IntLane sum, const real *scale, const Row *row) {
  Lane by = *(const Lane *)scale * row->scale;
  return __builtin_convertvector(sum, Lane) * by;
}

/* multiply: m rows, whose codes fit at once. */
#if defined(__AMX_INT8__)
#include "num/int8_amx.h"
#else
#include "num/int8_vectors.h"
#endif

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
