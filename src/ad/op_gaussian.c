#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Gaussian {
  const Memory *m;
  const Look *look;
  Tensor q, keys, w, e;
} Gaussian;

/* de/dw = -w |q - k|^2, de/dk = -de/dq = w^2 (q - k) */
static void backward(void *saved) {
  Gaussian *d = saved;
  real w = d->w.x[0];
  for (int r = 0; r < d->look->n; r++) {
    int first = d->m->start[d->look->sentence[r]];
    const real *q = tensor_row(&d->q, r);
    real *dq = tensor_grad_row(&d->q, r);
    for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
      const real *k = tensor_row(&d->keys, first + i);
      real *dk = tensor_grad_row(&d->keys, first + i), g = tensor_grad_row(&d->e, r)[i];
      d->w.g[0] -= g * w * vec_distance(q, k, (size_t)d->q.cols);
      for (int c = 0; c < d->q.cols; c++) {
        real step = g * w * w * (q[c] - k[c]);
        dq[c] -= step;
        dk[c] += step;
      }
    }
  }
}

Tensor *op_gaussian(Tape *tape, const Memory *m, const Look *look, const Tensor *q, const Tensor *keys,
                    const Tensor *w) {
  CHECK(q->cols == keys->cols, "gaussian: queries of %d, keys of %d", q->cols, keys->cols);
  Tensor *e = tape_tensor(tape, look->n, m->longest);
  for (int r = 0; r < look->n; r++) {
    int first = m->start[look->sentence[r]];
    for (int i = look->low[r]; i < look->high[r]; i++)
      tensor_row(e, r)[i] =
          (real)-0.5 * w->x[0] * w->x[0] * vec_distance(tensor_row(q, r), tensor_row(keys, first + i), (size_t)q->cols);
  }
  Gaussian *d = tape_alloc(tape, 1, sizeof *d);
  *d = (Gaussian){m, look, *q, *keys, *w, *e};
  tape_push(tape, "gaussian", backward, d);
  return e;
}

typedef struct CaseOptions {
  bool windowed, self;
} CaseOptions;

static void case_one(GradEnv *env, void *ctx) {
  const CaseOptions *options = ctx;
  Memory *m = attend_case_memory(env, 3);
  Look *look = attend_case_look(env, m, options->windowed);
  Tensor *q = attend_case_queries(env, m, 3, options->self), *w = gradcheck_input(env, 1, 1, 1);
  Tensor *e = op_gaussian(&env->tape, m, look, q, m->h, w);
  attend_case_scores(env, look, e);
}

static void check(GradEnv *env) {
  static const char *const names[] = {"gaussian", "gaussian windowed", "gaussian of one tensor"};
  for (int k = 0; k < 3; k++) {
    CaseOptions options = {k == 1, k == 2};
    gradcheck_run(env, names[k], case_one, &options);
  }
}

const OpDef op_gaussian_def = {"gaussian", check};
