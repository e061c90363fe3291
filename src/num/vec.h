/* vec.h - vector kernels over n contiguous numbers. vec.c alone is compiled with relaxed floating-point rules (sums in
 * any fixed order, contraction), so that loops become vector code; NaN stays NaN. Pure functions.
 * In the float build tanh and sigmoid are within 4e-7 of the exact value, exp within 2e-7 relative from -87 to 88 (and
 * beyond as at these ends, infinity too); the double build calls the C library. */
#ifndef NUM_VEC_H
#define NUM_VEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

void vec_tanh(real *y, const real *x, size_t n);    /* y = tanh(x); y may be x */
void vec_sigmoid(real *y, const real *x, size_t n); /* y = 1 / (1 + exp(-x)); y may be x */
void vec_exp(real *y, const real *x, size_t n);     /* y = exp(x); y may be x */
real vec_max(const real *x, size_t n);              /* n >= 1 */
real vec_sum(const real *x, size_t n);
double vec_sum_squares(const real *x, size_t n);
real vec_dot(const real *x, const real *y, size_t n);
real vec_distance(const real *x, const real *y, size_t n); /* sum (x - y)^2 */
void vec_axpy(real *y, real a, const real *x, size_t n);   /* y += a x */
void vec_add(real *y, const real *x, size_t n);            /* y += x */
void vec_multiply(real *y, const real *x, size_t n);       /* y *= x */
void vec_log_softmax(real *x, size_t n);                   /* x -= log sum exp(x); n >= 1 */
/* y = exp(x - max x) / sum; returns log sum exp(x). y may be x; n >= 1. */
real vec_softmax(real *y, const real *x, size_t n);
/* The same of each of the parts of n numbers that stand ld apart, and what lies between them becomes 0; y is not x. For
 * parts too short to fill the vector units alone. */
void vec_softmax_parts(real *y, const real *x, size_t n, size_t parts, size_t ld);
/* sum_i v_i tanh(x_i + y_i) */
real vec_tanh_dot(const real *v, const real *x, const real *y, size_t n);
/* With th = tanh(x + y): dv += d th, dx and dy += d v (1 - th^2). dx may be dy: it then receives both. */
void vec_tanh_dot_backward(const real *v, const real *x, const real *y, real d, real *dv, real *dx, real *dy, size_t n);
/* y = gain (x - mean) / sqrt(variance + 1e-5) + bias (Ba et al. 2016, eq. 4); y is not x. */
void vec_norm(real *y, const real *x, const real *gain, const real *bias, size_t n);
/* From dy: adds to dx, dgain and dbias. */
void vec_norm_backward(const real *x, const real *gain, const real *dy, real *dx, real *dgain, real *dbias, size_t n);
/* x = max(x, 0), and the gradient of what became x times its derivative, 0 at 0. */
void vec_relu(real *x, size_t n);
void vec_relu_backward(const real *x, real *g, size_t n);
/* x = x Phi(x), Phi the normal distribution (Hendrycks and Gimpel 2016, the exact form). In the float build within 2e-7
 * |x|, and below 0 within 4e-7 (1 + x^2) of the value. slope receives the derivative, unless it is NULL. */
void vec_gelu(real *x, real *slope, size_t n);
/* a = silu(a) b, silu(a) = a sigmoid(a) (Shazeer 2020, eq. 6). Unless slope is NULL, it receives the derivative by a,
 * and b that by b. */
void vec_swiglu(real *a, real *b, real *slope, size_t n);
/* Turns each pair (x_2c, x_2c+1) by sign (1 or -1) times the angle whose sine and cosine stand at angle 2c, 2c + 1. */
void vec_turn(real *x, const real *angle, real sign, size_t n);
/* y_i = x_i scale where the keyed random 32 bits of i reach threshold, else 0. y may be x. */
void vec_dropout(real *y, const real *x, size_t n, uint64_t key, uint32_t threshold, real scale);
/* y += part (x - y). */
void vec_move(real *y, const real *x, real part, size_t n);
/* One Adam step (Kingma and Ba 2015): m and v are the moments, g the gradient times factor; w -= rate m / (sqrt(v) c2 +
 * epsilon) + decay w, with rate = lr / (1 - beta1^t) and c2 = 1 / sqrt(1 - beta2^t). rest1 and rest2 are 1 - beta1 and
 * 1 - beta2, taken before they are rounded: in float 1 - 0.999 is off by 1.3e-5. */
typedef struct AdamStep {
  real factor, beta1, rest1, beta2, rest2, rate, c2, epsilon, decay;
} AdamStep;
void vec_adam(real *w, real *m, real *v, const real *g, const AdamStep *step, size_t n);

#endif
