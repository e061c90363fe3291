#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Node {
  ActivationKind kind;
  Tensor x;
  real *slope; /* [N,f] derivatives; relu needs none */
} Node;

static void backward(void *saved) {
  const Node *node = saved;
  size_t f = (size_t)(node->x.cols / activation_width(node->kind));
  for (int r = 0; r < node->x.rows; r++) {
    real *x = tensor_row(&node->x, r), *g = tensor_grad_row(&node->x, r);
    if (node->kind == ACTIVATION_relu) {
      vec_relu_backward(x, g, f);
      continue;
    }
    if (node->kind == ACTIVATION_swiglu)
      for (size_t c = 0; c < f; c++) g[f + c] = g[c] * x[f + c];
    vec_multiply(g, node->slope + (size_t)r * f, f);
  }
}

static void forward_row(ActivationKind kind, real *x, real *slope, size_t f) {
  if (kind == ACTIVATION_relu) vec_relu(x, f);
  if (kind == ACTIVATION_gelu) vec_gelu(x, slope, f);
  if (kind == ACTIVATION_swiglu) vec_swiglu(x, x + f, slope, f);
}

Tensor *op_activation(Tape *tape, ActivationKind kind, Tensor *x) {
  CHECK(x->cols % activation_width(kind) == 0, "activation: %d columns cannot be halved", x->cols);
  int f = x->cols / activation_width(kind);
  Node *node = tape_alloc(tape, 1, sizeof *node);
  *node = (Node){.kind = kind, .x = *x};
  if (tape->recording && kind != ACTIVATION_relu)
    node->slope = tape_alloc(tape, (size_t)x->rows * (size_t)f, sizeof *node->slope);
  for (int r = 0; r < x->rows; r++)
    forward_row(kind, tensor_row(x, r), node->slope == NULL ? NULL : node->slope + (size_t)r * (size_t)f, (size_t)f);
  tape_push(tape, "activation", backward, node);
  return tape_keep(tape, tensor_cols(x, 0, f));
}

/* Rows of seven numbers each way in columns of a wider matrix, as linear1 of a layer might have written them. */
static void case_one(GradEnv *env, void *ctx) {
  const ActivationKind *kind = ctx;
  int cols = 7 * activation_width(*kind);
  Tensor *wide = gradcheck_input(env, 3, cols + 2, 3), x = tensor_cols(wide, 1, cols);
  gradcheck_output(env, op_activation(&env->tape, *kind, &x));
}

static void check(GradEnv *env) {
  static const char *const names[] = {"activation relu", "activation gelu", "activation swiglu"};
  for (ActivationKind kind = 0; kind < N_ACTIVATIONS; kind++) gradcheck_run(env, names[kind], case_one, &kind);
}

const OpDef op_activation_def = {"activation", check};
