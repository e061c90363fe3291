/* Products with weights of 8 bits against whole numbers summed here, one by one: equal to the bit in every set of
 * kernels. */
#include "num/int8.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "each_kernels.h"
#include "num/pack.h"

#if !REAL_IS_DOUBLE

enum { N_SIZES = 10, MOST = 300, WIDE = 310, MOST_ROWS = 120 };

/* Around a group of codes, a vector and a panel. */
static const int sizes[N_SIZES] = {1, 2, 3, 7, 16, 31, 33, 70, 257, MOST};

static float weights[MOST * WIDE], x[MOST_ROWS * WIDE], y[MOST_ROWS * WIDE], before[MOST_ROWS * WIDE], bias[WIDE];

static void fill(float *at, int n, int seed) {
  for (uint32_t i = 0; i < (uint32_t)n; i++)
    at[i] = (float)(int)(((i + (uint32_t)seed) * 2654435761u >> 16) % 2001) / 1000 - 1;
}

static Pack packed(const float *w, int out, int in, int ld) {
  Pack pack;
  pack_init(&pack, PACK_INT8, out, in);
  for (int panel = 0; panel < pack_panels(&pack); panel++) pack_fill(&pack, &(PackRows){.x = w, .ld = ld}, panel);
  return pack;
}

static float largest(const float *row, int n) {
  float most = 0;
  for (int i = 0; i < n; i++) most = fmaxf(most, fabsf(row[i]));
  return most;
}

/* What the product of two rows is by the formula: codes of 127 and 2047 steps, a whole sum, the scales. */
static float product(const float *row, const float *w, int k) {
  float most_x = largest(row, k), most_w = largest(w, k);
  int64_t sum = 0;
  for (int i = 0; i < k && most_x > 0 && most_w > 0; i++)
    sum += (int64_t)nearbyintf(row[i] * (2047 / most_x)) * (int64_t)nearbyintf(w[i] * (127 / most_w));
  float scale = (most_w / 127) * (most_x / 2047);
  return (float)sum * scale;
}

static void check_near(float got, float expected, float tolerance) {
  ck_assert_double_le(fabs((double)got - (double)expected), (double)tolerance);
}

/* What products begin with. */
typedef enum Begin { ZEROS, ITSELF, ONE_ROW } Begin;

static PackStart prepare(Begin begin, int seed) {
  fill(x, MOST_ROWS * WIDE, seed);
  fill(y, MOST_ROWS * WIDE, seed + 1);
  fill(bias, WIDE, seed + 2);
  if (begin != ITSELF) y[0] = NAN; /* what was there must not matter */
  memcpy(before, y, sizeof y);
  const PackStart starts[] = {[ZEROS] = {NULL, 0}, [ITSELF] = {y, WIDE}, [ONE_ROW] = {bias, 0}};
  return starts[begin];
}

static void check_product(const Pack *pack, int m, int n, Begin begin) {
  PackStart start = prepare(begin, m);
  int k = pack->cols;
  pack_forward(pack, m, n, x, WIDE, start, y, WIDE);
  for (int r = 0; r < m; r++)
    for (int c = 0; c < n; c++) {
      float from = begin == ZEROS ? 0 : begin == ITSELF ? before[r * WIDE + c] : bias[c];
      float expected = from + product(x + r * WIDE, weights + c * WIDE, k);
      ck_assert_msg(y[r * WIDE + c] == expected, "%d x %d x %d: [%d,%d] is %.9g, expected %.9g", m, n, k, r, c,
                    (double)y[r * WIDE + c], (double)expected);
    }
  for (int r = 0; r < MOST_ROWS; r++) {
    int from = r < m ? n : 0;
    ck_assert_msg(memcmp(y + r * WIDE + from, before + r * WIDE + from, (size_t)(WIDE - from) * sizeof *y) == 0,
                  "%d x %d x %d writes beside row %d", m, n, k, r);
  }
}

START_TEST(products) {
  for (int s = 0; s < N_SIZES; s++) {
    int out = sizes[_i], in = sizes[s];
    fill(weights, MOST * WIDE, 1);
    Pack pack = packed(weights, out, in, WIDE);
    int m = sizes[(_i + s) % 8];
    check_product(&pack, m, out, ZEROS);
    check_product(&pack, m, out, ITSELF);
    check_product(&pack, m, (out + 1) / 2, ONE_ROW);
    pack_free(&pack);
  }
}
END_TEST

/* Around every tile, and around what is multiplied at a time: 109 rows of 300 codes. */
START_TEST(any_number_of_rows) {
  fill(weights, MOST * WIDE, 1);
  Pack pack = packed(weights, 40, MOST, WIDE);
  for (int m = 1; m <= 30; m++) check_product(&pack, m, 40, m % 2 == 0 ? ITSELF : ONE_ROW);
  for (int m = 107; m <= 112; m++) check_product(&pack, m, 40, ZEROS);
  pack_free(&pack);
}
END_TEST

START_TEST(rows_do_not_depend_on_each_other) {
  fill(weights, MOST * WIDE, 1);
  Pack pack = packed(weights, 70, 90, WIDE);
  (void)prepare(ZEROS, 3);
  x[5 * WIDE + 7] = NAN;
  pack_forward(&pack, MOST_ROWS, 70, x, WIDE, (PackStart){0}, y, WIDE);
  for (int r = 0; r < MOST_ROWS; r++) {
    float alone[70];
    pack_forward(&pack, 1, 70, x + r * WIDE, WIDE, (PackStart){0}, alone, 70);
    if (r != 5) ck_assert_mem_eq(alone, y + r * WIDE, sizeof alone);
  }
  pack_free(&pack);
}
END_TEST

/* Every code the largest: 8192 x 127 x 2047 is hardly below 2^31, and every pair beyond 16 bits. */
START_TEST(sums_do_not_overflow) {
  enum { OUT = 33 };
  float *w = mem_alloc((size_t)OUT * PACK_DEEPEST, sizeof *w, "test"),
        *row = mem_alloc(PACK_DEEPEST, sizeof *w, "test");
  for (int i = 0; i < OUT * PACK_DEEPEST; i++) w[i] = i / PACK_DEEPEST % 2 == 0 ? 127 : -127;
  for (int i = 0; i < PACK_DEEPEST; i++) row[i] = 2047;
  Pack pack = packed(w, OUT, PACK_DEEPEST, PACK_DEEPEST);
  float got[OUT];
  pack_forward(&pack, 1, OUT, row, PACK_DEEPEST, (PackStart){0}, got, OUT);
  for (int j = 0; j < OUT; j++) check_near(got[j], (j % 2 == 0 ? 1.0F : -1.0F) * 127 * 2047 * PACK_DEEPEST, 0);
  pack_free(&pack);
  mem_free(w);
  mem_free(row);
  ck_assert_int_eq(pack_kind(PACK_INT8, PACK_DEEPEST), PACK_INT8);
  ck_assert_int_eq(pack_kind(PACK_INT8, PACK_DEEPEST + 1), PACK_FORWARD);
}
END_TEST

/* Rows 1 and 2 of three: what codes cannot hold comes out as it does of numbers. */
static void multiply_odd(float a, float b, float got[3]) {
  static const float w[3][3] = {{1, 0.5F, 0}, {-1, 1, 1}, {0, 0, 2}};
  Pack pack = packed(w[0], 3, 3, 3);
  const float rows[3][3] = {{1, 1, 1}, {a, b, 1}, {0, 0, 0}};
  float out[3][3], start[3] = {1, 2, 3};
  pack_forward(&pack, 3, 3, rows[0], 3, (PackStart){start, 0}, out[0], 3);
  memcpy(got, out[1], sizeof out[1]);
  check_near(out[0][0], 2.5F, 1e-2F);
  ck_assert_mem_eq(out[2], start, sizeof start); /* a row of zeros adds nothing */
  pack_free(&pack);
}

START_TEST(odd_inputs) {
  float got[3];
  multiply_odd(INFINITY, 0, got);
  ck_assert(isinf(got[0]) && got[0] > 0 && isinf(got[1]) && got[1] < 0 && isnan(got[2])); /* 0 x infinity */
  multiply_odd(0, NAN, got);
  ck_assert(isnan(got[0]) && isnan(got[1]) && isnan(got[2]));
  multiply_odd(-INFINITY, INFINITY, got);
  ck_assert(isnan(got[0]) && isinf(got[1]) && got[1] > 0);
  multiply_odd(3e38F, 0, got);
  check_near(got[0], 3e38F, 3e36F);
  check_near(got[1], -3e38F, 3e36F);
  check_near(got[2], 5, 1e-5F);
  multiply_odd(1e30F, 0, got); /* beside which 1 has no code */
  check_near(got[2], 5, 1e-5F);
}
END_TEST

START_TEST(small_inputs) {
  const float w[2] = {1e20F, -1e20F}, row[2] = {1e-30F, 0};
  Pack pack = packed(w, 2, 1, 1);
  float got[2];
  pack_forward(&pack, 1, 2, row, 1, (PackStart){0}, got, 2);
  check_near(got[0], 1e-10F, 1e-15F);
  check_near(got[1], -1e-10F, 1e-15F);
  pack_free(&pack);
}
END_TEST

START_TEST(odd_weights) {
  const float w[4][2] = {{1, NAN}, {-INFINITY, 1}, {1e-38F, 1e-40F}, {2, 1}}, row[2] = {0, 1};
  Pack pack = packed(w[0], 4, 2, 2);
  float got[4];
  pack_forward(&pack, 1, 4, row, 2, (PackStart){0}, got, 4);
  ck_assert(isnan(got[0]) && isnan(got[1]));
  check_near(got[2], 0, 0);
  check_near(got[3], 1, 1e-2F);
  pack_free(&pack);
  const float tiny[2] = {9e-31F, -9e-31F};
  int8_t codes[2] = {1, 1};
  float scale = 1;
  int8_quantise(tiny, 2, codes, &scale);
  ck_assert(codes[0] == 0 && codes[1] == 0 && scale == 0);
}
END_TEST

/* Rows gathered give what they give in the whole, and codes that are there already what they were made of gives. */
START_TEST(gathered_and_stored) {
  static const int32_t ids[] = {3, 4, 17, 32, 33, 68};
  enum { N = sizeof ids / sizeof *ids, OUT = 70, IN = 45 };
  static int8_t codes[OUT * IN];
  static float scale[OUT], whole[OUT], some[N], stored[OUT];
  fill(weights, MOST * WIDE, 1);
  (void)prepare(ZEROS, 3);
  for (int j = 0; j < OUT; j++) int8_quantise(weights + j * WIDE, IN, codes + j * IN, &scale[j]);
  const PackRows from = {.codes = codes, .scale = scale, .ld = IN}, numbers = {.x = weights, .ld = WIDE};
  Pack pack = packed(weights, OUT, IN, WIDE);
  void *at = mem_aligned(pack_size(PACK_INT8, N, IN), 1, "test");
  Pack gathered = pack_gather(PACK_INT8, at, &numbers, IN, ids, N);
  pack_forward(&pack, 1, OUT, x, IN, (PackStart){0}, whole, OUT);
  pack_forward(&gathered, 1, N, x, IN, (PackStart){0}, some, N);
  for (int i = 0; i < N; i++) check_near(some[i], whole[ids[i]], 0);
  for (int panel = 0; panel < pack_panels(&pack); panel++) pack_fill(&pack, &from, panel);
  pack_forward(&pack, 1, OUT, x, IN, (PackStart){0}, stored, OUT);
  ck_assert_mem_eq(stored, whole, sizeof whole);
  pack_free(&pack);
  mem_free(at);
}
END_TEST

#endif

static void add_tests(TCase *t) {
#if !REAL_IS_DOUBLE
  tcase_add_loop_test(t, products, 0, N_SIZES);
  tcase_add_test(t, any_number_of_rows);
  tcase_add_test(t, rows_do_not_depend_on_each_other);
  tcase_add_test(t, sums_do_not_overflow);
  tcase_add_test(t, odd_inputs);
  tcase_add_test(t, small_inputs);
  tcase_add_test(t, odd_weights);
  tcase_add_test(t, gathered_and_stored);
#else
  (void)t;
#endif
}

Suite *test_int8(void);
Suite *test_int8(void) {
  Suite *s = suite_create("int8");
  each_kernels(s, add_tests);
  return s;
}
