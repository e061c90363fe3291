#include <math.h>
#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Softmax {
  const Places *places;
  const Look *look;
  Tensor e, a;
  int heads;
  real sigma;
  real *soft; /* [n, heads longest] the softmax before the Gaussian; NULL without a centre */
  real *d;    /* [longest] scratch of backward */
} Softmax;

/* exp(-(i - p)^2 / (2 sigma^2)) */
static real bell(real i, real p, real sigma) {
  real x = -(i - p) * (i - p) / (2 * sigma * sigma), y;
  vec_exp(&y, &x, 1);
  return y;
}

/* From d = da: the gradient of the centre, and d becomes that of the softmax's result. a: from position low on. */
static void through_bell(const Softmax *s, int r, const real *a, int low, int n) {
  real p = tensor_row(s->look->centre, r)[0], dp = 0;
  for (int i = 0; i < n; i++) {
    real offset = (real)(low + i) - p;
    dp += s->d[i] * a[i] * offset / (s->sigma * s->sigma);
    s->d[i] *= bell((real)(low + i), p, s->sigma);
  }
  tensor_grad_row(s->look->centre, r)[0] += dp;
}

/* at: of a row's first number of a head that is in the window. */
static void backward_head(const Softmax *s, int r, int at) {
  int low = s->look->low[r], n = s->look->high[r] - low;
  const real *a = tensor_row(&s->a, r) + at, *soft = a;
  real *de = tensor_grad_row(&s->e, r) + at;
  memcpy(s->d, tensor_grad_row(&s->a, r) + at, (size_t)n * sizeof(real));
  if (s->soft != NULL) {
    soft = s->soft + (size_t)r * (size_t)s->a.cols + at;
    through_bell(s, r, a, low, n);
  }
  real mean = vec_dot(soft, s->d, (size_t)n);
  for (int i = 0; i < n; i++) de[i] += soft[i] * (s->d[i] - mean);
}

static void backward(void *saved) {
  const Softmax *s = saved;
  for (int r = 0; r < s->look->n; r++)
    for (int h = 0; h < s->heads; h++) backward_head(s, r, h * s->places->longest + s->look->low[r]);
}

/* exp of single precision does not reach 0. */
static void clear_unreached(real *a, const real *e, size_t n) {
  for (size_t i = 0; i < n; i++) a[i] = e[i] == -(real)INFINITY ? 0 : a[i];
}

static void forward_row(const Softmax *s, int r) {
  size_t low = (size_t)s->look->low[r], n = (size_t)s->look->high[r] - low, longest = (size_t)s->places->longest;
  size_t end = (size_t)s->a.cols - longest + low + n;
  real *a = tensor_row(&s->a, r);
  const real *e = tensor_row(&s->e, r);
  memset(a, 0, low * sizeof *a);
  memset(a + end, 0, ((size_t)s->a.cols - end) * sizeof *a);
  if (s->heads == 1) (void)vec_softmax(a + low, e + low, n);
  else vec_softmax_parts(a + low, e + low, n, (size_t)s->heads, longest);
  for (size_t at = low; at < end; at += longest) clear_unreached(a + at, e + at, n);
}

static void bend_head(const Softmax *s, int r, int at) {
  int low = s->look->low[r], n = s->look->high[r] - low;
  real *a = tensor_row(&s->a, r) + at;
  memcpy(s->soft + (size_t)r * (size_t)s->a.cols + at, a, (size_t)n * sizeof *a);
  real p = tensor_row(s->look->centre, r)[0];
  for (int i = 0; i < n; i++) a[i] *= bell((real)(low + i), p, s->sigma);
}

void op_softmax(Tape *tape, const Places *places, const Look *look, const Tensor *e, int heads, real sigma, Tensor *a) {
  int longest = places->longest;
  CHECK(e->cols == heads * longest && a->cols == e->cols, "softmax: scores [,%d], weights [,%d], %d heads of %d",
        e->cols, a->cols, heads, longest);
  Softmax *s = tape_alloc(tape, 1, sizeof *s);
  *s = (Softmax){.places = places, .look = look, .e = *e, .a = *a, .heads = heads, .sigma = sigma};
  s->d = tape_alloc(tape, (size_t)longest, sizeof(real));
  if (look->centre != NULL) s->soft = tape_alloc(tape, (size_t)look->n * (size_t)a->cols, sizeof(real));
  for (int r = 0; r < look->n; r++) {
    forward_row(s, r);
    for (int h = 0; h < heads && s->soft != NULL; h++) bend_head(s, r, h * longest + look->low[r]);
  }
  tape_push(tape, "softmax", backward, s);
}

static void run_case(GradEnv *env, const AttendKind *kind, bool centred) {
  AttendCase c = attend_case_open(env, kind, 1);
  int cols = kind->heads * c.places->longest;
  if (centred) c.look->centre = gradcheck_input(env, 5, 1, 2);
  Tensor *e = gradcheck_input(env, 5, cols, 2), *a = tape_tensor(&env->tape, 5, cols);
  op_softmax(&env->tape, c.places, c.look, e, kind->heads, (real)1.5, a);
  gradcheck_output(env, a);
}

static void case_plain(GradEnv *env, void *ctx) { run_case(env, ctx, false); }
static void case_centred(GradEnv *env, void *ctx) { run_case(env, ctx, true); }

static void check(GradEnv *env) {
  attend_case_each(env, "softmax", case_plain);
  attend_case_each(env, "softmax with a centre", case_centred);
}

const OpDef op_softmax_def = {"softmax", check};
