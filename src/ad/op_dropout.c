#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/rng.h"
#include "num/vec.h"

typedef struct Dropout {
  Tensor x, y;
  uint64_t key;
  const uint64_t *row_id;
  uint32_t threshold;
  real scale;
} Dropout;

static void mask(const Dropout *d, int r, const real *from, real *to) {
  vec_dropout(to, from, (size_t)d->x.cols, rng_subkey(d->key, d->row_id[r]), d->threshold, d->scale);
}

/* dy, masked in place (nothing reads it after this), is what dx gets. */
static void backward(void *saved) {
  Dropout *d = saved;
  for (int r = 0; r < d->x.rows && d->x.g != NULL; r++) {
    real *dy = tensor_grad_row(&d->y, r);
    mask(d, r, dy, dy);
    if (d->x.g != d->y.g) vec_add(tensor_grad_row(&d->x, r), dy, (size_t)d->x.cols);
  }
}

void op_dropout(Tape *tape, const Tensor *x, double p, uint64_t key, const uint64_t *row_id, Tensor *dst) {
  Dropout *d = tape_alloc(tape, 1, sizeof *d);
  *d = (Dropout){*x, *dst, key, row_id, (uint32_t)(p * 4294967296.0), (real)(1 / (1 - p))};
  for (int r = 0; r < x->rows; r++) mask(d, r, tensor_row(x, r), tensor_row(dst, r));
  tape_push(tape, "dropout", backward, d);
}

typedef struct DropRows {
  Tensor x;
  double p;
  uint64_t key;
  const uint64_t *row_id;
} DropRows;

static void scale_rows(const DropRows *d, real *at) {
  for (int r = 0; r < d->x.rows; r++) {
    real scale = rng_uniform(d->key, d->row_id[r]) >= d->p ? (real)(1 / (1 - d->p)) : 0;
    for (int j = 0; j < d->x.cols; j++) at[(size_t)r * (size_t)d->x.ld + (size_t)j] *= scale;
  }
}

static void rows_backward(void *saved) {
  const DropRows *d = saved;
  if (d->x.g != NULL) scale_rows(d, d->x.g);
}

void op_dropout_rows(Tape *tape, Tensor *x, double p, uint64_t key, const uint64_t *row_id) {
  DropRows *d = tape_alloc(tape, 1, sizeof *d);
  *d = (DropRows){*x, p, key, row_id};
  scale_rows(d, x->x);
  tape_push(tape, "dropout", rows_backward, d);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  static const uint64_t rows[] = {7, 1, 9};
  Tensor *x = gradcheck_input(env, 3, 8, 1), *y = tape_tensor(&env->tape, 3, 8);
  op_dropout(&env->tape, x, 0.4, 12345, rows, y);
  gradcheck_output(env, y);
}

static void case_in_place(GradEnv *env, void *ctx) {
  (void)ctx;
  static const uint64_t rows[] = {7, 1, 9};
  Tensor *x = gradcheck_input(env, 3, 8, 1);
  op_dropout(&env->tape, x, 0.4, 12345, rows, x);
  gradcheck_output(env, x);
}

/* With this key the second row is dropped. */
static void case_rows(GradEnv *env, void *ctx) {
  (void)ctx;
  static const uint64_t rows[] = {7, 1, 9};
  Tensor *x = gradcheck_input(env, 3, 8, 1), view = tensor_cols(x, 2, 5);
  op_dropout_rows(&env->tape, &view, 0.4, 12345, rows);
  gradcheck_output(env, x);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "dropout", case_one, NULL);
  gradcheck_run(env, "dropout in place", case_in_place, NULL);
  gradcheck_run(env, "dropout of rows", case_rows, NULL);
}

const OpDef op_dropout_def = {"dropout", check};
