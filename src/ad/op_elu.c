#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Node {
  Tensor x, b;
} Node;

/* In place: y stands where x stood. dx = dy where y > 0, else dy (y + 1). */
static void backward(void *saved) {
  const Node *node = saved;
  for (int r = 0; r < node->x.rows; r++) {
    const real *y = tensor_row(&node->x, r);
    real *g = tensor_grad_row(&node->x, r);
    for (int c = 0; c < node->x.cols; c++) {
      g[c] *= y[c] > 0 ? 1 : y[c] + 1;
      node->b.g[c] += g[c];
    }
  }
}

void op_elu(Tape *tape, Tensor *x, const Tensor *b) {
  CHECK(b->cols == x->cols, "elu: x of %d columns, b of %d", x->cols, b->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){*x, *b};
  for (int r = 0; r < x->rows; r++) {
    real *y = tensor_row(x, r);
    for (int c = 0; c < x->cols; c++) {
      real z = y[c] + b->x[c];
      y[c] = z > 0 ? z : (real)expm1((double)z);
    }
  }
  tape_push(tape, "elu", backward, node);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *x = gradcheck_input(env, 3, 5, 2), *b = gradcheck_input(env, 1, 5, 1), *y = tape_tensor(&env->tape, 3, 5);
  op_add(&env->tape, x, x, y); /* x itself would be overwritten before it is read again */
  op_elu(&env->tape, y, b);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "elu", case_one, NULL); }

const OpDef op_elu_def = {"elu", check};
