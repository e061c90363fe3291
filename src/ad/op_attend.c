#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Attend {
  const Memory *m;
  const Look *look;
  Tensor e, a, context;
  real *soft; /* [n, longest] the softmax before the Gaussian; NULL without a centre */
  real *d;    /* [longest] scratch of backward */
  real sigma;
} Attend;

/* exp(-(i - p)^2 / (2 sigma^2)) */
static real bell(real i, real p, real sigma) {
  real x = -(i - p) * (i - p) / (2 * sigma * sigma), y;
  vec_exp(&y, &x, 1);
  return y;
}

/* From d = da: the gradient of the centre, and d becomes that of the softmax's result. */
static void through_bell(const Attend *at, int r, int low, int n) {
  real p = tensor_row(at->look->centre, r)[0], dp = 0;
  const real *a = tensor_row(&at->a, r) + low;
  for (int i = 0; i < n; i++) {
    real offset = (real)(low + i) - p;
    dp += at->d[i] * a[i] * offset / (at->sigma * at->sigma);
    at->d[i] *= bell((real)(low + i), p, at->sigma);
  }
  tensor_grad_row(at->look->centre, r)[0] += dp;
}

static void backward_row(const Attend *at, int r) {
  int low = at->look->low[r], n = at->look->high[r] - low, first = at->m->start[at->look->sentence[r]] + low;
  const real *a = tensor_row(&at->a, r) + low, *dc = tensor_grad_row(&at->context, r);
  real *de = tensor_grad_row(&at->e, r) + low;
  memcpy(at->d, tensor_grad_row(&at->a, r) + low, (size_t)n * sizeof(real));
  for (int i = 0; i < n; i++) {
    at->d[i] += vec_dot(dc, tensor_row(at->m->h, first + i), (size_t)at->context.cols);
    vec_axpy(tensor_grad_row(at->m->h, first + i), a[i], dc, (size_t)at->context.cols);
  }
  const real *soft = a;
  if (at->soft != NULL) {
    soft = at->soft + (size_t)r * (size_t)at->m->longest + low;
    through_bell(at, r, low, n);
  }
  real mean = vec_dot(soft, at->d, (size_t)n);
  for (int i = 0; i < n; i++) de[i] += soft[i] * (at->d[i] - mean);
}

static void backward(void *saved) {
  Attend *at = saved;
  for (int r = 0; r < at->look->n; r++) backward_row(at, r);
}

static void forward_row(const Attend *at, int r) {
  int low = at->look->low[r], n = at->look->high[r] - low, first = at->m->start[at->look->sentence[r]] + low;
  real *a = tensor_row(&at->a, r), *context = tensor_row(&at->context, r);
  memset(a, 0, (size_t)at->a.cols * sizeof *a);
  (void)vec_softmax(a + low, tensor_row(&at->e, r) + low, (size_t)n);
  if (at->soft != NULL) {
    memcpy(at->soft + (size_t)r * (size_t)at->m->longest + low, a + low, (size_t)n * sizeof *a);
    real p = tensor_row(at->look->centre, r)[0];
    for (int i = low; i < low + n; i++) a[i] *= bell((real)i, p, at->sigma);
  }
  memset(context, 0, (size_t)at->context.cols * sizeof *context);
  for (int i = 0; i < n; i++) vec_axpy(context, a[low + i], tensor_row(at->m->h, first + i), (size_t)at->context.cols);
}

void op_attend(Tape *tape, const Memory *m, const Look *look, const Tensor *e, real sigma, Tensor *a, Tensor *context) {
  Attend *at = tape_alloc(tape, 1, sizeof *at);
  *at = (Attend){.m = m, .look = look, .e = *e, .a = *a, .context = *context, .sigma = sigma};
  at->d = tape_alloc(tape, (size_t)m->longest, sizeof(real));
  if (look->centre != NULL) at->soft = tape_alloc(tape, (size_t)look->n * (size_t)m->longest, sizeof(real));
  for (int r = 0; r < look->n; r++) forward_row(at, r);
  tape_push(tape, "attend", backward, at);
}

typedef struct CaseOptions {
  int windowed, centred;
} CaseOptions;

static void case_one(GradEnv *env, void *ctx) {
  const CaseOptions *options = ctx;
  Memory *m = attend_case_memory(env, 3);
  Look *look = attend_case_look(env, m, options->windowed);
  if (options->centred) look->centre = gradcheck_input(env, 5, 1, 2);
  Tensor *e = gradcheck_input(env, 5, m->longest, 2);
  Tensor *a = tape_tensor(&env->tape, 5, m->longest), *wide = tape_zeros(&env->tape, 5, 4);
  Tensor context = tensor_cols(wide, 1, 3);
  op_attend(&env->tape, m, look, e, (real)1.5, a, &context);
  gradcheck_output(env, a);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) {
  for (int k = 0; k < 4; k++) {
    CaseOptions options = {k & 1, k >> 1};
    gradcheck_run(env, options.centred ? "attend with a centre" : "attend", case_one, &options);
  }
}

const OpDef op_attend_def = {"attend", check};
