#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Dot {
  const Memory *m;
  const Look *look;
  Tensor q, keys, e;
  real scale;
} Dot;

static void backward(void *saved) {
  Dot *d = saved;
  size_t k = (size_t)d->q.cols;
  for (int r = 0; r < d->look->n; r++) {
    int first = d->m->start[d->look->sentence[r]];
    for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
      real g = d->scale * tensor_grad_row(&d->e, r)[i];
      vec_axpy(tensor_grad_row(&d->q, r), g, tensor_row(&d->keys, first + i), k);
      vec_axpy(tensor_grad_row(&d->keys, first + i), g, tensor_row(&d->q, r), k);
    }
  }
}

Tensor *op_dot(Tape *tape, const Memory *m, const Look *look, const Tensor *q, const Tensor *keys, real scale) {
  CHECK(q->cols == keys->cols, "dot: queries of %d, keys of %d", q->cols, keys->cols);
  Tensor *e = tape_tensor(tape, look->n, m->longest);
  for (int r = 0; r < look->n; r++) {
    int first = m->start[look->sentence[r]];
    for (int i = look->low[r]; i < look->high[r]; i++)
      tensor_row(e, r)[i] = scale * vec_dot(tensor_row(q, r), tensor_row(keys, first + i), (size_t)q->cols);
  }
  Dot *d = tape_alloc(tape, 1, sizeof *d);
  *d = (Dot){m, look, *q, *keys, *e, scale};
  tape_push(tape, "dot", backward, d);
  return e;
}

typedef struct CaseOptions {
  bool windowed, self;
} CaseOptions;

static void case_one(GradEnv *env, void *ctx) {
  const CaseOptions *options = ctx;
  Memory *m = attend_case_memory(env, 3);
  Look *look = attend_case_look(env, m, options->windowed);
  Tensor *e = op_dot(&env->tape, m, look, attend_case_queries(env, m, 3, options->self), m->h, (real)0.5);
  attend_case_scores(env, look, e);
}

static void check(GradEnv *env) {
  static const char *const names[] = {"dot", "dot windowed", "dot of one tensor"};
  for (int k = 0; k < 3; k++) {
    CaseOptions options = {k == 1, k == 2};
    gradcheck_run(env, names[k], case_one, &options);
  }
}

const OpDef op_dot_def = {"dot", check};
