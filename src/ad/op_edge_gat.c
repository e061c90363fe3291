#include "ad/edge_scores.h"
#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  const Edges *edges;
  Tensor u, looks, seen, e;
  int heads;
  real *slope; /* [E,heads] of the rectifier */
} Node;

/* a_dst . u_i and a_src . u_j of all rows, [N,heads] each. */
typedef struct Parts {
  real *looks, *seen;
} Parts;

static Parts find_parts(Tape *tape, const Node *node) {
  int d = node->u.cols / node->heads;
  size_t n = (size_t)node->u.rows * (size_t)node->heads;
  Parts p = {tape_alloc(tape, n, sizeof(real)), tape_alloc(tape, n, sizeof(real))};
  for (int r = 0; r < node->u.rows; r++)
    for (int h = 0; h < node->heads; h++) {
      const real *u = tensor_row(&node->u, r) + h * d;
      p.looks[r * node->heads + h] = vec_dot(node->looks.x + h * d, u, (size_t)d);
      p.seen[r * node->heads + h] = vec_dot(node->seen.x + h * d, u, (size_t)d);
    }
  return p;
}

/* What one side of an edge gets of the gradient of its score. */
static void give(const Node *node, const Tensor *a, int row, int head, real g) {
  int d = node->u.cols / node->heads;
  if (node->u.g != NULL) vec_axpy(tensor_grad_row(&node->u, row) + head * d, g, a->x + head * d, (size_t)d);
  if (a->g != NULL) vec_axpy(a->g + head * d, g, tensor_row(&node->u, row) + head * d, (size_t)d);
}

static void backward(void *saved) {
  const Node *node = saved;
  const Edges *edges = node->edges;
  for (int r = 0; r < edges->n; r++)
    for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
      for (int h = 0; h < node->heads; h++) {
        real g = tensor_grad_row(&node->e, k)[h] * node->slope[k * node->heads + h];
        give(node, &node->looks, r, h, g);
        give(node, &node->seen, edges->at[k], h, g);
      }
}

Tensor *op_edge_gat(Tape *tape, const Edges *edges, const Tensor *u, const Tensor *looks, const Tensor *seen,
                    int heads) {
  CHECK(looks->cols == u->cols && seen->cols == u->cols && edges->n == u->rows, "edge_gat: u [%d,%d], a of %d and %d",
        u->rows, u->cols, looks->cols, seen->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  Tensor *e = tape_tensor(tape, edges->start[edges->n], heads);
  *node = (Node){edges, *u, *looks, *seen, *e, heads, NULL};
  node->slope = tape_alloc(tape, (size_t)e->rows * (size_t)heads, sizeof *node->slope);
  Parts p = find_parts(tape, node);
  for (int r = 0; r < edges->n; r++)
    for (int k = edges->start[r]; k < edges->start[r + 1]; k++)
      for (int h = 0; h < heads; h++) {
        real x = p.looks[r * heads + h] + p.seen[edges->at[k] * heads + h];
        node->slope[k * heads + h] = x > 0 ? 1 : EDGE_LEAK;
        tensor_row(e, k)[h] = x * node->slope[k * heads + h];
      }
  tape_push(tape, "edge_gat", backward, node);
  return e;
}

static void case_one(GradEnv *env, void *ctx) {
  const int *heads = ctx;
  Tensor *u = gradcheck_input(env, edge_case.n, 4, 1), *looks = gradcheck_input(env, 1, 4, 1),
         *seen = gradcheck_input(env, 1, 4, 1);
  gradcheck_output(env, op_edge_gat(&env->tape, &edge_case, u, looks, seen, *heads));
}

static void check(GradEnv *env) {
  for (int heads = 1; heads <= 2; heads++)
    gradcheck_run(env, heads == 1 ? "edge_gat" : "edge_gat 2 heads", case_one, &heads);
}

const OpDef op_edge_gat_def = {"edge_gat", check};
