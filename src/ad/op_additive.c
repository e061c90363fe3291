#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Additive {
  const Places *places;
  const Look *look;
  Tensor q, keys, v, w, e; /* w.x NULL without coverage */
  int heads;
  real *sum, *d_sum; /* [A] q + C_i w of one position, and its gradient */
} Additive;

static real covered(const Additive *a, int r, int i) { return tensor_row(&a->look->covered, r)[i]; }

/* What is added to key i for row r: q + C_i w, or q itself. */
static const real *query(const Additive *a, int r, int i) {
  const real *q = tensor_row(&a->q, r);
  if (a->w.x == NULL) return q;
  memcpy(a->sum, q, (size_t)a->q.cols * sizeof *q);
  vec_axpy(a->sum, covered(a, r, i), a->w.x, (size_t)a->q.cols);
  return a->sum;
}

/* From the gradient of q + C_i w those of q, w and C_i. */
static void backward_query(const Additive *a, int r, int i) {
  size_t n = (size_t)a->q.cols;
  vec_add(tensor_grad_row(&a->q, r), a->d_sum, n);
  vec_axpy(a->w.g, covered(a, r, i), a->d_sum, n);
  tensor_grad_row(&a->look->covered, r)[i] += vec_dot(a->w.x, a->d_sum, n);
  memset(a->d_sum, 0, n * sizeof *a->d_sum);
}

/* tanh(q + k) is computed again: cheaper than keeping N S A numbers. */
static void backward_row(const Additive *a, int r) {
  size_t k = (size_t)(a->q.cols / a->heads), longest = (size_t)a->places->longest;
  const real *de = tensor_grad_row(&a->e, r);
  for (int i = a->look->low[r]; i < a->look->high[r]; i++) {
    int row = places_row(a->places, a->look->sentence[r], i);
    const real *q = query(a, r, i), *key = tensor_row(&a->keys, row);
    real *dq = a->w.x == NULL ? tensor_grad_row(&a->q, r) : a->d_sum, *dk = tensor_grad_row(&a->keys, row);
    for (size_t h = 0, at = 0; h < (size_t)a->heads; h++, at += k)
      vec_tanh_dot_backward(a->v.x + at, q + at, key + at, de[h * longest + (size_t)i], a->v.g + at, dq + at, dk + at,
                            k);
    if (a->w.x != NULL) backward_query(a, r, i);
  }
}

static void backward(void *saved) {
  const Additive *a = saved;
  for (int r = 0; r < a->look->n; r++) backward_row(a, r);
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

Tensor *op_additive(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                    const Tensor *v, const Tensor *w) {
  CHECK(q->cols == keys->cols && v->cols == q->cols && q->cols % heads == 0, "additive: q %d, keys %d, v %d, %d heads",
        q->cols, keys->cols, v->cols, heads);
  CHECK(w == NULL || (w->cols == q->cols && look->covered.cols == places->longest && heads == 1),
        "additive: w %d, covered %d, %d heads", w->cols, look->covered.cols, heads);
  Additive *a = tape_alloc(tape, 1, sizeof *a);
  Tensor *e = tape_tensor(tape, look->n, heads * places->longest);
  *a = (Additive){.places = places, .look = look, .q = *q, .keys = *keys, .v = *v, .e = *e, .heads = heads};
  if (w != NULL) {
    a->w = *w;
    a->sum = tape_alloc(tape, (size_t)q->cols, sizeof *a->sum);
    a->d_sum = arena_zero(tape->arena, (size_t)q->cols, sizeof *a->d_sum);
  }
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

static void case_covered(GradEnv *env, void *ctx) {
  AttendKind kind = *(const AttendKind *)ctx;
  kind.heads = 1;
  AttendCase c = attend_case_open(env, &kind, 3);
  const Tensor *v = gradcheck_input(env, 1, 3, 1), *w = gradcheck_input(env, 1, 3, 1);
  c.look->covered = *gradcheck_input(env, 5, c.places->longest, 1);
  attend_case_scores(env, &c, op_additive(&env->tape, c.places, c.look, c.queries, c.states, 1, v, w));
}

static void check(GradEnv *env) {
  attend_case_each(env, "additive", case_one);
  attend_case_each(env, "additive with coverage", case_covered);
}

const OpDef op_additive_def = {"additive", check};
