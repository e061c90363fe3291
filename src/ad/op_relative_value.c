#include "ad/attend_case.h"
#include "ad/op.h"
#include "ad/relative.h"
#include "base/err.h"
#include "num/blas.h"

typedef struct Node {
  const Look *look;
  Tensor a, table, context;
  Tensor sums; /* [N,heads (2k+1)] of the weights at a distance, and in backward their gradients */
  int heads;
} Node;

static void backward(void *saved) {
  const Node *node = saved;
  const Tensor *table = &node->table, *sums = &node->sums;
  Tensor da = relative_grad(&node->a);
  for (int h = 0; h < node->heads; h++) {
    Tensor s = tensor_cols(sums, h * table->rows, table->rows);
    const real *dc = node->context.g + h * table->cols;
    if (table->g != NULL)
      blas_gemm_tn(table->rows, table->cols, s.rows, s.x, s.ld, dc, node->context.ld, 1, table->g, table->ld);
    blas_gemm_nt(s.rows, table->rows, table->cols, dc, node->context.ld, table->x, table->ld, 0, s.x, s.ld);
  }
  relative_spread(node->look, node->heads, sums, 1, &da);
}

void op_relative_value(Tape *tape, const Look *look, const Tensor *a, const Tensor *table, Tensor *context) {
  int heads = context->cols / table->cols;
  CHECK(context->cols % table->cols == 0 && table->rows % 2 == 1 && a->cols % heads == 0,
        "relative: weights [,%d], table [%d,%d], context [,%d]", a->cols, table->rows, table->cols, context->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){.look = look, .a = *a, .table = *table, .context = *context, .heads = heads};
  node->sums = (Tensor){.rows = look->n, .cols = heads * table->rows, .ld = heads * table->rows};
  node->sums.x = tape_alloc(tape, (size_t)look->n * (size_t)node->sums.cols, sizeof(real));
  relative_collect(look, heads, a, 1, &node->sums);
  for (int h = 0; h < heads; h++)
    blas_gemm_nn(look->n, table->cols, table->rows, node->sums.x + h * table->rows, node->sums.ld, table->x, table->ld,
                 1, context->x + h * table->cols, context->ld);
  tape_push(tape, "relative value", backward, node);
}

/* After op_context, in columns of a wider matrix. */
static void case_one(GradEnv *env, void *ctx) {
  AttendCase c = attend_case_open(env, ctx, 3);
  int cols = 3 * c.kind.heads;
  Tensor *a = gradcheck_input(env, 5, c.kind.heads * c.places->longest, 1);
  Tensor *wide = tape_zeros(&env->tape, 5, cols + 1), context = tensor_cols(wide, 1, cols);
  op_context(&env->tape, c.places, c.look, a, c.states, c.kind.heads, &context);
  op_relative_value(&env->tape, c.look, a, gradcheck_input(env, c.kind.listed ? 5 : 3, 3, 1), &context);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) { attend_case_each(env, "relative value", case_one); }

const OpDef op_relative_value_def = {"relative_value", check};
