#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  Tensor x, y;
  LayerNorm norm;
  int groups;
} Node;

static void backward(void *saved) {
  const Node *node = saved;
  int size = node->x.cols / node->groups;
  for (int r = 0; r < node->x.rows; r++)
    for (int at = 0; at < node->x.cols; at += size)
      vec_norm_backward(tensor_row(&node->x, r) + at, node->norm.gain.x + at, tensor_grad_row(&node->y, r) + at,
                        tensor_grad_row(&node->x, r) + at, node->norm.gain.g + at, node->norm.bias.g + at,
                        (size_t)size);
}

void op_norm(Tape *tape, const Tensor *x, int groups, const LayerNorm *norm, Tensor *dst) {
  CHECK(x->cols % groups == 0 && norm->gain.cols == x->cols && norm->bias.cols == x->cols && dst->cols == x->cols &&
            dst->rows == x->rows,
        "norm: x [%d,%d] in %d groups, gain %d, bias %d, y [%d,%d]", x->rows, x->cols, groups, norm->gain.cols,
        norm->bias.cols, dst->rows, dst->cols);
  int size = x->cols / groups;
  for (int r = 0; r < x->rows; r++)
    for (int at = 0; at < x->cols; at += size)
      vec_norm(tensor_row(dst, r) + at, tensor_row(x, r) + at, norm->gain.x + at, norm->bias.x + at, (size_t)size);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){*x, *dst, *norm, groups};
  tape_push(tape, "norm", backward, node);
}

/* Seven columns of a wider matrix: no whole number of vector registers. */
static void case_one(GradEnv *env, void *ctx) {
  const int *groups = ctx;
  int cols = 7 * *groups;
  Tensor *wide = gradcheck_input(env, 3, cols + 2, 1), x = tensor_cols(wide, 1, cols);
  const LayerNorm norm = {*gradcheck_input(env, 1, cols, 1), *gradcheck_input(env, 1, cols, 1)};
  Tensor *y = tape_tensor(&env->tape, 3, cols);
  op_norm(&env->tape, &x, *groups, &norm, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) {
  for (int groups = 1; groups <= 3; groups += 2) gradcheck_run(env, "norm", case_one, &groups);
}

const OpDef op_norm_def = {"norm", check};
