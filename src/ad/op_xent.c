#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/blas.h"
#include "num/vec.h"

enum { BLOCK_ROWS = 256 };

typedef struct Xent {
  Tensor x;
  real *dx; /* [N,O] found while the logits were at hand */
} Xent;

static void backward(void *saved) {
  Xent *xent = saved;
  for (int r = 0; r < xent->x.rows; r++)
    vec_add(tensor_grad_row(&xent->x, r), xent->dx + (size_t)r * (size_t)xent->x.cols, (size_t)xent->x.cols);
}

/* -sum_v q_v log p_v = log Z - (1 - eps) logit_target - eps mean(logit). The row becomes p. */
static double row_loss(real *logit, int n_vocab, int target, double smoothing, double *smoothed) {
  double at_target = (double)logit[target];
  double mean = smoothing > 0 ? (double)vec_sum(logit, (size_t)n_vocab) / n_vocab : 0;
  double log_z = (double)vec_softmax(logit, logit, (size_t)n_vocab);
  *smoothed += log_z - (1 - smoothing) * at_target - smoothing * mean;
  return log_z - at_target;
}

/* p becomes scale (p - q). */
static void row_gradient(real *p, int n_vocab, int target, const XentOptions *o) {
  real scale = (real)o->scale, base = (real)(o->scale * o->smoothing / n_vocab);
  for (int v = 0; v < n_vocab; v++) p[v] = scale * p[v] - base;
  p[target] -= (real)(o->scale * (1 - o->smoothing));
}

/* Rows of one block, from their probabilities: their gradients, and what they add to those of W, b and x. */
static void block_gradient(const Tensor *x, Tensor *w, Tensor *b, real *p, const int32_t *targets, const XentOptions *o,
                           real *dx) {
  int n = x->rows, v = w->rows;
  for (int r = 0; r < n; r++) row_gradient(p + (size_t)r * (size_t)v, v, targets[r], o);
  blas_gemm_nn(n, x->cols, v, p, v, w->x, w->ld, 0, dx, x->cols);
  if (w->g != NULL) blas_gemm_tn(v, x->cols, n, p, v, x->x, x->ld, 1, w->g, w->ld);
  for (int r = 0; r < n && b->g != NULL; r++) vec_add(b->g, p + (size_t)r * (size_t)v, (size_t)v);
}

XentLoss op_xent(Tape *tape, const Tensor *x, Tensor *w, Tensor *b, const int32_t *targets, XentOptions options,
                 float *logprob) {
  CHECK(x->cols == w->cols && b->cols == w->rows, "xent: x [%d,%d] against W [%d,%d]", x->rows, x->cols, w->rows,
        w->cols);
  int v = w->rows;
  XentLoss sum = {0, 0};
  real *dx = tape->recording ? tape_alloc(tape, (size_t)x->rows * (size_t)x->cols, sizeof(real)) : NULL;
  ArenaMark mark = arena_mark(tape->arena);
  int block = x->rows < BLOCK_ROWS ? x->rows : BLOCK_ROWS;
  real *logits = tape_alloc(tape, (size_t)block * (size_t)v, sizeof(real));
  for (int at = 0; at < x->rows; at += block) {
    int n = x->rows - at < block ? x->rows - at : block;
    Tensor part = tensor_rows(x, at, n);
    for (int r = 0; r < n; r++) memcpy(logits + (size_t)r * (size_t)v, b->x, (size_t)v * sizeof(real));
    blas_gemm_nt(n, v, x->cols, part.x, part.ld, w->x, w->ld, 1, logits, v);
    for (int r = 0; r < n; r++) {
      double loss = row_loss(logits + (size_t)r * (size_t)v, v, targets[at + r], options.smoothing, &sum.smoothed);
      sum.loss += loss;
      if (logprob != NULL) logprob[at + r] = (float)-loss;
    }
    if (dx != NULL) block_gradient(&part, w, b, logits, targets + at, &options, dx + (size_t)at * (size_t)x->cols);
  }
  arena_rewind(tape->arena, mark);
  if (dx == NULL) return sum;
  Xent *xent = tape_alloc(tape, 1, sizeof *xent);
  *xent = (Xent){*x, dx};
  tape_push(tape, "xent", backward, xent);
  return sum;
}

static void case_one(GradEnv *env, void *ctx) {
  static const int32_t targets[] = {2, 0, 4};
  XentOptions options = {.smoothing = ctx == NULL ? 0 : 0.1, .scale = 0.7};
  Tensor *x = gradcheck_input(env, 3, 4, 2), *w = gradcheck_input(env, 5, 4, 1), *b = gradcheck_input(env, 1, 5, 1);
  XentLoss loss = op_xent(&env->tape, x, w, b, targets, options, NULL);
  gradcheck_add(env, options.scale * loss.smoothed);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "xent", case_one, NULL);
  gradcheck_run(env, "xent smoothed", case_one, env);
}

const OpDef op_xent_def = {"xent", check};
