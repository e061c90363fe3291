#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  Tensor x, table;
  const int *index;
} Node;

static void turn_row(real *x, int cols, const Tensor *table, int position, real sign) {
  for (int at = 0; at < cols; at += table->cols)
    vec_turn(x + at, tensor_row(table, position), sign, (size_t)table->cols);
}

static void backward(void *saved) {
  const Node *node = saved;
  for (int r = 0; r < node->x.rows; r++)
    turn_row(tensor_grad_row(&node->x, r), node->x.cols, &node->table, node->index[r], -1);
}

void op_rotary(Tape *tape, Tensor *x, const Tensor *table, const int *index) {
  CHECK(table->cols % 2 == 0 && x->cols % table->cols == 0, "rotary: %d columns in heads of %d", x->cols, table->cols);
  for (int r = 0; r < x->rows; r++) {
    CHECK(index[r] >= 0 && index[r] < table->rows, "rotary: position %d of %d", index[r], table->rows);
    turn_row(tensor_row(x, r), x->cols, table, index[r], 1);
  }
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){*x, *table, index};
  tape_push(tape, "rotary", backward, node);
}

/* Three heads of four columns inside a wider matrix; angles that are none of a model. */
static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  static const int index[] = {2, 0, 1, 2};
  static real angles[] = {0, 1, 0, 1, (real)0.6, (real)0.8, (real)-0.28, (real)0.96, 1, 0, (real)0.8, (real)-0.6};
  const Tensor table = {.x = angles, .rows = 3, .cols = 4, .ld = 4};
  Tensor *wide = gradcheck_input(env, 4, 14, 1), x = tensor_cols(wide, 1, 12);
  op_rotary(&env->tape, &x, &table, index);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) { gradcheck_run(env, "rotary", case_one, NULL); }

const OpDef op_rotary_def = {"rotary", check};
