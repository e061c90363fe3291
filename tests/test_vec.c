/* The vector kernels against the C library in double precision. */
#include "num/vec.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "each_kernels.h"

enum { BLOCK = 997 }; /* odd: vector code has a rest to do */

static const double TINY = REAL_IS_DOUBLE ? 1e-15 : 1.5e-7;

/* Calls visit with blocks of numbers from -limit to limit: floats at even distances of their bit patterns, so that
 * small ones come as often as large ones. */
static void each_block(float limit, void (*visit)(const real *x)) {
  uint32_t last = 0;
  memcpy(&last, &limit, sizeof last);
  real x[BLOCK];
  int n = 0;
  for (uint32_t bits = 0; bits <= last; bits += 4099) {
    float value;
    memcpy(&value, &bits, sizeof value);
    for (int sign = -1; sign <= 1; sign += 2) {
      x[n++] = (real)(sign < 0 ? -value : value);
      if (n == BLOCK) visit(x);
      n %= BLOCK;
    }
  }
}

static void check_tanh(const real *x) {
  real y[BLOCK];
  vec_tanh(y, x, BLOCK);
  for (int i = 0; i < BLOCK; i++) {
    double want = tanh((double)x[i]);
    if (!(fabs((double)y[i] - want) <= (REAL_IS_DOUBLE ? 1e-15 : 4e-7)))
      ck_abort_msg("tanh(%.9g): %.9g", (double)x[i], (double)y[i]);
    /* Near 0 it must not lose relative precision: small gradients live there. */
    if (!(fabs((double)y[i] - want) <= (REAL_IS_DOUBLE ? 1e-15 : 4e-7) * fabs(want) + DBL_MIN))
      ck_abort_msg("tanh(%.9g): %.9g", (double)x[i], (double)y[i]);
  }
}

static void check_sigmoid(const real *x) {
  real y[BLOCK];
  vec_sigmoid(y, x, BLOCK);
  for (int i = 0; i < BLOCK; i++)
    if (!(fabs((double)y[i] - 1 / (1 + exp(-(double)x[i]))) <= (REAL_IS_DOUBLE ? 1e-15 : 4e-7)))
      ck_abort_msg("sigmoid(%.9g): %.9g", (double)x[i], (double)y[i]);
}

static void check_exp(const real *x) {
  real y[BLOCK];
  vec_exp(y, x, BLOCK);
  for (int i = 0; i < BLOCK; i++) {
    double want = exp((double)x[i]);
    if (!(fabs((double)y[i] - want) <= (REAL_IS_DOUBLE ? 1e-15 : 2e-7) * want))
      ck_abort_msg("exp(%.9g): %.9g", (double)x[i], (double)y[i]);
  }
}

static double gelu_of(double x) { return x * erfc(-x * 0.70710678118654752440) / 2; }

static double gelu_slope(double x) {
  return erfc(-x * 0.70710678118654752440) / 2 + x * exp(-x * x / 2) * 0.39894228040143267794;
}

/* Where the value falls with exp(-x^2 / 2), the rounding of x^2 counts; beyond the range of exp1, little more is asked
 * than to be near 0. */
static void check_gelu(const real *x) {
  real y[BLOCK], plain[BLOCK], slope[BLOCK];
  memcpy(y, x, sizeof y);
  memcpy(plain, x, sizeof plain);
  vec_gelu(y, slope, BLOCK);
  vec_gelu(plain, NULL, BLOCK);
  ck_assert_mem_eq(y, plain, sizeof y);
  for (int i = 0; i < BLOCK; i++) {
    double at = (double)x[i], want = gelu_of(at), off = fabs((double)y[i] - want);
    double fine = REAL_IS_DOUBLE ? 2e-15 : 2e-7, tail = (REAL_IS_DOUBLE ? 2e-15 : 4e-7) * (1 + at * at);
    if (!(off <= fine * fabs(at) + 1e-36 && off <= tail * fabs(want) + 1e-36))
      ck_abort_msg("gelu(%.9g): %.9g", at, (double)y[i]);
    if (!(fabs((double)slope[i] - gelu_slope(at)) <= (REAL_IS_DOUBLE ? 1e-15 : 4e-7)))
      ck_abort_msg("gelu'(%.9g): %.9g", at, (double)slope[i]);
  }
}

static void check_swiglu(const real *x) {
  real y[BLOCK], plain[BLOCK], b[BLOCK], slope[BLOCK];
  memcpy(y, x, sizeof y);
  memcpy(plain, x, sizeof plain);
  for (int i = 0; i < BLOCK; i++) b[i] = 3;
  vec_swiglu(plain, b, NULL, BLOCK);
  vec_swiglu(y, b, slope, BLOCK);
  ck_assert_mem_eq(y, plain, sizeof y);
  for (int i = 0; i < BLOCK; i++) {
    double at = (double)x[i], s = 1 / (1 + exp(-at)), near = (REAL_IS_DOUBLE ? 2e-15 : 1e-6) * fmax(fabs(at), 1);
    if (!(fabs((double)y[i] - 3 * at * s) <= near && fabs((double)b[i] - at * s) <= near &&
          fabs((double)slope[i] - 3 * s * (1 + at * (1 - s))) <= near))
      ck_abort_msg("silu(%.9g): %.9g, %.9g, %.9g", at, (double)y[i], (double)b[i], (double)slope[i]);
  }
}

START_TEST(gelu_error) { each_block(100, check_gelu); }
END_TEST

START_TEST(swiglu_error) { each_block(80, check_swiglu); }
END_TEST

/* torch.nn.functional: gelu (its default form), silu, relu at -3, -1, -0.25, 0, 0.5, 1, 2.5 and the gradients that
 * autograd finds, in float64. */
START_TEST(activations_of_pytorch) {
  static const double at[7] = {-3, -1, -0.25, 0, 0.5, 1, 2.5},
                      gelu[7] = {-0.004049694095, -0.1586552539, -0.1003234186, 0,
                                 0.3457312306,    0.8413447461,  2.484475837},
                      gelu_grad[7] = {-0.0119456472, -0.08331547059, 0.3046266451, 0.5,
                                      0.8674951247,  1.083315471,    1.037611086},
                      silu[7] = {-0.1422776195, -0.2689414214, -0.1094558748, 0,
                                 0.3112296656,  0.7310585786,  2.31035455},
                      silu_grad[7] = {-0.08810410602, 0.07232948813, 0.3762899784, 0.5,
                                      0.7399611873,   0.9276705119,  1.099401111},
                      relu_grad[7] = {0, 0, 0, 0, 1, 1, 1};
  real x[7], y[7], b[7], slope[7], g[7];
  for (int i = 0; i < 7; i++) x[i] = (real)at[i], g[i] = b[i] = 1;
  memcpy(y, x, sizeof y);
  vec_gelu(y, slope, 7);
  for (int i = 0; i < 7; i++) {
    ck_assert_double_eq_tol((double)y[i], gelu[i], 3e-7);
    ck_assert_double_eq_tol((double)slope[i], gelu_grad[i], 3e-7);
  }
  memcpy(y, x, sizeof y);
  vec_swiglu(y, b, slope, 7);
  for (int i = 0; i < 7; i++) {
    ck_assert_double_eq_tol((double)y[i], silu[i], 3e-7);
    ck_assert_double_eq_tol((double)slope[i], silu_grad[i], 3e-7);
  }
  vec_relu(x, 7);
  vec_relu_backward(x, g, 7);
  for (int i = 0; i < 7; i++) ck_assert((double)x[i] == fmax(at[i], 0) && (double)g[i] == relu_grad[i]);
}
END_TEST

START_TEST(activations_keep_what_is_not_a_number) {
  enum { N = 41 };
  for (int at = 0; at < N; at++) {
    real x[N] = {0}, y[N] = {0}, z[N] = {0}, b[N] = {0};
    x[at] = y[at] = z[at] = (real)NAN;
    vec_relu(x, N);
    vec_gelu(y, NULL, N);
    vec_swiglu(z, b, NULL, N);
    ck_assert(isnan(x[at]) && isnan(y[at]) && isnan(z[at]));
    x[at] = y[at] = z[at] = b[at] = (real)3e38;
    vec_relu(x, N);
    vec_gelu(y, NULL, N);
    ck_assert(x[at] == (real)3e38 && y[at] == (real)3e38);
    y[at] = (real)-3e38;
    vec_gelu(y, NULL, N);
    ck_assert(y[at] <= 0 && y[at] > (real)-1e-6);
  }
}
END_TEST

START_TEST(tanh_error) { each_block(100, check_tanh); }
END_TEST

START_TEST(sigmoid_error) { each_block(100, check_sigmoid); }
END_TEST

START_TEST(exp_error) { each_block(87, check_exp); }
END_TEST

START_TEST(ends_and_not_a_number) {
  const real inf = (real)INFINITY;
  real x[11] = {inf, -inf, (real)NAN, (real)3e38, (real)-3e38, 0, 1, 2, 3, 4, (real)NAN}, y[11];
  vec_tanh(y, x, 11);
  ck_assert(y[0] == 1 && y[1] == -1 && isnan(y[2]) && y[3] == 1 && y[4] == -1 && y[5] == 0 && isnan(y[10]));
  vec_sigmoid(y, x, 11);
  ck_assert(y[0] == 1 && y[1] >= 0 && y[1] < (real)1e-37 && isnan(y[2]) && y[3] == 1 && y[5] == (real)0.5);
  ck_assert(isnan(y[10]));
  vec_exp(y, x, 11);
  ck_assert(y[0] >= (real)1e38 && y[1] >= 0 && y[1] < (real)2e-38 && isnan(y[2]) && y[5] == 1 && isnan(y[10]));
}
END_TEST

START_TEST(in_place) {
  real x[19], y[19];
  for (int i = 0; i < 19; i++) x[i] = (real)(i - 9) / 3;
  vec_tanh(y, x, 19);
  vec_tanh(x, x, 19);
  ck_assert_mem_eq(x, y, sizeof x);
}
END_TEST

START_TEST(sums) {
  for (size_t n = 1; n < 40; n++) {
    real x[40], y[40];
    double sum = 0, dot = 0, squares = 0, distance = 0, max = -100;
    for (size_t i = 0; i < n; i++) {
      x[i] = (real)sin(3.0 * (double)i + 1);
      y[i] = (real)cos(2.0 * (double)i);
      double a = (double)x[i], b = (double)y[i];
      sum += a;
      dot += a * b;
      squares += a * a;
      distance += (a - b) * (a - b);
      max = fmax(max, a);
    }
    ck_assert_double_eq_tol((double)vec_sum(x, n), sum, 20 * TINY);
    ck_assert_double_eq_tol((double)vec_dot(x, y, n), dot, 20 * TINY);
    ck_assert_double_eq_tol(vec_sum_squares(x, n), squares, 20 * TINY);
    ck_assert_double_eq_tol((double)vec_distance(x, y, n), distance, 80 * TINY);
    ck_assert_double_eq((double)vec_max(x, n), max);
  }
}
END_TEST

START_TEST(sum_of_squares_does_not_overflow) {
  real x[4] = {(real)1e30, (real)1e30, (real)1e30, (real)1e30};
  ck_assert_double_eq_tol(vec_sum_squares(x, 4) / 4e60, 1, 1e-6);
}
END_TEST

START_TEST(axpy_and_add) {
  real y[21], z[21], x[21];
  for (int i = 0; i < 21; i++) {
    x[i] = (real)i;
    y[i] = z[i] = (real)(100 * i);
  }
  vec_axpy(y, -2, x, 20);
  vec_add(z, x, 20);
  for (int i = 0; i < 20; i++) ck_assert(y[i] == (real)(98 * i) && z[i] == (real)(101 * i));
  ck_assert(y[20] == 2000 && z[20] == 2000);
}
END_TEST

START_TEST(softmax) {
  real x[5] = {1, 2, 3, 4, (real)-0.5}, y[5];
  /* e^1 + e^2 + e^3 + e^4 + e^-0.5 = 85.3976; its log is 4.447317 */
  real log_z = vec_softmax(y, x, 5);
  double z = exp(1.0) + exp(2.0) + exp(3.0) + exp(4.0) + exp(-0.5);
  ck_assert_double_eq_tol((double)log_z, 4.447317, 1e-6);
  for (int i = 0; i < 5; i++) ck_assert_double_eq_tol((double)y[i], exp((double)x[i]) / z, TINY);
  real logs[5];
  memcpy(logs, x, sizeof logs);
  vec_log_softmax(logs, 5);
  for (int i = 0; i < 5; i++) ck_assert_double_eq_tol((double)logs[i], (double)x[i] - 4.447317, 1e-6);
  for (int i = 0; i < 5; i++) x[i] += 5000;
  real shifted = vec_softmax(x, x, 5);
  ck_assert_double_eq_tol((double)shifted, 5004.447317, 1e-3);
  for (int i = 0; i < 5; i++) ck_assert_double_eq_tol((double)x[i], (double)y[i], TINY);
  real one = -7;
  ck_assert(vec_softmax(&one, &one, 1) == -7 && one == 1);
}
END_TEST

/* A diverged row must not look like a sound one. */
/* Parts of a row, each as if it were alone; what lies between may be anything before and is 0 after. */
START_TEST(softmax_of_parts) {
  enum { PARTS = 3, FAR = 40 };
  for (size_t n = 1; n <= FAR; n++) {
    real x[PARTS * FAR], y[PARTS * FAR], alone[FAR];
    for (size_t i = 0; i < PARTS * FAR; i++) x[i] = i % FAR < n ? (real)(5 * sin((double)(i * i))) : (real)NAN;
    for (size_t i = 0; i < PARTS * FAR; i++) y[i] = 7;
    x[FAR] -= 300;
    vec_softmax_parts(y, x, n, PARTS, FAR);
    for (size_t p = 0; p < PARTS; p++) {
      (void)vec_softmax(alone, x + p * FAR, n);
      for (size_t i = 0; i < n; i++)
        ck_assert_double_eq_tol((double)y[p * FAR + i], (double)alone[i], REAL_IS_DOUBLE ? 1e-15 : 1e-6);
      for (size_t i = n; i < FAR; i++) ck_assert(y[p * FAR + i] == (p + 1 < PARTS ? 0 : 7));
    }
  }
}
END_TEST

START_TEST(softmax_of_a_row_that_is_not_finite) {
  enum { N = 41 };
  for (int at = 0; at < N; at++) {
    real x[N] = {0}, y[N];
    x[at] = (real)NAN;
    ck_assert(isnan(vec_softmax(y, x, N)) && isnan(y[0]) && isnan(y[N - 1]));
    x[at] = (real)INFINITY;
    ck_assert(isnan(vec_softmax(y, x, N)));
    x[at] = (real)-INFINITY;
    ck_assert_double_eq_tol((double)vec_softmax(y, x, N), log(N - 1.0), 1e-6);
    ck_assert_double_eq_tol((double)y[at], 0, 1e-37);
  }
}
END_TEST

START_TEST(tanh_dot) {
  enum { N = 37 };
  real v[N], x[N], y[N], dv[N], dx[N], dy[N];
  double want = 0;
  for (int i = 0; i < N; i++) {
    v[i] = (real)sin(i + 1.0);
    x[i] = (real)(2 * cos(5.0 * i));
    y[i] = (real)sin(7.0 * i);
    dv[i] = dx[i] = dy[i] = (real)i; /* added to, never overwritten */
    want += (double)v[i] * tanh((double)x[i] + (double)y[i]);
  }
  ck_assert_double_eq_tol((double)vec_tanh_dot(v, x, y, N), want, 20 * TINY);
  vec_tanh_dot_backward(v, x, y, (real)0.75, dv, dx, dy, N);
  for (int i = 0; i < N; i++) {
    double th = tanh((double)x[i] + (double)y[i]), dz = 0.75 * (double)v[i] * (1 - th * th);
    ck_assert_double_eq_tol((double)dv[i], i + 0.75 * th, 40 * TINY);
    ck_assert_double_eq_tol((double)dx[i], i + dz, 40 * TINY);
    ck_assert_double_eq_tol((double)dy[i], i + dz, 40 * TINY);
  }
}
END_TEST

/* Where query and key are one tensor, their gradients are one block, which gets both. */
START_TEST(tanh_dot_of_one_tensor) {
  enum { N = 37 };
  real v[N], x[N], dv[N], d[N];
  for (int i = 0; i < N; i++) {
    v[i] = (real)sin(i + 1.0);
    x[i] = (real)cos(5.0 * i);
    dv[i] = d[i] = (real)i;
  }
  vec_tanh_dot_backward(v, x, x, (real)0.75, dv, d, d, N);
  for (int i = 0; i < N; i++) {
    double th = tanh(2 * (double)x[i]);
    ck_assert_double_eq_tol((double)dv[i], i + 0.75 * th, 40 * TINY);
    ck_assert_double_eq_tol((double)d[i], i + 1.5 * (double)v[i] * (1 - th * th), 80 * TINY);
  }
}
END_TEST

/* x = 1 .. 5 has mean 3 and variance 2: u = (x - 3) / sqrt(2.00001). With g = dy gain = (2, 4, 6, 8, 20), mean 8, and
 * mean(g u) = 8 / sqrt(2.00001): dx = (g - 8 - u mean(g u)) / sqrt(2.00001). */
START_TEST(norm) {
  enum { N = 5 };
  static const real x[N] = {1, 2, 3, 4, 5}, gain[N] = {2, 2, 2, 2, 4}, bias[N] = {0, 1, 0, 0, -1};
  static const real dy[N] = {1, 2, 3, 4, 5};
  const double root = 1.41421709;                                    /* of 2.00001 */
  const double u[N] = {-2 / root, -1 / root, 0, 1 / root, 2 / root}; /* -1.41421 .. 1.41421 */
  const double want[N] = {1.4141817, -0.0000141, -1.4142100, -2.8284059, 2.8284483};
  real y[N], dx[N], dgain[N], dbias[N];
  for (int i = 0; i < N; i++) dx[i] = dgain[i] = dbias[i] = (real)i; /* added to, never overwritten */
  vec_norm(y, x, gain, bias, N);
  vec_norm_backward(x, gain, dy, dx, dgain, dbias, N);
  for (int i = 0; i < N; i++) {
    ck_assert_double_eq_tol((double)y[i], (double)gain[i] * u[i] + (double)bias[i], 1e-6);
    ck_assert_double_eq_tol((double)dx[i], i + want[i], 1e-5);
    ck_assert_double_eq_tol((double)dgain[i], i + (double)dy[i] * u[i], 1e-5);
    ck_assert_double_eq_tol((double)dbias[i], i + (double)dy[i], 1e-6);
  }
}
END_TEST

/* A thousand numbers around 1000: their mean does not eat the digits. */
START_TEST(norm_far_from_zero) {
  enum { N = 1000 };
  static real x[N], y[N], one[N], zero[N];
  for (int i = 0; i < N; i++) x[i] = (real)(1000 + i % 2);
  for (int i = 0; i < N; i++) one[i] = 1;
  vec_norm(y, x, one, zero, N);
  for (int i = 0; i < N; i++) ck_assert_double_eq_tol((double)y[i], i % 2 == 0 ? -0.99998 : 0.99998, 1e-3);
}
END_TEST

START_TEST(dropout) {
  enum { N = 20000 };
  static real x[N], y[N], again[N], other[N];
  for (int i = 0; i < N; i++) x[i] = (real)(i + 1);
  vec_dropout(y, x, N, 77, (uint32_t)(0.3 * 0x1p32), 2);
  vec_dropout(other, x, N, 78, (uint32_t)(0.3 * 0x1p32), 2);
  memcpy(again, x, sizeof x);
  vec_dropout(again, again, N, 77, (uint32_t)(0.3 * 0x1p32), 2);
  ck_assert_mem_eq(again, y, sizeof y);
  int dropped = 0, both = 0;
  for (int i = 0; i < N; i++) {
    ck_assert(y[i] == 0 || y[i] == 2 * x[i]);
    dropped += y[i] == 0;
    both += y[i] == 0 && other[i] == 0;
  }
  /* Binomial: standard deviations 65 and 40. */
  ck_assert_int_lt(abs(dropped - 6000), 325);
  ck_assert_int_lt(abs(both - 1800), 200);
}
END_TEST

START_TEST(adam) {
  /* d = 3 / 2 = 1.5; m = 0.9 0.1 + 0.1 1.5 = 0.24; v = 0.99 0.01 + 0.01 1.5^2 = 0.0324;
   * w = 1 - 0.1 0.24 / (0.18 2 + 0.001) - 0.05 1 = 0.88351801 */
  const AdamStep step = {.factor = (real)0.5,
                         .beta1 = (real)0.9,
                         .rest1 = (real)0.1,
                         .beta2 = (real)0.99,
                         .rest2 = (real)0.01,
                         .rate = (real)0.1,
                         .c2 = 2,
                         .epsilon = (real)0.001,
                         .decay = (real)0.05};
  real w[9], m[9], v[9], g[9];
  for (int i = 0; i < 9; i++) {
    w[i] = 1;
    m[i] = (real)0.1;
    v[i] = (real)0.01;
    g[i] = 3;
  }
  vec_adam(w, m, v, g, &step, 8);
  for (int i = 0; i < 8; i++) {
    ck_assert_double_eq_tol((double)m[i], 0.24, 1e-7);
    ck_assert_double_eq_tol((double)v[i], 0.0324, 1e-7);
    ck_assert_double_eq_tol((double)w[i], 0.88351801, 3e-7);
  }
  ck_assert(w[8] == 1 && m[8] == (real)0.1 && v[8] == (real)0.01);
}
END_TEST

static void add_tests(TCase *t) {
  tcase_set_timeout(t, 60);
  tcase_add_test(t, tanh_error);
  tcase_add_test(t, sigmoid_error);
  tcase_add_test(t, exp_error);
  tcase_add_test(t, gelu_error);
  tcase_add_test(t, swiglu_error);
  tcase_add_test(t, activations_of_pytorch);
  tcase_add_test(t, activations_keep_what_is_not_a_number);
  tcase_add_test(t, ends_and_not_a_number);
  tcase_add_test(t, in_place);
  tcase_add_test(t, sums);
  tcase_add_test(t, sum_of_squares_does_not_overflow);
  tcase_add_test(t, axpy_and_add);
  tcase_add_test(t, softmax);
  tcase_add_test(t, softmax_of_parts);
  tcase_add_test(t, softmax_of_a_row_that_is_not_finite);
  tcase_add_test(t, tanh_dot);
  tcase_add_test(t, tanh_dot_of_one_tensor);
  tcase_add_test(t, norm);
  tcase_add_test(t, norm_far_from_zero);
  tcase_add_test(t, dropout);
  tcase_add_test(t, adam);
}

Suite *test_vec(void);
Suite *test_vec(void) {
  Suite *s = suite_create("vec");
  each_kernels(s, add_tests);
  return s;
}
