#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Grow {
  Tensor before, more, dst;
} Grow;

static void backward(void *saved) {
  const Grow *g = saved;
  for (int r = 0; r < g->dst.rows; r++) {
    const real *d = tensor_grad_row(&g->dst, r);
    if (g->before.cols > 0) vec_add(tensor_grad_row(&g->before, r), d, (size_t)g->before.cols);
    vec_add(tensor_grad_row(&g->more, r), d + g->before.cols, (size_t)g->more.cols);
  }
}

Tensor *op_grow(Tape *tape, const Tensor *before, const Tensor *more) {
  CHECK(before->cols == 0 || before->rows == more->rows, "grow: %d rows by %d", before->rows, more->rows);
  Grow *g = tape_alloc(tape, 1, sizeof *g);
  *g = (Grow){*before, *more, *tape_tensor(tape, more->rows, before->cols + more->cols)};
  for (int r = 0; r < more->rows; r++) {
    real *dst = tensor_row(&g->dst, r);
    if (before->cols > 0) memcpy(dst, tensor_row(before, r), (size_t)before->cols * sizeof(real));
    memcpy(dst + before->cols, tensor_row(more, r), (size_t)more->cols * sizeof(real));
  }
  tape_push(tape, "grow", backward, g);
  return tape_keep(tape, g->dst);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  const Tensor none = {0};
  const Tensor *a = gradcheck_input(env, 3, 2, 1), *b = gradcheck_input(env, 3, 4, 1);
  gradcheck_output(env, op_grow(&env->tape, op_grow(&env->tape, &none, a), b));
}

static void check(GradEnv *env) { gradcheck_run(env, "grow", case_one, NULL); }

const OpDef op_grow_def = {"grow", check};
