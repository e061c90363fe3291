#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

enum { BLOCK_ROWS = 256 };

typedef struct Xent {
  Tensor x;
  Tensor dx; /* [N,O] its gradient, found while the logits were at hand */
} Xent;

static void backward(void *saved) {
  Xent *xent = saved;
  for (int r = 0; r < xent->x.rows && !tensor_in_place(&xent->x); r++)
    vec_add(tensor_grad_row(&xent->x, r), tensor_grad_row(&xent->dx, r), (size_t)xent->x.cols);
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
 * receives that of x, whose values may stand there. */
static void block_gradient(const Tensor *x, Tensor *w, Tensor *b, const Tensor *p, const int32_t *targets,
                           const XentOptions *o, const Tensor *dx) {
  for (int r = 0; r < p->rows; r++) row_gradient(tensor_row(p, r), p->cols, targets[r], o);
  op_linear_product_weights(p, x, w, b);
  op_linear_product_back(p, w, false, dx);
}

XentLoss op_xent(Tape *tape, const Tensor *x, Tensor *w, Tensor *b, const int32_t *targets, XentOptions options,
                 float *logprob) {
  CHECK(x->cols == w->cols && b->cols == w->rows, "xent: x [%d,%d] against W [%d,%d]", x->rows, x->cols, w->rows,
        w->cols);
  int v = w->rows;
  XentLoss sum = {0, 0};
  const Tensor *dx = tensor_in_place(x) ? x : tape->recording ? tape_in_place(tape, x->rows, x->cols) : NULL;
  ArenaMark mark = arena_mark(tape->arena);
  int block = x->rows < BLOCK_ROWS ? x->rows : BLOCK_ROWS;
  real *room = tape_scratch(tape, (size_t)block * (size_t)v, sizeof(real));
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
    if (!tape->recording) continue;
    Tensor back = tensor_rows(dx, at, n);
    block_gradient(&part, w, b, &logits, targets + at, &options, &back);
  }
  arena_rewind(tape->arena, mark);
  if (!tape->recording) return sum;
  Xent *xent = tape_alloc(tape, 1, sizeof *xent);
  *xent = (Xent){*x, *dx};
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

static void case_in_place(GradEnv *env, void *ctx) {
  (void)ctx;
  static const int32_t targets[] = {2, 0, 4};
  Tensor *w = gradcheck_input(env, 5, 4, 1), *b = gradcheck_input(env, 1, 5, 1), *x = tape_in_place(&env->tape, 3, 4);
  op_linear_to(op_linear_open(&env->tape, gradcheck_input(env, 4, 2, 1), NULL), gradcheck_input(env, 3, 2, 2), x);
  gradcheck_add(env, op_xent(&env->tape, x, w, b, targets, (XentOptions){0, 1}, NULL).loss);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "xent", case_one, NULL);
  gradcheck_run(env, "xent in place", case_in_place, NULL);
  gradcheck_run(env, "xent smoothed", case_one, env);
}

const OpDef op_xent_def = {"xent", check};
