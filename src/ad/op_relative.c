#include "ad/attend_case.h"
#include "ad/op.h"
#include "ad/relative.h"
#include "base/err.h"
#include "num/blas.h"

typedef struct Node {
  const Look *look;
  Tensor q, table, e;
  Tensor dots; /* [N,heads (2k+1)] q_i . w_r, and in backward their gradients */
  int heads;
  real scale;
} Node;

static void backward(void *saved) {
  const Node *node = saved;
  const Tensor *q = &node->q, *table = &node->table, *dots = &node->dots;
  Tensor de = relative_grad(&node->e);
  relative_collect(node->look, node->heads, &de, node->scale, dots);
  for (int h = 0; h < node->heads; h++) {
    Tensor d = tensor_cols(dots, h * table->rows, table->rows), head = tensor_cols(q, h * table->cols, table->cols);
    blas_gemm_nn(d.rows, table->cols, table->rows, d.x, d.ld, table->x, table->ld, 1, head.g, head.ld);
    if (table->g != NULL)
      blas_gemm_tn(table->rows, table->cols, d.rows, d.x, d.ld, head.x, head.ld, 1, table->g, table->ld);
  }
}

void op_relative(Tape *tape, const Look *look, const Tensor *q, const Tensor *table, real scale, Tensor *e) {
  int heads = q->cols / table->cols;
  CHECK(q->cols % table->cols == 0 && table->rows % 2 == 1 && e->cols % heads == 0 && look->n <= q->rows,
        "relative: queries [%d,%d], table [%d,%d], scores [,%d]", q->rows, q->cols, table->rows, table->cols, e->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){.look = look, .q = *q, .table = *table, .e = *e, .heads = heads, .scale = scale};
  node->dots = (Tensor){.rows = look->n, .cols = heads * table->rows, .ld = heads * table->rows};
  node->dots.x = tape_alloc(tape, (size_t)look->n * (size_t)node->dots.cols, sizeof(real));
  for (int h = 0; h < heads; h++)
    blas_gemm_nt(look->n, table->rows, table->cols, q->x + h * table->cols, q->ld, table->x, table->ld, 0,
                 node->dots.x + h * table->rows, node->dots.ld);
  relative_spread(look, heads, &node->dots, scale, e);
  tape_push(tape, "relative", backward, node);
}

static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  Tensor *e = op_dot(&env->tape, c.places, c.look, c.queries, c.states, c.kind.heads, 1);
  op_relative(&env->tape, c.look, c.queries, gradcheck_input(env, c.kind.listed ? 5 : 3, 3, 1), (real)0.5, e);
  attend_case_scores(env, &c, e);
}

static void check(GradEnv *env) { attend_case_each(env, "relative", case_one); }

const OpDef op_relative_def = {"relative", check};
