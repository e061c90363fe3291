#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Gaussian {
  const Places *places;
  const Look *look;
  Tensor q, keys, w, e;
  int heads;
} Gaussian;

/* One head of one position: de/dw = -w |q - k|^2, de/dk = -de/dq = w^2 (q - k). */
static void backward_head(const Gaussian *d, int h, real g, const real *q, const real *k, real *dq, real *dk) {
  int n = d->q.cols / d->heads;
  real w = d->w.x[h];
  d->w.g[h] -= g * w * vec_distance(q, k, (size_t)n);
  for (int c = 0; c < n; c++) {
    real step = g * w * w * (q[c] - k[c]);
    dq[c] -= step;
    dk[c] += step;
  }
}

static void backward_row(const Gaussian *d, int r) {
  int k = d->q.cols / d->heads;
  const real *q = tensor_row(&d->q, r), *de = tensor_grad_row(&d->e, r);
  real *dq = tensor_grad_row(&d->q, r);
  for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
    int row = places_row(d->places, d->look->sentence[r], i);
    const real *key = tensor_row(&d->keys, row);
    real *dk = tensor_grad_row(&d->keys, row);
    for (int h = 0; h < d->heads; h++)
      backward_head(d, h, de[h * d->places->longest + i], q + h * k, key + h * k, dq + h * k, dk + h * k);
  }
}

static void backward(void *saved) {
  const Gaussian *d = saved;
  for (int r = 0; r < d->look->n; r++) backward_row(d, r);
}

static void forward_row(const Gaussian *d, int r) {
  int k = d->q.cols / d->heads;
  const real *q = tensor_row(&d->q, r), *w = d->w.x;
  for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
    const real *key = tensor_row(&d->keys, places_row(d->places, d->look->sentence[r], i));
    for (int h = 0; h < d->heads; h++)
      tensor_row(&d->e, r)[h * d->places->longest + i] =
          (real)-0.5 * w[h] * w[h] * vec_distance(q + h * k, key + h * k, (size_t)k);
  }
}

Tensor *op_gaussian(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                    const Tensor *w) {
  CHECK(q->cols == keys->cols && q->cols % heads == 0 && w->cols == heads,
        "gaussian: queries of %d, keys of %d, %d widths, %d heads", q->cols, keys->cols, w->cols, heads);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  Gaussian *d = tape_alloc(tape, 1, sizeof *d);
  *d = (Gaussian){places, look, *q, *keys, *w, *e, heads};
  for (int r = 0; r < look->n; r++) forward_row(d, r);
  tape_push(tape, "gaussian", backward, d);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  const Tensor *w = gradcheck_input(env, 1, c.kind.heads, 1);
  Tensor *e = op_gaussian(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, w);
  attend_case_scores(env, &c, e);
}

static void check(GradEnv *env) { attend_case_each(env, "gaussian", case_one); }

const OpDef op_gaussian_def = {"gaussian", check};
