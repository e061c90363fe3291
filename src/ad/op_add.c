#include "ad/gradcheck.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Add {
  Tensor a, b, y;
} Add;

static void backward(void *saved) {
  Add *add = saved;
  for (int r = 0; r < add->y.rows; r++) {
    const real *g = tensor_grad_row(&add->y, r);
    if (add->a.g != NULL) vec_add(tensor_grad_row(&add->a, r), g, (size_t)add->y.cols);
    if (add->b.g != NULL) vec_add(tensor_grad_row(&add->b, r), g, (size_t)add->y.cols);
  }
}

void op_add(Tape *tape, const Tensor *a, const Tensor *b, Tensor *dst) {
  for (int r = 0; r < dst->rows; r++) {
    const real *x = tensor_row(a, r), *y = tensor_row(b, r);
    real *out = tensor_row(dst, r);
    for (int c = 0; c < dst->cols; c++) out[c] = x[c] + y[c];
  }
  Add *add = tape_alloc(tape, 1, sizeof *add);
  *add = (Add){*a, *b, *dst};
  tape_push(tape, "add", backward, add);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *a = gradcheck_input(env, 2, 3, 1), *b = gradcheck_input(env, 2, 3, 1), *y = tape_tensor(&env->tape, 2, 3);
  op_add(&env->tape, a, b, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "add", case_one, NULL); }

const OpDef op_add_def = {"add", check};
