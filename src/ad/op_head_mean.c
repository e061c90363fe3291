#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct HeadMean {
  Tensor a, dst;
  int n;
} HeadMean;

static void backward(void *saved) {
  const HeadMean *m = saved;
  size_t cols = (size_t)m->dst.cols;
  for (int r = 0; r < m->dst.rows; r++)
    for (int h = 0; h < m->n; h++)
      vec_axpy(tensor_grad_row(&m->a, r) + (size_t)h * cols, 1 / (real)m->n, tensor_grad_row(&m->dst, r), cols);
}

void op_head_mean(Tape *tape, const Tensor *a, int heads, int n, Tensor *dst) {
  CHECK(n > 0 && n <= heads && a->cols == heads * dst->cols, "head mean: %d of %d heads, [,%d] to [,%d]", n, heads,
        a->cols, dst->cols);
  size_t cols = (size_t)dst->cols;
  for (int r = 0; r < dst->rows; r++) {
    memset(tensor_row(dst, r), 0, cols * sizeof(real));
    for (int h = 0; h < n; h++) vec_axpy(tensor_row(dst, r), 1 / (real)n, tensor_row(a, r) + (size_t)h * cols, cols);
  }
  HeadMean *m = tape_alloc(tape, 1, sizeof *m);
  *m = (HeadMean){*a, *dst, n};
  tape_push(tape, "head mean", backward, m);
}

static void case_one(GradEnv *env, void *ctx) {
  const int *n = ctx;
  Tensor *a = gradcheck_input(env, 2, 3 * 4, 1), *dst = tape_tensor(&env->tape, 2, 4);
  op_head_mean(&env->tape, a, 3, *n, dst);
  gradcheck_output(env, dst);
}

static void check(GradEnv *env) {
  for (int n = 1; n <= 3; n++) gradcheck_run(env, "head mean", case_one, &n);
}

const OpDef op_head_mean_def = {"head mean", check};
