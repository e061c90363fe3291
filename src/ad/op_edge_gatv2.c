#include "ad/edge_scores.h"
#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Node {
  const Edges *edges;
  Tensor looks, seen, a, e;
  int heads;
} Node;

/* a . LeakyReLU(x + y) over n numbers. */
static real score(const real *a, const real *x, const real *y, int n) {
  real sum = 0;
  for (int c = 0; c < n; c++) {
    real z = x[c] + y[c];
    sum += a[c] * (z > 0 ? z : EDGE_LEAK * z);
  }
  return sum;
}

/* The gradient g of one score, in columns from .. from + n - 1 of edge k of row r. */
static void give(const Node *node, int r, int j, int from, int n, real g) {
  const real *x = tensor_row(&node->looks, r) + from, *y = tensor_row(&node->seen, j) + from, *a = node->a.x + from;
  real *dx = tensor_grad_row(&node->looks, r) + from, *dy = tensor_grad_row(&node->seen, j) + from;
  real *da = node->a.g + from;
  for (int c = 0; c < n; c++) {
    real z = x[c] + y[c], slope = z > 0 ? 1 : EDGE_LEAK, d = g * a[c] * slope;
    da[c] += g * z * slope;
    dx[c] += d;
    dy[c] += d;
  }
}

static void backward(void *saved) {
  const Node *node = saved;
  const Edges *edges = node->edges;
  int d = node->seen.cols / node->heads;
  for (int r = 0; r < edges->n; r++)
    for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
      for (int h = 0; h < node->heads; h++) give(node, r, edges->at[k], h * d, d, tensor_grad_row(&node->e, k)[h]);
}

Tensor *op_edge_gatv2(Tape *tape, const Edges *edges, const Tensor *looks, const Tensor *seen, const Tensor *a,
                      int heads) {
  CHECK(looks->cols == seen->cols && a->cols == seen->cols && edges->n == seen->rows,
        "edge_gatv2: [%d,%d] looks at [%d,%d], a of %d", looks->rows, looks->cols, seen->rows, seen->cols, a->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  Tensor *e = tape_tensor(tape, edges->start[edges->n], heads);
  *node = (Node){edges, *looks, *seen, *a, *e, heads};
  int d = seen->cols / heads;
  for (int r = 0; r < edges->n; r++)
    for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
      for (int h = 0; h < heads; h++)
        tensor_row(e, k)[h] =
            score(a->x + h * d, tensor_row(looks, r) + h * d, tensor_row(seen, edges->at[k]) + h * d, d);
  tape_push(tape, "edge_gatv2", backward, node);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  const int *heads = ctx;
  Tensor *looks = gradcheck_input(env, edge_case.n, 4, 1), *seen = gradcheck_input(env, edge_case.n, 4, 1),
         *a = gradcheck_input(env, 1, 4, 1);
  gradcheck_output(env, op_edge_gatv2(&env->tape, &edge_case, looks, seen, a, *heads));
}

static void check(GradEnv *env) {
  for (int heads = 1; heads <= 2; heads++)
    gradcheck_run(env, heads == 1 ? "edge_gatv2" : "edge_gatv2 2 heads", case_one, &heads);
}

const OpDef op_edge_gatv2_def = {"edge_gatv2", check};
