#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Gate {
  Tensor z, x, dst;
  real *open; /* [N] sigmoid(z) */
} Gate;

static void backward(void *saved) {
  const Gate *g = saved;
  size_t n = (size_t)g->x.cols;
  for (int r = 0; r < g->x.rows; r++) {
    real open = g->open[r];
    const real *d = tensor_grad_row(&g->dst, r);
    tensor_grad_row(&g->z, r)[0] += open * (1 - open) * vec_dot(d, tensor_row(&g->x, r), n);
    vec_axpy(tensor_grad_row(&g->x, r), open, d, n);
  }
}

void op_gate(Tape *tape, const Tensor *z, const Tensor *x, Tensor *dst) {
  CHECK(z->cols == 1 && z->rows == x->rows && dst->rows == x->rows && dst->cols == x->cols,
        "gate: z [%d,%d], x [%d,%d], to [%d,%d]", z->rows, z->cols, x->rows, x->cols, dst->rows, dst->cols);
  Gate *g = tape_alloc(tape, 1, sizeof *g);
  *g = (Gate){*z, *x, *dst, tape_alloc(tape, (size_t)x->rows, sizeof(real))};
  for (int r = 0; r < x->rows; r++) {
    vec_sigmoid(&g->open[r], tensor_row(z, r), 1);
    for (int c = 0; c < x->cols; c++) tensor_row(dst, r)[c] = g->open[r] * tensor_row(x, r)[c];
  }
  tape_push(tape, "gate", backward, g);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *z = gradcheck_input(env, 3, 1, 2), *x = gradcheck_input(env, 3, 4, 1), *wide = tape_zeros(&env->tape, 3, 6);
  Tensor dst = tensor_cols(wide, 1, 4);
  op_gate(&env->tape, z, x, &dst);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) { gradcheck_run(env, "gate", case_one, NULL); }

const OpDef op_gate_def = {"gate", check};
