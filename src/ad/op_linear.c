#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/blas.h"
#include "num/vec.h"

typedef struct Call {
  Linear *linear;
  Tensor x, y; /* x.x NULL stands for zeros */
  bool bias;
  struct Call *previous;
} Call;

struct Linear {
  Tape *tape;
  Tensor w, b; /* b.x NULL: none */
  Call *last;
};

static void fill_rows(const Tensor *y, const real *row) {
  for (int r = 0; r < y->rows; r++) memcpy(tensor_row(y, r), row, (size_t)y->cols * sizeof(real));
}

void op_linear_product(const Tensor *x, const Tensor *w, const Tensor *start, const Tensor *y) {
  bool adds = start != NULL && start->x == y->x, biased = start != NULL && !adds;
  if (w->pack != NULL) {
    PackStart begin = {start == NULL ? NULL : start->x, adds ? (size_t)y->ld : 0};
    pack_forward(w->pack, x->rows, w->rows, x->x, x->ld, begin, y->x, y->ld);
    return;
  }
  if (biased) fill_rows(y, start->x);
  blas_gemm_nt(x->rows, w->rows, x->cols, x->x, x->ld, w->x, w->ld, start != NULL ? 1 : 0, y->x, y->ld);
}

void op_linear_product_back(const Tensor *y, const Tensor *w, bool add, const Tensor *x) {
  if (w->pack != NULL && w->pack->backward != NULL)
    pack_backward(w->pack, y->rows, w->rows, y->g, y->ld, (PackStart){add ? x->g : NULL, (size_t)x->ld}, x->g, x->ld);
  else blas_gemm_nn(y->rows, w->cols, w->rows, y->g, y->ld, w->x, w->ld, add ? 1 : 0, x->g, x->ld);
}

void op_linear_product_weights(const Tensor *y, const Tensor *x, const Tensor *w, const Tensor *b) {
  if (x != NULL && w->g != NULL) blas_gemm_tn(y->cols, x->cols, y->rows, y->g, y->ld, x->x, x->ld, 1, w->g, w->ld);
  if (b != NULL && b->g != NULL)
    for (int r = 0; r < y->rows; r++) vec_add(b->g, tensor_grad_row(y, r), (size_t)y->cols);
}

/* True when call b's rows follow call a's at once, in x and in y, so that one product can serve both. Of tensors of
 * their own the gradients alone may adjoin. */
static bool adjoins(const Call *a, const Call *b) {
  return a->bias == b->bias && a->x.ld == b->x.ld && a->y.ld == b->y.ld &&
         a->x.x + (size_t)a->x.rows * (size_t)a->x.ld == b->x.x &&
         a->y.x + (size_t)a->y.rows * (size_t)a->y.ld == b->y.x &&
         a->y.g + (size_t)a->y.rows * (size_t)a->y.ld == b->y.g;
}

/* The weight gradient of all calls, runs of adjoining calls as one product. */
static void close_backward(void *saved) {
  Linear *l = saved;
  for (Call *call = l->last; call != NULL;) {
    Tensor x = call->x, y = call->y;
    Call *before = call->previous;
    while (before != NULL && x.x != NULL && before->x.x != NULL && adjoins(before, call)) {
      x.rows += before->x.rows;
      y.rows += before->y.rows;
      x.x = before->x.x;
      y.g = before->y.g;
      call = before;
      before = call->previous;
    }
    op_linear_product_weights(&y, x.x == NULL ? NULL : &x, &l->w, call->bias ? &l->b : NULL);
    call = before;
  }
}

Linear *op_linear_open(Tape *tape, Tensor *w, Tensor *b) {
  CHECK(b == NULL || b->cols == w->rows, "linear: bias of %d for W [%d,%d]", b->cols, w->rows, w->cols);
  Linear *l = tape_alloc(tape, 1, sizeof *l);
  *l = (Linear){.tape = tape, .w = *w};
  if (b != NULL) l->b = *b;
  tape_push(tape, "linear weights", close_backward, l);
  return l;
}

/* dx += dy W */
static void call_backward(void *saved) {
  Call *call = saved;
  const Tensor *x = &call->x, *y = &call->y, *w = &call->linear->w;
  if (x->g != NULL) op_linear_product_back(y, w, true, x);
}

static void record(Linear *l, const Tensor *x, const Tensor *y, bool bias) {
  if (!l->tape->recording) return;
  Call *call = tape_alloc(l->tape, 1, sizeof *call);
  *call = (Call){.linear = l, .y = *y, .bias = bias, .previous = l->last};
  if (x != NULL) call->x = *x;
  l->last = call;
  tape_push(l->tape, "linear", call_backward, call);
}

static void check_shapes(const Linear *l, const Tensor *x, const Tensor *y) {
  CHECK(y->cols == l->w.rows && (x == NULL || (x->cols == l->w.cols && x->rows == y->rows)),
        "linear: x [%d,%d] and y [%d,%d] against W [%d,%d]", x ? x->rows : 0, x ? x->cols : 0, y->rows, y->cols,
        l->w.rows, l->w.cols);
}

void op_linear_to(Linear *l, const Tensor *x, Tensor *y) {
  check_shapes(l, x, y);
  bool biased = l->b.x != NULL;
  if (x != NULL) op_linear_product(x, &l->w, biased ? &l->b : NULL, y);
  else if (biased) fill_rows(y, l->b.x);
  else
    for (int r = 0; r < y->rows; r++) memset(tensor_row(y, r), 0, (size_t)y->cols * sizeof(real));
  record(l, x, y, biased);
}

void op_linear_add(Linear *l, const Tensor *x, Tensor *y) {
  check_shapes(l, x, y);
  op_linear_product(x, &l->w, y, y);
  record(l, x, y, false);
}

Tensor *op_linear(Tape *tape, const Tensor *x, Tensor *w, Tensor *b) {
  Linear *l = op_linear_open(tape, w, b);
  Tensor *y = tape_tensor(tape, x->rows, w->rows);
  op_linear_to(l, x, y);
  return y;
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *x = gradcheck_input(env, 3, 4, 1), *w = gradcheck_input(env, 2, 4, 1), *b = gradcheck_input(env, 1, 2, 1);
  gradcheck_output(env, op_linear(&env->tape, x, w, b));
}

/* Steps into one slab: adjoining rows, a gap, zeros for x, adding, and a column view of W. */
static void case_open(GradEnv *env, void *ctx) {
  (void)ctx;
  Tensor *x = gradcheck_input(env, 6, 3, 1), *w = gradcheck_input(env, 2, 5, 1), *b = gradcheck_input(env, 1, 2, 1);
  Tensor part = tensor_cols(w, 1, 3), *y = tape_tensor(&env->tape, 8, 2);
  Linear *l = op_linear_open(&env->tape, &part, b);
  Tensor y0 = tensor_rows(y, 0, 2);
  op_linear_to(l, NULL, &y0);
  const int from[] = {0, 2, 5}, rows[] = {2, 2, 1};
  for (int k = 0, at = 2; k < 3; at += rows[k++]) {
    Tensor xk = tensor_rows(x, from[k], rows[k]), yk = tensor_rows(y, at, rows[k]);
    op_linear_to(l, &xk, &yk);
  }
  Tensor y7 = tensor_rows(y, 7, 1), x4 = tensor_rows(x, 4, 1);
  op_linear_to(l, NULL, &y7);
  op_linear_add(l, &x4, &y7);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "linear", case_one, NULL);
  gradcheck_run(env, "linear open", case_open, NULL);
}

const OpDef op_linear_def = {"linear", check};
