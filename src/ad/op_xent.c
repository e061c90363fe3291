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

/* Rows of one block, from their probabilities p: their gradients, in place, and what they add to those of W and b; dx
 * receives that of x. */
static void block_gradient(const Tensor *x, Tensor *w, Tensor *b, const Tensor *p, const int32_t *targets,
                           const XentOptions *o, const Tensor *dx) {
  for (int r = 0; r < p->rows; r++) row_gradient(tensor_row(p, r), p->cols, targets[r], o);
  op_linear_product_back(p, w, false, dx);
  if (w->g != NULL) blas_gemm_tn(p->cols, x->cols, p->rows, p->x, p->ld, x->x, x->ld, 1, w->g, w->ld);
  for (int r = 0; r < p->rows && b->g != NULL; r++) vec_add(b->g, tensor_row(p, r), (size_t)p->cols);
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
  real *room = tape_alloc(tape, (size_t)block * (size_t)v, sizeof(real));
  for (int at = 0; at < x->rows; at += block) {
    int n = x->rows - at < block ? x->rows - at : block;
    Tensor part = tensor_rows(x, at, n);
    Tensor logits = {.x = room, .g = room, .rows = n, .cols = v, .ld = v}; /* they become their gradient */
    op_linear_product(&part, w, b, &logits);
    for (int r = 0; r < n; r++) {
      double loss = row_loss(tensor_row(&logits, r), v, targets[at + r], options.smoothing, &sum.smoothed);
      sum.loss += loss;
      if (logprob != NULL) logprob[at + r] = (float)-loss;
    }
    if (dx == NULL) continue;
    Tensor back = {.g = dx + (size_t)at * (size_t)x->cols, .rows = n, .cols = x->cols, .ld = x->cols};
    block_gradient(&part, w, b, &logits, targets + at, &options, &back);
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
