#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Dot {
  const Places *places;
  const Look *look;
  Tensor q, keys, e;
  int heads;
  real scale;
} Dot;

static void backward_row(const Dot *d, int r) {
  size_t k = (size_t)(d->q.cols / d->heads), longest = (size_t)d->places->longest;
  const real *q = tensor_row(&d->q, r), *de = tensor_grad_row(&d->e, r);
  real *dq = tensor_grad_row(&d->q, r);
  for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
    int row = places_row(d->places, d->look->sentence[r], i);
    const real *key = tensor_row(&d->keys, row);
    real *dk = tensor_grad_row(&d->keys, row);
    for (size_t h = 0; h < (size_t)d->heads; h++) {
      real g = d->scale * de[h * longest + (size_t)i];
      vec_axpy(dq + h * k, g, key + h * k, k);
      vec_axpy(dk + h * k, g, q + h * k, k);
    }
  }
}

static void backward(void *saved) {
  const Dot *d = saved;
  for (int r = 0; r < d->look->n; r++) backward_row(d, r);
}

static void forward_row(const Dot *d, int r) {
  size_t k = (size_t)(d->q.cols / d->heads), longest = (size_t)d->places->longest;
  const real *q = tensor_row(&d->q, r);
  real *e = tensor_row(&d->e, r);
  for (int i = d->look->low[r]; i < d->look->high[r]; i++) {
    const real *key = tensor_row(&d->keys, places_row(d->places, d->look->sentence[r], i));
    for (size_t h = 0; h < (size_t)d->heads; h++)
      e[h * longest + (size_t)i] = d->scale * vec_dot(q + h * k, key + h * k, k);
  }
}

Tensor *op_dot(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
               real scale) {
  CHECK(q->cols == keys->cols && q->cols % heads == 0, "dot: queries of %d, keys of %d, %d heads", q->cols, keys->cols,
        heads);
  Dot *d = tape_alloc(tape, 1, sizeof *d);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  *d = (Dot){places, look, *q, *keys, *e, heads, scale};
  for (int r = 0; r < look->n; r++) forward_row(d, r);
  tape_push(tape, "dot", backward, d);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  Tensor *e = op_dot(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, (real)0.5);
  attend_case_scores(env, &c, e);
}

static void check(GradEnv *env) { attend_case_each(env, "dot", case_one); }

const OpDef op_dot_def = {"dot", check};
