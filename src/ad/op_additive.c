#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Additive {
  const Memory *m;
  const Look *look;
  Tensor q, keys, v, w, e; /* w.x NULL without coverage */
  real *sum, *d_sum;       /* [A] q + C_i w of one position, and its gradient */
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
static void backward(void *saved) {
  Additive *a = saved;
  for (int r = 0; r < a->look->n; r++) {
    int first = a->m->start[a->look->sentence[r]];
    for (int i = a->look->low[r]; i < a->look->high[r]; i++) {
      real *d_query = a->w.x == NULL ? tensor_grad_row(&a->q, r) : a->d_sum;
      vec_tanh_dot_backward(a->v.x, query(a, r, i), tensor_row(&a->keys, first + i), tensor_grad_row(&a->e, r)[i],
                            a->v.g, d_query, tensor_grad_row(&a->keys, first + i), (size_t)a->q.cols);
      if (a->w.x != NULL) backward_query(a, r, i);
    }
  }
}

Tensor *op_additive(Tape *tape, const Memory *m, const Look *look, const Tensor *q, const Tensor *keys, const Tensor *v,
                    const Tensor *w) {
  CHECK(q->cols == keys->cols && v->cols == q->cols, "additive: q %d, keys %d, v %d", q->cols, keys->cols, v->cols);
  CHECK(w == NULL || (w->cols == q->cols && look->covered.cols == m->longest), "additive: w %d, covered %d", w->cols,
        look->covered.cols);
  Tensor *e = tape_tensor(tape, look->n, m->longest);
  Additive *a = tape_alloc(tape, 1, sizeof *a);
  *a = (Additive){.m = m, .look = look, .q = *q, .keys = *keys, .v = *v, .e = *e};
  if (w != NULL) {
    a->w = *w;
    a->sum = tape_alloc(tape, (size_t)q->cols, sizeof *a->sum);
    a->d_sum = arena_zero(tape->arena, (size_t)q->cols, sizeof *a->d_sum);
  }
  for (int r = 0; r < look->n; r++) {
    int first = m->start[look->sentence[r]];
    for (int i = look->low[r]; i < look->high[r]; i++)
      tensor_row(e, r)[i] = vec_tanh_dot(v->x, query(a, r, i), tensor_row(keys, first + i), (size_t)q->cols);
  }
  tape_push(tape, "additive", backward, a);
  return e;
}

typedef struct CaseOptions {
  bool windowed, covered, self;
} CaseOptions;

static void case_one(GradEnv *env, void *ctx) {
  const CaseOptions *options = ctx;
  Memory *m = attend_case_memory(env, 3);
  Look *look = attend_case_look(env, m, options->windowed);
  Tensor *q = attend_case_queries(env, m, 3, options->self), *v = gradcheck_input(env, 1, 3, 1), *w = NULL;
  if (options->covered) {
    look->covered = *gradcheck_input(env, 5, m->longest, 1);
    w = gradcheck_input(env, 1, 3, 1);
  }
  Tensor *e = op_additive(&env->tape, m, look, q, m->h, v, w);
  attend_case_scores(env, look, e);
}

static void check(GradEnv *env) {
  static const char *const names[] = {"additive",
                                      "additive windowed",
                                      "additive with coverage",
                                      "additive windowed with coverage",
                                      "additive of one tensor",
                                      "additive windowed of one tensor"};
  for (int k = 0; k < 6; k++) {
    CaseOptions options = {k & 1, k >> 1 & 1, k >> 2};
    gradcheck_run(env, names[k], case_one, &options);
  }
}

const OpDef op_additive_def = {"additive", check};
