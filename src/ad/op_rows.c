#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "num/vec.h"

typedef struct Rows {
  Tensor x, y;
  const int *index;
} Rows;

static void backward(void *saved) {
  Rows *rows = saved;
  for (int r = 0; r < rows->y.rows; r++)
    vec_add(tensor_grad_row(&rows->x, rows->index[r]), tensor_grad_row(&rows->y, r), (size_t)rows->y.cols);
}

void op_rows(Tape *tape, const Tensor *x, const int *index, Tensor *dst) {
  for (int r = 0; r < dst->rows; r++)
    memcpy(tensor_row(dst, r), tensor_row(x, index[r]), (size_t)dst->cols * sizeof(real));
  if (x->g == NULL) return;
  Rows *rows = tape_alloc(tape, 1, sizeof *rows);
  *rows = (Rows){*x, *dst, index};
  tape_push(tape, "rows", backward, rows);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  static const int index[] = {3, 0, 3};
  Tensor *x = gradcheck_input(env, 4, 3, 1), *y = tape_tensor(&env->tape, 3, 3);
  op_rows(&env->tape, x, index, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) { gradcheck_run(env, "rows", case_one, NULL); }

const OpDef op_rows_def = {"rows", check};
