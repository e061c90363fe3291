#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/blas.h"
#include "num/vec.h"

enum { BLOCK_ROWS = 256 }; /* even: both passes over a token are in one block */

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

/* Two passes over one token: p and q probabilities, apart log p - log q. Gives alpha / 2 (KL(p || q) + KL(q || p)) and
 * adds its gradients in the logits, alpha / 2 (p (apart - KL(p || q)) + p - q) and likewise, to p and q. */
static double pull_together(real *p, real *q, const real *apart, int n_vocab, double alpha) {
  real kl_p = vec_dot(p, apart, (size_t)n_vocab), kl_q = -vec_dot(q, apart, (size_t)n_vocab);
  real half = (real)(0.5 * alpha);
  for (int v = 0; v < n_vocab; v++) {
    real p_v = p[v], q_v = q[v], gap = p_v - q_v;
    p[v] += half * (p_v * (apart[v] - kl_p) + gap);
    q[v] += half * (q_v * (-apart[v] - kl_q) - gap);
  }
  return (double)(half * (kl_p + kl_q));
}

/* Rows of one block: logits become probabilities, or with R-Drop what of them row_gradient is to start from. apart [V]
 * is room for R-Drop. */
static void block_loss(const Tensor *logits, const int32_t *targets, const XentOptions *o, real *apart, double *loss,
                       double *smoothed) {
  int v = logits->cols, passes = o->r_drop > 0 ? 2 : 1;
  for (int r = 0; r < logits->rows; r += passes) {
    real *p = tensor_row(logits, r), *q = tensor_row(logits, r + passes - 1);
    for (int k = 0; passes == 2 && k < v; k++) apart[k] = p[k] - q[k];
    for (int k = 0; k < passes; k++)
      loss[r + k] = row_loss(tensor_row(logits, r + k), v, targets[r + k], o->smoothing, smoothed);
    if (passes == 1) continue;
    real shift = (real)(loss[r + 1] - loss[r]) - apart[targets[r]]; /* log Z of q - log Z of p */
    for (int k = 0; k < v; k++) apart[k] += shift;
    *smoothed += pull_together(p, q, apart, v, o->r_drop);
  }
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
  CHECK(options.r_drop == 0 || x->rows % 2 == 0, "xent: %d rows are not two passes", x->rows);
  int v = w->rows;
  XentLoss sum = {0, 0};
  real *dx = tape->recording ? tape_alloc(tape, (size_t)x->rows * (size_t)x->cols, sizeof(real)) : NULL;
  ArenaMark mark = arena_mark(tape->arena);
  int block = x->rows < BLOCK_ROWS ? x->rows : BLOCK_ROWS;
  real *room = tape_alloc(tape, (size_t)block * (size_t)v, sizeof(real));
  real *apart = options.r_drop > 0 ? tape_alloc(tape, (size_t)v, sizeof(real)) : NULL;
  double *loss = tape_alloc(tape, (size_t)block, sizeof *loss);
  for (int at = 0; at < x->rows; at += block) {
    int n = x->rows - at < block ? x->rows - at : block;
    Tensor part = tensor_rows(x, at, n);
    Tensor logits = {.x = room, .g = room, .rows = n, .cols = v, .ld = v}; /* they become their gradient */
    for (int r = 0; r < n; r++) memcpy(tensor_row(&logits, r), b->x, (size_t)v * sizeof(real));
    op_linear_product(&part, w, true, &logits);
    block_loss(&logits, targets + at, &options, apart, loss, &sum.smoothed);
    for (int r = 0; r < n; r++) {
      sum.loss += loss[r];
      if (logprob != NULL) logprob[at + r] = (float)-loss[r];
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
  static const int32_t targets[] = {2, 2, 0, 0};
  const XentOptions *options = ctx;
  Tensor *x = gradcheck_input(env, 4, 4, 2), *w = gradcheck_input(env, 5, 4, 1), *b = gradcheck_input(env, 1, 5, 1);
  XentLoss loss = op_xent(&env->tape, x, w, b, targets, *options, NULL);
  gradcheck_add(env, options->scale * loss.smoothed);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "xent", case_one, &(XentOptions){.scale = 0.7});
  gradcheck_run(env, "xent smoothed", case_one, &(XentOptions){.smoothing = 0.1, .scale = 0.7});
  gradcheck_run(env, "xent r_drop", case_one, &(XentOptions){.smoothing = 0.1, .scale = 0.7, .r_drop = 3});
}

const OpDef op_xent_def = {"xent", check};
