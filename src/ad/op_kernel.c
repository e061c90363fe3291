#include <math.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct KernelRun {
  const Places *places;
  const Look *look;
  Kernel kernel;
  Tensor q, keys, w, e;
} KernelRun;

/* log K(u) of u^2; -inf out of reach. */
static real log_kernel(KernelKind kind, real square) {
  if (square > 1 || (square == 1 && kind != KERNEL_boxcar)) return -(real)INFINITY;
  if (kind == KERNEL_boxcar) return 0;
  double falls = kind == KERNEL_triangular ? sqrt((double)square) : (double)square;
  return (real)log1p(-falls);
}

/* d log K / d(u^2) of a position in reach; 0 where a triangle has its top. */
static real slope(KernelKind kind, real square) {
  if (kind == KERNEL_epanechnikov) return -1 / (1 - square);
  double u = sqrt((double)square);
  return u > 0 ? (real)(-0.5 / (u * (1 - u))) : 0;
}

typedef struct KernelHead {
  const real *q;
  int row, h; /* of the queries, and which head */
} KernelHead;

/* u^2 of position i. */
static real square_of(const KernelRun *d, const KernelHead *at, int i) {
  int n = d->q.cols / d->kernel.heads;
  const real *key = tensor_row(&d->keys, places_row(d->places, d->look->sentence[at->row], i)) + at->h * n;
  return d->w.x[at->h] * d->w.x[at->h] * vec_distance(at->q, key, (size_t)n);
}

static KernelHead head_at(const KernelRun *d, int r, int h) {
  return (KernelHead){tensor_row(&d->q, r) + h * (d->q.cols / d->kernel.heads), r, h};
}

/* g: the gradient of e_i, whose u^2 is w^2 |q - k|^2 = square. */
static void backward_position(const KernelRun *d, const KernelHead *at, int i, real g, real square) {
  int n = d->q.cols / d->kernel.heads, row = places_row(d->places, d->look->sentence[at->row], i);
  const real *k = tensor_row(&d->keys, row) + at->h * n;
  real *dq = tensor_grad_row(&d->q, at->row) + at->h * n, *dk = tensor_grad_row(&d->keys, row) + at->h * n;
  real w = d->w.x[at->h], step = g * slope(d->kernel.kind, square);
  if (w != 0) d->w.g[at->h] += 2 * step * square / w;
  for (int c = 0; c < n; c++) {
    real move = 2 * step * w * w * (at->q[c] - k[c]);
    dq[c] += move;
    dk[c] -= move;
  }
}

/* What is out of reach has no gradient, the nearest of nothing in reach neither. */
static void backward(void *saved) {
  const KernelRun *d = saved;
  if (d->kernel.kind == KERNEL_boxcar) return;
  for (int r = 0; r < d->look->n; r++)
    for (int h = 0; h < d->kernel.heads; h++) {
      KernelHead at = head_at(d, r, h);
      for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
        real square = square_of(d, &at, i);
        if (square < 1) backward_position(d, &at, i, tensor_grad_row(&d->e, r)[h * d->places->longest + i], square);
      }
    }
}

static void forward_head(const KernelRun *d, const KernelHead *at, real *e) {
  int low = d->look->low[at->row], nearest = low;
  real least = (real)INFINITY;
  for (int i = low; i < d->look->high[at->row]; i++) {
    real square = square_of(d, at, i);
    e[i] = log_kernel(d->kernel.kind, square);
    if (square < least) nearest = i;
    if (square < least) least = square;
  }
  if (!isfinite(e[nearest])) e[nearest] = 0;
}

Tensor *op_kernel(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys,
                  const Kernel *kernel) {
  int heads = kernel->heads;
  CHECK(q->cols == keys->cols && q->cols % heads == 0 && kernel->width->cols == heads,
        "kernel: queries of %d, keys of %d, %d widths, %d heads", q->cols, keys->cols, kernel->width->cols, heads);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  KernelRun *d = tape_alloc(tape, 1, sizeof *d);
  *d = (KernelRun){places, look, *kernel, *q, *keys, *kernel->width, *e};
  for (int r = 0; r < look->n; r++)
    for (int h = 0; h < heads; h++) {
      KernelHead at = head_at(d, r, h);
      forward_head(d, &at, tensor_row(e, r) + h * places->longest);
    }
  tape_push(tape, "kernel", backward, d);
  return e;
}

/* Weights, for scores of -inf have no differences. Some rows have nothing in reach. */
static void run_case(GradEnv *env, const AttendKind *kind, KernelKind shape) {
  AttendCase c = attend_case_open(env, kind, 3);
  const Tensor *w = gradcheck_input(env, 1, kind->heads, 1.2);
  const Kernel kernel = {shape, kind->heads, w};
  Tensor *e = op_kernel(&env->tape, c.places, c.look, c.queries, c.states, &kernel);
  Tensor *a = tape_tensor(&env->tape, e->rows, e->cols);
  op_softmax(&env->tape, c.places, c.look, e, kind->heads, 1, a);
  gradcheck_output(env, a);
}

static void case_boxcar(GradEnv *env, void *ctx) { run_case(env, ctx, KERNEL_boxcar); }
static void case_triangular(GradEnv *env, void *ctx) { run_case(env, ctx, KERNEL_triangular); }
static void case_epanechnikov(GradEnv *env, void *ctx) { run_case(env, ctx, KERNEL_epanechnikov); }

static void check(GradEnv *env) {
  attend_case_each(env, "boxcar", case_boxcar);
  attend_case_each(env, "triangular", case_triangular);
  attend_case_each(env, "epanechnikov", case_epanechnikov);
}

const OpDef op_kernel_def = {"kernel", check};
