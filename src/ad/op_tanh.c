#include "ad/gradcheck.h"
#include "ad/op.h"
#include "num/vec.h"

/* In place: y stands where x stood, and its gradient where x's will. dx = dy (1 - y^2). */
static void backward(void *saved) {
  Tensor *t = saved;
  for (int r = 0; r < t->rows; r++) {
    const real *y = tensor_row(t, r);
    real *g = tensor_grad_row(t, r);
    for (int c = 0; c < t->cols; c++) g[c] *= 1 - y[c] * y[c];
  }
}

void op_tanh(Tape *tape, Tensor *x) {
  for (int r = 0; r < x->rows; r++) vec_tanh(tensor_row(x, r), tensor_row(x, r), (size_t)x->cols);
  tape_push(tape, "tanh", backward, tape_keep(tape, *x));
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *x = gradcheck_input(env, 3, 5, 2);
  op_tanh(&env->tape, x);
  gradcheck_output(env, x);
}

static void check(GradEnv *env) { gradcheck_run(env, "tanh", case_one, NULL); }

const OpDef op_tanh_def = {"tanh", check};
