#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  Tensor x, table, y; /* table.x NULL: none */
  const int *index;
  real scale;
} Node;

static void backward(void *saved) {
  const Node *node = saved;
  size_t d = (size_t)node->y.cols;
  for (int r = 0; r < node->y.rows; r++) {
    const real *dy = tensor_grad_row(&node->y, r);
    if (node->x.g != NULL) vec_axpy(tensor_grad_row(&node->x, r), node->scale, dy, d);
    if (node->table.g != NULL) vec_add(tensor_grad_row(&node->table, node->index[r]), dy, d);
  }
}

static void forward_row(const Node *node, int r) {
  const real *x = tensor_row(&node->x, r);
  real *y = tensor_row(&node->y, r);
  for (int c = 0; c < node->y.cols; c++) y[c] = node->scale * x[c];
  if (node->table.x != NULL) vec_add(y, tensor_row(&node->table, node->index[r]), (size_t)node->y.cols);
}

void op_place(Tape *tape, const Tensor *x, real scale, const Tensor *table, const int *index, Tensor *dst) {
  CHECK(dst->rows == x->rows && dst->cols == x->cols && (table == NULL || table->cols == x->cols),
        "place: x [%d,%d], table of %d columns, y [%d,%d]", x->rows, x->cols, table == NULL ? x->cols : table->cols,
        dst->rows, dst->cols);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){.x = *x, .y = *dst, .index = index, .scale = scale};
  if (table != NULL) node->table = *table;
  for (int r = 0; r < x->rows; r++) {
    CHECK(table == NULL || (index[r] >= 0 && index[r] < table->rows), "place: position %d of %d", index[r],
          table->rows);
    forward_row(node, r);
  }
  tape_push(tape, "place", backward, node);
}

/* Positions of two sentences, in a table that knows more of them, into columns of a wider matrix. */
static void case_one(GradEnv *env, void *ctx) {
  static const int index[] = {0, 1, 2, 0, 1};
  const bool *with_table = ctx;
  Tensor *x = gradcheck_input(env, 5, 3, 1), *table = *with_table ? gradcheck_input(env, 4, 3, 1) : NULL;
  Tensor *wide = tape_zeros(&env->tape, 5, 5), y = tensor_cols(wide, 1, 3);
  op_place(&env->tape, x, (real)1.75, table, index, &y);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) {
  for (int k = 0; k < 2; k++) {
    bool with_table = k == 0;
    gradcheck_run(env, with_table ? "place" : "place without a table", case_one, &with_table);
  }
}

const OpDef op_place_def = {"place", check};
