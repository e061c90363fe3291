#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/rng.h"
#include "num/vec.h"

typedef struct Dropout {
  Tensor x;
  uint64_t key;
  const uint64_t *row_id;
  uint32_t threshold;
  real scale;
} Dropout;

/* Values or gradients of row r, masked. */
static void mask(const Dropout *d, int r, real *at) {
  vec_dropout(at, at, (size_t)d->x.cols, rng_subkey(d->key, d->row_id[r]), d->threshold, d->scale);
}

static void backward(void *saved) {
  Dropout *d = saved;
  for (int r = 0; r < d->x.rows; r++) mask(d, r, tensor_grad_row(&d->x, r));
}

void op_dropout(Tape *tape, Tensor *x, double p, uint64_t key, const uint64_t *row_id) {
  if (p <= 0) return;
  Dropout *d = tape_alloc(tape, 1, sizeof *d);
  *d = (Dropout){*x, key, row_id, (uint32_t)(p * 4294967296.0), (real)(1 / (1 - p))};
  for (int r = 0; r < x->rows; r++) mask(d, r, tensor_row(x, r));
  tape_push(tape, backward, d);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  static const uint64_t rows[] = {7, 1, 9};
  Tensor *x = gradcheck_input(env, 3, 8, 1);
  op_dropout(&env->tape, x, 0.4, 12345, rows);
  gradcheck_output(env, x);
}

static void check(GradEnv *env) { gradcheck_run(env, "dropout", case_one, NULL); }

const OpDef op_dropout_def = {"dropout", check};
