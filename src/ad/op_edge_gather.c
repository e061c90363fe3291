#include <math.h>

#include "ad/edge_scores.h"
#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  const Edges *edges;
  Tensor e, values, a, y;
  int heads;
} Node;

/* Softmax of column h over the edges of a row. */
static void weigh(const Node *node, int r, int h) {
  int from = node->edges->start[r], to = node->edges->start[r + 1];
  real most = tensor_row(&node->e, from)[h], sum = 0;
  for (int k = from + 1; k < to; k++) most = tensor_row(&node->e, k)[h] > most ? tensor_row(&node->e, k)[h] : most;
  for (int k = from; k < to; k++)
    sum += tensor_row(&node->a, k)[h] = (real)exp((double)(tensor_row(&node->e, k)[h] - most));
  for (int k = from; k < to; k++) tensor_row(&node->a, k)[h] /= sum;
}

static void backward_row(const Node *node, int r, int h) {
  int from = node->edges->start[r], to = node->edges->start[r + 1], d = node->values.cols / node->heads;
  const real *dy = tensor_grad_row(&node->y, r) + h * d;
  real mean = 0;
  for (int k = from; k < to; k++) {
    const real *v = tensor_row(&node->values, node->edges->at[k]) + h * d;
    mean += tensor_row(&node->a, k)[h] * vec_dot(dy, v, (size_t)d);
  }
  for (int k = from; k < to; k++) {
    int j = node->edges->at[k];
    real a = tensor_row(&node->a, k)[h];
    tensor_grad_row(&node->e, k)[h] += a * (vec_dot(dy, tensor_row(&node->values, j) + h * d, (size_t)d) - mean);
    vec_axpy(tensor_grad_row(&node->values, j) + h * d, a, dy, (size_t)d);
  }
}

static void backward(void *saved) {
  const Node *node = saved;
  for (int r = 0; r < node->edges->n; r++)
    for (int h = 0; h < node->heads; h++) backward_row(node, r, h);
}

void op_edge_gather(Tape *tape, const Edges *edges, const Tensor *e, const Tensor *values, Tensor *a, Tensor *dst) {
  CHECK(e->rows == edges->start[edges->n] && values->cols % e->cols == 0 && dst->cols == values->cols,
        "edge_gather: e [%d,%d] of %d edges, values of %d columns", e->rows, e->cols, edges->start[edges->n],
        values->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){edges, *e, *values, *a, *dst, e->cols};
  int d = values->cols / e->cols;
  for (int r = 0; r < edges->n; r++)
    for (int h = 0; h < e->cols; h++) {
      real *y = tensor_row(dst, r) + h * d;
      weigh(node, r, h);
      for (int c = 0; c < d; c++) y[c] = 0;
      for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
        vec_axpy(y, tensor_row(a, k)[h], tensor_row(values, edges->at[k]) + h * d, (size_t)d);
    }
  tape_push(tape, "edge_gather", backward, node);
}

static void case_one(GradEnv *env, void *ctx) {
  const int *heads = ctx;
  int n = edge_case.start[edge_case.n];
  Tensor *e = gradcheck_input(env, n, *heads, 1), *values = gradcheck_input(env, edge_case.n, 4, 1),
         *a = tape_tensor(&env->tape, n, *heads), *y = tape_tensor(&env->tape, edge_case.n, 4);
  op_edge_gather(&env->tape, &edge_case, e, values, a, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) {
  for (int heads = 1; heads <= 2; heads++)
    gradcheck_run(env, heads == 1 ? "edge_gather" : "edge_gather 2 heads", case_one, &heads);
}

const OpDef op_edge_gather_def = {"edge_gather", check};
