#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/blas.h"
#include "num/vec.h"

enum { BLOCK_PARTS = 256 };

typedef struct Mixture {
  const Mixed *mixed;
  Tensor x;
  real *dx;     /* [n,O] found while the logits were at hand */
  real *change; /* [n] the gradient of each part's score */
} Mixture;

/* The layer and what is wanted of it. */
typedef struct Layer {
  Tensor *w, *b;
  const int32_t *targets;
  const XentOptions *options;
  Mixture *out;
  double *log_a, *at_target, *at_mean; /* [parts of a row] of the row at hand */
} Layer;

static void backward(void *saved) {
  const Mixture *m = saved;
  for (int k = 0; k < m->x.rows; k++)
    vec_add(tensor_grad_row(&m->x, k), m->dx + (size_t)k * (size_t)m->x.cols, (size_t)m->x.cols);
  for (int r = 0; r < m->mixed->scores->rows; r++)
    for (int k = m->mixed->first[r]; k < m->mixed->first[r + 1]; k++)
      tensor_grad_row(m->mixed->scores, r)[m->mixed->position[k]] += m->change[k];
}

static double log_sum_exp(const double *x, int n) {
  double most = -(double)INFINITY, sum = 0;
  for (int i = 0; i < n; i++)
    if (!(x[i] <= most)) most = x[i];
  if (most == -(double)INFINITY) return most;
  for (int i = 0; i < n; i++) sum += exp(x[i] - most);
  return most + log(sum);
}

void op_mixture_weights(const Mixed *mixed, int r, double *log_a) {
  int first = mixed->first[r], n = mixed->first[r + 1] - first;
  for (int i = 0; i < n; i++) log_a[i] = (double)tensor_row(mixed->scores, r)[mixed->position[first + i]];
  double log_z = log_sum_exp(log_a, n);
  for (int i = 0; i < n; i++) log_a[i] -= log_z;
}

/* log p of part i's target, and with smoothing of its smoothed target, join log a_i. The logits become p_i. */
static void part_loss(const Layer *l, int i, real *logit, int target) {
  int n_vocab = l->w->rows;
  double eps = l->options->smoothing, at_target = (double)logit[target];
  double mean = eps > 0 ? (double)vec_sum(logit, (size_t)n_vocab) / n_vocab : 0;
  double log_z = (double)vec_softmax(logit, logit, (size_t)n_vocab);
  l->at_target[i] = l->log_a[i] + at_target - log_z;
  l->at_mean[i] = l->log_a[i] + (1 - eps) * at_target + eps * mean - log_z;
}

/* p becomes scale r (p - q) */
static void part_gradient(const Layer *l, real *p, int target, double r) {
  const XentOptions *o = l->options;
  int n_vocab = l->w->rows;
  real scale = (real)(o->scale * r), base = (real)(o->scale * r * o->smoothing / n_vocab);
  for (int v = 0; v < n_vocab; v++) p[v] = scale * p[v] - base;
  p[target] -= (real)(o->scale * r * (1 - o->smoothing));
}

/* Row r, whose parts' logits begin at row `at` of the block. With a gradient wanted they become it. Gives log p. */
static double row_loss(const Layer *l, const Tensor *logits, int at, int r, double *smoothed) {
  const Mixed *m = l->out->mixed;
  int first = m->first[r], n = m->first[r + 1] - first, target = l->targets[r];
  op_mixture_weights(m, r, l->log_a);
  for (int i = 0; i < n; i++) part_loss(l, i, tensor_row(logits, at + i), target);
  double all = log_sum_exp(l->at_mean, n);
  *smoothed -= all;
  for (int i = 0; i < n && l->out->dx != NULL; i++) {
    double share = exp(l->at_mean[i] - all);
    part_gradient(l, tensor_row(logits, at + i), target, share);
    l->out->change[first + i] = (real)(l->options->scale * (exp(l->log_a[i]) - share));
  }
  return log_sum_exp(l->at_target, n);
}

static void block_gradient(const Layer *l, const Tensor *x, const Tensor *p, const Tensor *dx) {
  op_linear_product_back(p, l->w, false, dx);
  if (l->w->g != NULL) blas_gemm_tn(p->cols, x->cols, p->rows, p->x, p->ld, x->x, x->ld, 1, l->w->g, l->w->ld);
  for (int k = 0; k < p->rows && l->b->g != NULL; k++) vec_add(l->b->g, tensor_row(p, k), (size_t)p->cols);
}

/* The end of the block of whole rows from r on: as many as there is room for, one at least. */
static int block_end(const Mixed *m, int n_rows, int r) {
  int end = r + 1;
  while (end < n_rows && m->first[end + 1] - m->first[r] <= BLOCK_PARTS) end++;
  return end;
}

static int most_parts(const Mixed *m, int n_rows, bool blocks) {
  int most = 1;
  for (int r = 0, end; r < n_rows; r = end) {
    end = blocks ? block_end(m, n_rows, r) : r + 1;
    if (m->first[end] - m->first[r] > most) most = m->first[end] - m->first[r];
  }
  return most;
}

XentLoss op_mixture(Tape *tape, const Mixed *mixed, const Tensor *x, Tensor *w, Tensor *b, const int32_t *targets,
                    XentOptions options, float *logprob) {
  CHECK(x->rows == mixed->n && x->cols == w->cols && b->cols == w->rows,
        "mixture: x [%d,%d] of %d parts against W [%d,%d]", x->rows, x->cols, mixed->n, w->rows, w->cols);
  XentLoss sum = {0, 0};
  int n_rows = mixed->scores->rows, v = w->rows;
  Mixture *m = tape_alloc(tape, 1, sizeof *m);
  *m = (Mixture){.mixed = mixed, .x = *x};
  if (tape->recording) m->dx = tape_alloc(tape, (size_t)x->rows * (size_t)x->cols, sizeof(real));
  if (tape->recording) m->change = tape_alloc(tape, (size_t)x->rows, sizeof(real));
  ArenaMark mark = arena_mark(tape->arena);
  size_t most = (size_t)most_parts(mixed, n_rows, false);
  double *three = tape_alloc(tape, 3 * most, sizeof *three);
  const Layer layer = {w, b, targets, &options, m, three, three + most, three + 2 * most};
  real *room = tape_scratch(tape, (size_t)most_parts(mixed, n_rows, true) * (size_t)v, sizeof(real));
  for (int r = 0, end; r < n_rows; r = end) {
    int at = mixed->first[r], n;
    end = block_end(mixed, n_rows, r);
    n = mixed->first[end] - at;
    Tensor part = tensor_rows(x, at, n);
    Tensor logits = {.x = room, .g = room, .rows = n, .cols = v, .ld = v}; /* they become their gradient */
    op_linear_product(&part, w, b, &logits);
    for (int k = r; k < end; k++) {
      double log_p = row_loss(&layer, &logits, mixed->first[k] - at, k, &sum.smoothed);
      sum.loss -= log_p;
      if (logprob != NULL) logprob[k] = (float)log_p;
    }
    if (m->dx == NULL) continue;
    Tensor back = {.g = m->dx + (size_t)at * (size_t)x->cols, .rows = n, .cols = x->cols, .ld = x->cols};
    block_gradient(&layer, &part, &logits, &back);
  }
  arena_rewind(tape->arena, mark);
  tape_push(tape, "mixture", backward, m);
  return sum;
}

/* Rows of three parts, of one, and of two that leave positions out. */
static void case_one(GradEnv *env, void *ctx) {
  static const int first[] = {0, 3, 4, 6}, position[] = {0, 1, 2, 1, 0, 3};
  static const int32_t targets[] = {2, 0, 4};
  XentOptions options = {.smoothing = ctx == NULL ? 0 : 0.1, .scale = 0.7};
  Mixed *mixed = tape_alloc(&env->tape, 1, sizeof *mixed);
  const Tensor *scores = gradcheck_input(env, 3, 4, 2);
  *mixed = (Mixed){6, first, position, scores};
  Tensor *x = gradcheck_input(env, 6, 4, 2), *w = gradcheck_input(env, 5, 4, 1), *b = gradcheck_input(env, 1, 5, 1);
  XentLoss loss = op_mixture(&env->tape, mixed, x, w, b, targets, options, NULL);
  gradcheck_add(env, options.scale * loss.smoothed);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "mixture", case_one, NULL);
  gradcheck_run(env, "mixture smoothed", case_one, env);
}

const OpDef op_mixture_def = {"mixture", check};
