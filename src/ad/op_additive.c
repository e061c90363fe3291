#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Additive {
  const Places *places;
  const Look *look;
  Tensor q, keys, v, e;
  int heads;
  int n_term;        /* K; 0: without the term */
  Tensor f, u;       /* of the term */
  Tensor turned;     /* [K,A] u with a row for each of the K */
  real *sum, *d_sum; /* [A] q + U f_i of one position, and its gradient */
} Additive;

/* What is added to key i for row r: q + U f_i, or q itself. */
static const real *query(const Additive *a, int r, int i) {
  const real *q = tensor_row(&a->q, r);
  if (a->n_term == 0) return q;
  memcpy(a->sum, q, (size_t)a->q.cols * sizeof *q);
  for (int k = 0; k < a->n_term; k++)
    vec_axpy(a->sum, tensor_row(&a->f, r)[i * a->n_term + k], tensor_row(&a->turned, k), (size_t)a->q.cols);
  return a->sum;
}

/* From the gradient of q + U f_i those of q, U and f_i. */
static void backward_query(const Additive *a, int r, int i) {
  size_t n = (size_t)a->q.cols;
  vec_add(tensor_grad_row(&a->q, r), a->d_sum, n);
  for (int k = 0, at = i * a->n_term; k < a->n_term; k++, at++) {
    vec_axpy(tensor_grad_row(&a->turned, k), tensor_row(&a->f, r)[at], a->d_sum, n);
    tensor_grad_row(&a->f, r)[at] += vec_dot(tensor_row(&a->turned, k), a->d_sum, n);
  }
  memset(a->d_sum, 0, n * sizeof *a->d_sum);
}

/* tanh(q + k) is computed again: cheaper than keeping N S A numbers. */
static void backward_row(const Additive *a, int r) {
  size_t k = (size_t)(a->q.cols / a->heads), longest = (size_t)a->places->longest;
  const real *de = tensor_grad_row(&a->e, r);
  for (int i = a->look->low[r]; i < a->look->high[r]; i++) {
    int row = places_row(a->places, a->look->sentence[r], i);
    const real *q = query(a, r, i), *key = tensor_row(&a->keys, row);
    real *dq = a->n_term == 0 ? tensor_grad_row(&a->q, r) : a->d_sum, *dk = tensor_grad_row(&a->keys, row);
    for (size_t h = 0, at = 0; h < (size_t)a->heads; h++, at += k)
      vec_tanh_dot_backward(a->v.x + at, q + at, key + at, de[h * longest + (size_t)i], a->v.g + at, dq + at, dk + at,
                            k);
    if (a->n_term > 0) backward_query(a, r, i);
  }
}

static void backward(void *saved) {
  const Additive *a = saved;
  for (int r = 0; r < a->look->n; r++) backward_row(a, r);
  for (int k = 0; a->n_term > 1 && k < a->n_term; k++)
    for (int j = 0; j < a->u.rows; j++) tensor_grad_row(&a->u, j)[k] += tensor_grad_row(&a->turned, k)[j];
}

static void forward_row(const Additive *a, int r) {
  size_t k = (size_t)(a->q.cols / a->heads), longest = (size_t)a->places->longest;
  real *e = tensor_row(&a->e, r);
  for (int i = a->look->low[r]; i < a->look->high[r]; i++) {
    const real *q = query(a, r, i), *key = tensor_row(&a->keys, places_row(a->places, a->look->sentence[r], i));
    for (size_t h = 0, at = 0; h < (size_t)a->heads; h++, at += k)
      e[h * longest + (size_t)i] = vec_tanh_dot(a->v.x + at, q + at, key + at, k);
  }
}

static void open_term(Additive *a, Tape *tape, const PlaceTerm *term) {
  size_t n = (size_t)a->q.cols;
  a->n_term = term->f.cols / a->places->longest;
  CHECK(a->heads == 1 && term->f.cols == a->n_term * a->places->longest &&
            term->u.rows * term->u.cols == a->n_term * a->q.cols,
        "additive: %d numbers of %d positions times [%d,%d], %d heads", term->f.cols, a->places->longest, term->u.rows,
        term->u.cols, a->heads);
  a->f = term->f;
  a->u = a->turned = term->u;
  if (a->n_term > 1) {
    a->turned = *tape_tensor(tape, a->n_term, a->q.cols);
    for (int k = 0; k < a->n_term; k++)
      for (int j = 0; j < a->q.cols; j++) tensor_row(&a->turned, k)[j] = tensor_row(&a->u, j)[k];
  }
  a->sum = tape_alloc(tape, n, sizeof *a->sum);
  a->d_sum = arena_zero(tape->arena, n, sizeof *a->d_sum);
}

Tensor *op_additive(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                    const Tensor *v, const PlaceTerm *term) {
  CHECK(q->cols == keys->cols && v->cols == q->cols && q->cols % heads == 0, "additive: q %d, keys %d, v %d, %d heads",
        q->cols, keys->cols, v->cols, heads);
  Additive *a = tape_alloc(tape, 1, sizeof *a);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  *a = (Additive){.places = places, .look = look, .q = *q, .keys = *keys, .v = *v, .e = *e, .heads = heads};
  if (term != NULL) open_term(a, tape, term);
  for (int r = 0; r < look->n; r++) forward_row(a, r);
  tape_push(tape, "additive", backward, a);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  const Tensor *v = gradcheck_input(env, 1, 3 * c.kind.heads, 1);
  Tensor *e = op_additive(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, v, NULL);
  attend_case_scores(env, &c, e);
}

/* In the place of heads the numbers a position: one, of which U may be a row, or two. */
static void case_term(GradEnv *env, void *ctx) {
  AttendKind kind = *(const AttendKind *)ctx;
  int k = kind.heads;
  kind.heads = 1;
  AttendCase c = attend_case_open(env, &kind, 3);
  const Tensor *v = gradcheck_input(env, 1, 3, 1);
  const Tensor *u = k == 1 ? gradcheck_input(env, 1, 3, 1) : gradcheck_input(env, 3, k, 1);
  const PlaceTerm term = {*gradcheck_input(env, 5, c.places->longest * k, 1), *u};
  attend_case_scores(env, &c, op_additive(&env->tape, c.places, c.look, c.queries, c.states, 1, v, &term));
}

static void check(GradEnv *env) {
  attend_case_each(env, "additive", case_one);
  attend_case_each(env, "additive with a term", case_term);
}

const OpDef op_additive_def = {"additive", check};
