#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"

typedef struct Node {
  const Places *places;
  Tensor x, y;
  int taps;
} Node;

/* Calls take with every row of y, every tap that falls inside the row's sentence, and the row of x that it reads. */
static void each_tap(const Node *node, void (*take)(const Node *node, int row, int tap, int from)) {
  const Places *p = node->places;
  for (int b = 0; b < p->n_sent; b++)
    for (int i = 0; i < p->length[b]; i++)
      for (int j = 0; j < node->taps; j++) {
        int at = i + j - node->taps / 2;
        if (at >= 0 && at < p->length[b]) take(node, places_row(p, b, i), j, places_row(p, b, at));
      }
}

static void copy(const Node *node, int row, int tap, int from) {
  const real *x = tensor_row(&node->x, from);
  real *y = tensor_row(&node->y, row) + tap;
  for (int c = 0; c < node->x.cols; c++) y[c * node->taps] = x[c];
}

static void add_back(const Node *node, int row, int tap, int from) {
  real *dx = tensor_grad_row(&node->x, from);
  const real *dy = tensor_grad_row(&node->y, row) + tap;
  for (int c = 0; c < node->x.cols; c++) dx[c] += dy[c * node->taps];
}

static void backward(void *saved) {
  const Node *node = saved;
  if (node->x.g != NULL) each_tap(node, add_back);
}

Tensor *op_unfold(Tape *tape, const Places *places, const Tensor *x, int taps) {
  CHECK(taps % 2 == 1, "unfold: %d taps have no middle", taps);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  Tensor *y = tape_zeros(tape, x->rows, x->cols * taps);
  *node = (Node){.places = places, .x = *x, .y = *y, .taps = taps};
  each_tap(node, copy);
  tape_push(tape, "unfold", backward, node);
  return y;
}

/* Sentences of 3 rows, of 1 and of 2, a taps as wide as that or wider. */
static void case_one(GradEnv *env, void *ctx) {
  static const int start[] = {0, 3, 4}, length[] = {3, 1, 2};
  static const Places places = {.n_sent = 3, .longest = 3, .start = start, .length = length};
  const int *taps = ctx;
  gradcheck_output(env, op_unfold(&env->tape, &places, gradcheck_input(env, 6, 2, 1), *taps));
}

static void check(GradEnv *env) {
  static const char *const names[] = {"unfold 1 tap", "unfold 3 taps", "unfold 5 taps"};
  for (int k = 0; k < 3; k++) {
    int taps = 2 * k + 1;
    gradcheck_run(env, names[k], case_one, &taps);
  }
}

const OpDef op_unfold_def = {"unfold", check};
