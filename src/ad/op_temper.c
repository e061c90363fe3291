#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Temper {
  Tensor e, dst;
  real tau;
} Temper;

static void backward(void *saved) {
  const Temper *t = saved;
  for (int r = 0; r < t->e.rows; r++)
    vec_axpy(tensor_grad_row(&t->e, r), 1 / t->tau, tensor_grad_row(&t->dst, r), (size_t)t->e.cols);
}

void op_temper(Tape *tape, const Tensor *e, const Tensor *g, real tau, Tensor *dst) {
  CHECK(e->rows == g->rows && e->cols == g->cols && dst->cols == e->cols, "temper: [%d,%d] and noise [%d,%d] to [,%d]",
        e->rows, e->cols, g->rows, g->cols, dst->cols);
  for (int r = 0; r < e->rows; r++)
    for (int i = 0; i < e->cols; i++) tensor_row(dst, r)[i] = (tensor_row(e, r)[i] + tensor_row(g, r)[i]) / tau;
  Temper *t = tape_alloc(tape, 1, sizeof *t);
  *t = (Temper){*e, *dst, tau};
  tape_push(tape, "temper", backward, t);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  const Tensor *e = gradcheck_input(env, 3, 4, 1);
  Tensor *g = tape_zeros(&env->tape, 3, 4), *y = tape_tensor(&env->tape, 3, 4);
  for (int i = 0; i < 12; i++) g->x[i] = (real)i / 5;
  op_temper(&env->tape, e, g, (real)0.3, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "temper", case_one, NULL); }

const OpDef op_temper_def = {"temper", check};
