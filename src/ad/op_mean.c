#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Mean {
  const Memory *m;
  Tensor y;
} Mean;

static void backward(void *saved) {
  Mean *mean = saved;
  const Memory *m = mean->m;
  for (int b = 0; b < m->n_sent; b++)
    for (int i = 0; i < m->length[b]; i++)
      vec_axpy(tensor_grad_row(m->h, m->start[b] + i), 1 / (real)m->length[b], tensor_grad_row(&mean->y, b),
               (size_t)m->h->cols);
}

void op_mean(Tape *tape, const Memory *m, Tensor *dst) {
  for (int b = 0; b < m->n_sent; b++) {
    real *y = tensor_row(dst, b);
    memset(y, 0, (size_t)dst->cols * sizeof *y);
    for (int i = 0; i < m->length[b]; i++)
      vec_axpy(y, 1 / (real)m->length[b], tensor_row(m->h, m->start[b] + i), (size_t)dst->cols);
  }
  Mean *mean = tape_alloc(tape, 1, sizeof *mean);
  *mean = (Mean){m, *dst};
  tape_push(tape, "mean", backward, mean);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Memory *m = attend_case_memory(env, 3);
  Tensor *y = tape_tensor(&env->tape, m->n_sent, 3);
  op_mean(&env->tape, m, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "mean", case_one, NULL); }

const OpDef op_mean_def = {"mean", check};
