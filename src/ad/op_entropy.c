#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"

typedef struct Entropy {
  Tensor a;
  double scale;
} Entropy;

static void backward(void *saved) {
  const Entropy *e = saved;
  for (int r = 0; r < e->a.rows; r++) {
    const real *a = tensor_row(&e->a, r);
    for (int i = 0; i < e->a.cols; i++)
      if (a[i] > 0) tensor_grad_row(&e->a, r)[i] -= (real)(e->scale * (log((double)a[i]) + 1));
  }
}

double op_entropy(Tape *tape, const Tensor *a, double scale) {
  double sum = 0;
  for (int r = 0; r < a->rows; r++) {
    const real *row = tensor_row(a, r);
    for (int i = 0; i < a->cols; i++)
      if (row[i] > 0) sum -= (double)row[i] * log((double)row[i]);
  }
  Entropy *e = tape_alloc(tape, 1, sizeof *e);
  *e = (Entropy){*a, scale};
  tape_push(tape, "entropy", backward, e);
  return sum;
}

static void case_one(GradEnv *env, void *ctx) {
  static const int sentence[] = {0, 1}, start[] = {0, 4}, length[] = {4, 1};
  static const Places places = {.n_sent = 2, .longest = 4, .start = start, .length = length};
  static int low[] = {0, 0}, high[] = {4, 1};
  static const Look look = {.n = 2, .sentence = sentence, .step = sentence, .low = low, .high = high};
  (void)ctx;
  const Tensor *e = gradcheck_input(env, 2, 4, 2);
  Tensor *a = tape_tensor(&env->tape, 2, 4);
  op_softmax(&env->tape, &places, &look, e, 1, 1, a);
  gradcheck_add(env, 0.7 * op_entropy(&env->tape, a, 0.7));
}

static void check(GradEnv *env) { gradcheck_run(env, "entropy", case_one, NULL); }

const OpDef op_entropy_def = {"entropy", check};
