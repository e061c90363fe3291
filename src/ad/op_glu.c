#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  Tensor z, x, y;
} Node;

static const real HALF_ROOT = (real)0.70710678118654752440; /* sqrt(1/2) */

/* In backward the gates b of z hold their sigmoids. */
static void backward(void *saved) {
  const Node *node = saved;
  int n = node->y.cols;
  for (int r = 0; r < node->y.rows; r++) {
    const real *a = tensor_row(&node->z, r), *gate = a + n, *dy = tensor_grad_row(&node->y, r);
    real *da = tensor_grad_row(&node->z, r), *db = da + n;
    for (int c = 0; c < n; c++) {
      real d = HALF_ROOT * dy[c];
      da[c] += d * gate[c];
      db[c] += d * a[c] * gate[c] * (1 - gate[c]);
    }
    if (node->x.g != NULL) vec_axpy(tensor_grad_row(&node->x, r), HALF_ROOT, dy, (size_t)n);
  }
}

void op_glu(Tape *tape, Tensor *z, const Tensor *x, Tensor *dst) {
  CHECK(z->cols == 2 * x->cols && dst->cols == x->cols, "glu: z of %d columns, x of %d, y of %d", z->cols, x->cols,
        dst->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){*z, *x, *dst};
  for (int r = 0; r < z->rows; r++) {
    real *a = tensor_row(z, r), *gate = a + x->cols, *y = tensor_row(dst, r);
    const real *below = tensor_row(x, r);
    vec_sigmoid(gate, gate, (size_t)x->cols);
    for (int c = 0; c < x->cols; c++) y[c] = HALF_ROOT * (a[c] * gate[c] + below[c]);
  }
  tape_push(tape, "glu", backward, node);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *z = gradcheck_input(env, 3, 10, 2), *x = gradcheck_input(env, 3, 5, 1), *y = tape_tensor(&env->tape, 3, 5);
  Tensor *both = tape_tensor(&env->tape, 3, 10);
  op_add(&env->tape, z, z, both); /* z itself would be overwritten before it is read again */
  op_glu(&env->tape, both, x, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "glu", case_one, NULL); }

const OpDef op_glu_def = {"glu", check};
