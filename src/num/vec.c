#include "num/vec.h"

#include <math.h>

#if REAL_IS_DOUBLE

static inline real exp1(real x) { return exp(x); }
static inline real tanh1(real x) { return tanh(x); }
static inline real sigmoid1(real x) { return 1 / (1 + exp(-x)); }
static inline real root(real x) { return sqrt(x); }
/* 1 - Phi(x) for x >= 0, bell = exp(-x^2 / 2). */
static inline real tail1(real x, real bell) {
  (void)bell;
  return erfc(x * 0.70710678118654752440) / 2;
}

#else

/* exp after Cephes (Moshier): x = n log 2 + r with |r| <= log(2) / 2, a polynomial in r, and n added to the exponent.
 * log 2 is taken off in two parts, the first of which times n is exact: the compiler must not put them together.
 * NaN takes the way of -87, where n is a number that an int can hold, and comes out as it went in. */
static inline float exp1(float given) {
  float x = given > 88.0f ? 88.0f : given;
  x = x > -87.0f ? x : -87.0f;
  float n = floorf(x * 1.44269504088896341f + 0.5f);
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union {
    uint32_t i;
    float f;
  } power = {.i = (uint32_t)((int32_t)n + 127) << 23};
  return given == given ? p * power.f : given;
}

/* Cephes: an odd polynomial below 0.625, else 1 - 2 / (exp(2x) + 1); both are computed and one is chosen. */
static inline float tanh1(float x) {
  float a = fabsf(x), s = x * x;
  float p = -5.70498872745e-3f;
  p = p * s + 2.06390887954e-2f;
  p = p * s - 5.37397155531e-2f;
  p = p * s + 1.33314422036e-1f;
  p = p * s - 3.33332819422e-1f;
  float small = p * s * x + x;
  float large = 1.0f - 2.0f / (exp1(2.0f * a) + 1.0f);
  return a < 0.625f ? small : copysignf(large, x);
}

static inline float sigmoid1(float x) { return 1.0f / (1.0f + exp1(-x)); }
static inline float root(float x) { return sqrtf(x); }

/* With z = x / sqrt(2) and t = 2 / (2 + z), exp(z^2) erfc(z) / t is a polynomial of degree 10 in s = 2 t - 1 but for
 * 6e-8 of it: a Chebyshev expansion over all z (the substitution is that of Shepherd and Laframboise 1981). */
static inline float tail1(float x, float bell) {
  float t = 2.0f / (2.0f + x * 0.70710678118654752f), s = 2.0f * t - 1.0f;
  float p = 4.2161198508e-5f;
  p = p * s - 3.6601875763e-5f;
  p = p * s - 2.9938272201e-4f;
  p = p * s + 4.3067047955e-4f;
  p = p * s + 1.5291571617e-3f;
  p = p * s - 3.2434519380e-3f;
  p = p * s - 1.0751626454e-2f;
  p = p * s + 1.8221668899e-2f;
  p = p * s + 1.3973572850e-1f;
  p = p * s + 3.4358030558e-1f;
  p = p * s + 5.1079136133e-1f;
  return 0.5f * bell * p * t;
}

#endif

void vec_tanh(real *y, const real *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = tanh1(x[i]);
}

void vec_sigmoid(real *y, const real *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = sigmoid1(x[i]);
}

void vec_exp(real *y, const real *x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = exp1(x[i]);
}

/* As wide as a register: of comparisons of wider vectors GCC makes plain ones. */
#if defined(__AVX512F__)
enum { REGISTER = 64 };
#elif defined(__AVX__)
enum { REGISTER = 32 };
#else
enum { REGISTER = 16 };
#endif
enum { LANES = REGISTER / sizeof(real) };
typedef real Lane __attribute__((vector_size(REGISTER), aligned(sizeof(real)), may_alias));

/* By bits, because of a comparison that may meet NaN no compiler makes a vector by itself. */
static inline Lane greater(Lane a, Lane b) {
  typedef __typeof__(a > b) Bits;
  Bits more = b > a;
  return (Lane)((more & (Bits)b) | (~more & (Bits)a));
}

real vec_max(const real *x, size_t n) {
  enum { CHAINS = 4 };
  real max = x[0];
  size_t i = 0;
  Lane most[CHAINS];
  for (int c = 0; c < CHAINS; c++) most[c] = (Lane){0} + max;
  for (; i + CHAINS * LANES <= n; i += CHAINS * LANES)
    for (size_t c = 0; c < CHAINS; c++) most[c] = greater(most[c], *(const Lane *)(x + i + c * LANES));
  for (int c = 1; c < CHAINS; c++) most[0] = greater(most[0], most[c]);
  for (size_t k = 0; k < LANES; k++) max = most[0][k] > max ? most[0][k] : max;
  for (; i < n; i++) max = x[i] > max ? x[i] : max;
  return max;
}

real vec_sum(const real *x, size_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += x[i];
  return sum;
}

double vec_sum_squares(const real *x, size_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

real vec_dot(const real *x, const real *y, size_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

real vec_distance(const real *x, const real *y, size_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

void vec_axpy(real *restrict y, real a, const real *restrict x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

void vec_add(real *restrict y, const real *restrict x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += x[i];
}

void vec_multiply(real *restrict y, const real *restrict x, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] *= x[i];
}

void vec_log_softmax(real *x, size_t n) {
  real max = vec_max(x, n), sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += exp1(x[i] - max);
  real log_z = max + (real)log((double)sum);
  for (size_t i = 0; i < n; i++) x[i] -= log_z;
}

real vec_softmax(real *y, const real *x, size_t n) {
  real max = vec_max(x, n), sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) {
    y[i] = exp1(x[i] - max);
    sum += y[i];
  }
  real inverse = 1 / sum;
  for (size_t i = 0; i < n; i++) y[i] *= inverse;
  return max + (real)log((double)sum);
}

/* In four lanes: of a dozen numbers more would be slower. */
static real short_max(const real *x, size_t n) {
  real max[4] = {x[0], x[0], x[0], x[0]};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t k = 0; k < 4; k++) max[k] = x[i + k] > max[k] ? x[i + k] : max[k];
  for (; i < n; i++) max[0] = x[i] > max[0] ? x[i] : max[0];
  real a = max[0] > max[1] ? max[0] : max[1], b = max[2] > max[3] ? max[2] : max[3];
  return a > b ? a : b;
}

static real short_sum(const real *x, size_t n) {
  real sum[4] = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t k = 0; k < 4; k++) sum[k] += x[i + k];
  for (; i < n; i++) sum[0] += x[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void vec_softmax_parts(real *restrict y, const real *restrict x, size_t n, size_t parts, size_t ld) {
  size_t end = (parts - 1) * ld + n;
  for (size_t at = 0; at < end; at += ld) {
    real max = short_max(x + at, n);
    for (size_t i = at; i < at + n; i++) y[i] = x[i] - max;
    for (size_t i = at + n; i < at + ld && i < end; i++) y[i] = 0;
  }
  vec_exp(y, y, end);
  for (size_t at = 0; at < end; at += ld) {
    real inverse = 1 / short_sum(y + at, n);
    for (size_t i = at; i < at + n; i++) y[i] *= inverse;
    for (size_t i = at + n; i < at + ld && i < end; i++) y[i] = 0;
  }
}

real vec_tanh_dot(const real *v, const real *x, const real *y, size_t n) {
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += v[i] * tanh1(x[i] + y[i]);
  return sum;
}

void vec_tanh_dot_backward(const real *restrict v, const real *restrict x, const real *restrict y, real d,
                           real *restrict dv, real *dx, real *dy, size_t n) {
  for (size_t i = 0; i < n; i++) {
    real th = tanh1(x[i] + y[i]);
    real dz = d * v[i] * (1 - th * th);
    dv[i] += d * th;
    dx[i] += dz;
    dy[i] += dz;
  }
}

typedef struct Moments {
  real mean, inverse; /* 1 / deviation */
} Moments;

/* In two passes: a difference of squares would lose digits. */
static Moments moments(const real *x, size_t n) {
  real mean = vec_sum(x, n) / (real)n, squares = 0;
#pragma omp simd reduction(+ : squares)
  for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  return (Moments){mean, 1 / root(squares / (real)n + (real)1e-5)};
}

void vec_norm(real *restrict y, const real *restrict x, const real *restrict gain, const real *restrict bias,
              size_t n) {
  Moments m = moments(x, n);
  for (size_t i = 0; i < n; i++) y[i] = gain[i] * ((x[i] - m.mean) * m.inverse) + bias[i];
}

/* With u = (x - mean) / deviation and g = dy gain: dx = (g - mean g - u mean(g u)) / deviation. */
void vec_norm_backward(const real *restrict x, const real *restrict gain, const real *restrict dy, real *restrict dx,
                       real *restrict dgain, real *restrict dbias, size_t n) {
  Moments m = moments(x, n);
  real sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
  for (size_t i = 0; i < n; i++) {
    sum += dy[i] * gain[i];
    dot += dy[i] * gain[i] * ((x[i] - m.mean) * m.inverse);
  }
  sum /= (real)n;
  dot /= (real)n;
  for (size_t i = 0; i < n; i++) {
    real u = (x[i] - m.mean) * m.inverse;
    dx[i] += m.inverse * (dy[i] * gain[i] - sum - u * dot);
    dgain[i] += dy[i] * u;
    dbias[i] += dy[i];
  }
}

/* Written so that NaN is not taken for less than 0. */
void vec_relu(real *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

void vec_relu_backward(const real *restrict x, real *restrict g, size_t n) {
  for (size_t i = 0; i < n; i++) g[i] = x[i] > 0 ? g[i] : 0;
}

/* The bell exp(-x^2 / 2) and Phi(x). */
static inline real normal1(real x, real *bell) {
  *bell = exp1(x * x * (real)-0.5);
  real tail = tail1(x < 0 ? -x : x, *bell);
  return x < 0 ? tail : 1 - tail;
}

void vec_gelu(real *restrict x, real *restrict slope, size_t n) {
  real bell;
  if (slope == NULL)
    for (size_t i = 0; i < n; i++) x[i] *= normal1(x[i], &bell);
  else
    for (size_t i = 0; i < n; i++) {
      real phi = normal1(x[i], &bell);
      slope[i] = phi + x[i] * bell * (real)0.39894228040143267794; /* 1 / sqrt(2 pi) */
      x[i] *= phi;
    }
}

void vec_swiglu(real *restrict a, real *restrict b, real *restrict slope, size_t n) {
  if (slope == NULL)
    for (size_t i = 0; i < n; i++) a[i] = a[i] * sigmoid1(a[i]) * b[i];
  else
    for (size_t i = 0; i < n; i++) {
      real s = sigmoid1(a[i]), silu = a[i] * s, by_b = b[i];
      slope[i] = by_b * (s + silu * (1 - s));
      b[i] = silu;
      a[i] = silu * by_b;
    }
}

void vec_turn(real *restrict x, const real *restrict angle, real sign, size_t n) {
  for (size_t c = 0; c + 1 < n; c += 2) {
    real sine = sign * angle[c], cosine = angle[c + 1], a = x[c], b = x[c + 1];
    x[c] = a * cosine - b * sine;
    x[c + 1] = a * sine + b * cosine;
  }
}

/* A 32-bit finaliser (Wellons, "lowbias32") over key and index: cheap in vector code and good enough for masks. */
static inline uint32_t bits(uint32_t key, uint32_t i) {
  uint32_t z = key + i * 0x9E3779B9u;
  z = (z ^ (z >> 16)) * 0x7FEB352Du;
  z = (z ^ (z >> 15)) * 0x846CA68Bu;
  return z ^ (z >> 16);
}

void vec_dropout(real *y, const real *x, size_t n, uint64_t key, uint32_t threshold, real scale) {
  uint32_t k = (uint32_t)(key ^ (key >> 32));
  for (size_t i = 0; i < n; i++) y[i] = bits(k, (uint32_t)i) >= threshold ? x[i] * scale : 0;
}

void vec_move(real *restrict y, const real *restrict x, real part, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] += part * (x[i] - y[i]);
}

void vec_adam(real *restrict w, real *restrict m, real *restrict v, const real *restrict g, const AdamStep *step,
              size_t n) {
  AdamStep s = *step;
  for (size_t i = 0; i < n; i++) {
    real d = g[i] * s.factor;
    m[i] = s.beta1 * m[i] + s.rest1 * d;
    v[i] = s.beta2 * v[i] + s.rest2 * d * d;
    w[i] -= s.rate * m[i] / (root(v[i]) * s.c2 + s.epsilon) + s.decay * w[i];
  }
}
