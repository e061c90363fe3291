#include <math.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/softplus.h"
#include "num/vec.h"

typedef struct Cosine {
  const Places *places;
  const Look *look;
  Tensor q, keys, strength, e;
  int heads, size; /* of a head */
} Cosine;

/* Lengths whose product is less are those of a vector without direction. */
static const real SHORTEST = (real)1e-8;

/* 1 / (|q| |k|), 0 where one has no direction. */
static real inverse(const Cosine *c, const real *q, const real *k) {
  real product = (real)sqrt((double)(vec_dot(q, q, (size_t)c->size) * vec_dot(k, k, (size_t)c->size)));
  return product < SHORTEST ? 0 : 1 / product;
}

/* One head of one position, g = de: of e = beta q . k / (|q| |k|), de/dq = beta (k / (|q| |k|) - cos q / |q|^2). */
static void backward_head(const Cosine *c, int r, int h, int row, real g) {
  size_t n = (size_t)c->size, at = (size_t)h * n;
  const real *q = tensor_row(&c->q, r) + at, *k = tensor_row(&c->keys, row) + at;
  real one = inverse(c, q, k), cosine = one * vec_dot(q, k, n), u = tensor_row(&c->strength, r)[h];
  if (one == 0) return;
  tensor_grad_row(&c->strength, r)[h] += g * cosine * softplus_slope(u);
  g *= softplus(u);
  real *dq = tensor_grad_row(&c->q, r) + at, *dk = tensor_grad_row(&c->keys, row) + at;
  vec_axpy(dq, g * one, k, n);
  vec_axpy(dq, -g * cosine / vec_dot(q, q, n), q, n);
  vec_axpy(dk, g * one, q, n);
  vec_axpy(dk, -g * cosine / vec_dot(k, k, n), k, n);
}

static void backward(void *saved) {
  const Cosine *c = saved;
  for (int r = 0; r < c->look->n; r++)
    for (int i = c->look->low[r]; i < c->look->high[r]; i++)
      for (int h = 0; h < c->heads; h++)
        backward_head(c, r, h, places_row(c->places, c->look->sentence[r], i),
                      tensor_grad_row(&c->e, r)[h * c->places->longest + i]);
}

static void forward_row(const Cosine *c, int r) {
  real *e = tensor_row(&c->e, r);
  for (int h = 0; h < c->heads; h++) {
    const real *q = tensor_row(&c->q, r) + h * c->size;
    real beta = softplus(tensor_row(&c->strength, r)[h]);
    for (int i = c->look->low[r]; i < c->look->high[r]; i++) {
      const real *k = tensor_row(&c->keys, places_row(c->places, c->look->sentence[r], i)) + h * c->size;
      e[h * c->places->longest + i] = beta * inverse(c, q, k) * vec_dot(q, k, (size_t)c->size);
    }
  }
}

Tensor *op_cosine(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                  const Tensor *strength) {
  CHECK(q->cols == keys->cols && q->cols % heads == 0 && strength->cols == heads,
        "cosine: queries of %d, keys of %d, %d strengths, %d heads", q->cols, keys->cols, strength->cols, heads);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  Cosine *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Cosine){places, look, *q, *keys, *strength, *e, heads, q->cols / heads};
  for (int r = 0; r < look->n; r++) forward_row(c, r);
  tape_push(tape, "cosine", backward, c);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  const Tensor *u = gradcheck_input(env, 5, c.kind.heads, 2);
  attend_case_scores(env, &c, op_cosine(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, u));
}

static void check(GradEnv *env) { attend_case_each(env, "cosine", case_one); }

const OpDef op_cosine_def = {"cosine", check};
