#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Mean {
  const Places *places;
  Tensor x, y;
} Mean;

static void backward(void *saved) {
  const Mean *mean = saved;
  const Places *p = mean->places;
  for (int b = 0; b < p->n_sent; b++)
    for (int i = 0; i < p->length[b]; i++)
      vec_axpy(tensor_grad_row(&mean->x, places_row(p, b, i)), 1 / (real)p->length[b], tensor_grad_row(&mean->y, b),
               (size_t)mean->x.cols);
}

void op_mean(Tape *tape, const Places *p, const Tensor *x, Tensor *dst) {
  for (int b = 0; b < p->n_sent; b++) {
    real *y = tensor_row(dst, b);
    memset(y, 0, (size_t)dst->cols * sizeof *y);
    for (int i = 0; i < p->length[b]; i++)
      vec_axpy(y, 1 / (real)p->length[b], tensor_row(x, places_row(p, b, i)), (size_t)dst->cols);
  }
  Mean *mean = tape_alloc(tape, 1, sizeof *mean);
  *mean = (Mean){p, *x, *dst};
  tape_push(tape, "mean", backward, mean);
}

static void case_one(GradEnv *env, void *listed) {
  const AttendKind kind = {.heads = 1, .listed = listed != NULL};
  AttendCase c = attend_case_open(env, &kind, 3);
  Tensor *y = tape_tensor(&env->tape, c.places->n_sent, 3);
  op_mean(&env->tape, c.places, c.states, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "mean", case_one, NULL);
  gradcheck_run(env, "mean of rows listed", case_one, env);
}

const OpDef op_mean_def = {"mean", check};
