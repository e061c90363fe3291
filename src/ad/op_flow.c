#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/blas.h"
#include "num/vec.h"

enum { STAGES = 4 };
/* The classical method of Runge and Kutta: how far the slope before carries a stage, and the weight of its own slope.
 */
static const double carry[STAGES] = {0, 0.5, 0.5, 1}, weight[STAGES] = {1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0};

/* Evaluations of h are numbered as they are made; each is of L rows, one a path. */
typedef struct Flow {
  FlowWeights w;
  Tensor y;     /* [n, L d]: row i is the state [L,d] at position i */
  Tensor in[2]; /* what the layers of the net read, the time in the last column [evaluations L, d + 1] */
  Tensor k;     /* a slope [L,d] */
  real *p;      /* a state, [L d] */
  real *theta;  /* [d / 2] */
  int steps;
  /* Gradients: of what the layers of the net give, for the evaluations between two positions [evaluations L, d], and of
   * what one evaluation reads [L, d + 1]. */
  Tensor d_out[2], d_in[2];
  bool recording;
} Flow;

static int evaluations(const Flow *f) { return STAGES * f->steps; } /* from a position to the next */
static size_t state_size(const Flow *f) { return (size_t)f->w.start.rows * (size_t)f->w.start.cols; }
static Tensor rows_of(const Flow *f, const Tensor *t, int evaluation) {
  return tensor_rows(t, evaluation * f->w.start.rows, f->w.start.rows);
}
/* The first evaluation on the way from a position to the next; without a way back all are kept in one place. */
static int first_of(const Flow *f, int position) { return f->recording ? position * evaluations(f) : 0; }

/* y = in W^T + b. */
static void apply_layer(const Flow *f, int layer, const Tensor *in, const Tensor *y) {
  op_linear_product(in, &f->w.w[layer], &f->w.b[layer], y);
}

/* y += x J, or x J^T (sign -1), for a row of d numbers. */
static void add_rotation(const Flow *f, const real *x, real sign, real *y) {
  for (int c = 0; c < f->w.start.cols; c += 2) {
    y[c] += sign * f->theta[c / 2] * x[c + 1];
    y[c + 1] -= sign * f->theta[c / 2] * x[c];
  }
}

/* k = h(time, p), p being what in[0] holds. */
static void evaluate(const Flow *f, int evaluation, double time) {
  Tensor in0 = rows_of(f, &f->in[0], evaluation), in1 = rows_of(f, &f->in[1], evaluation);
  Tensor hidden = tensor_cols(&in1, 0, f->k.cols);
  for (int l = 0; l < in0.rows; l++)
    tensor_row(&in0, l)[f->k.cols] = tensor_row(&in1, l)[f->k.cols] = (real)(time / 100);
  apply_layer(f, 0, &in0, &hidden);
  for (int l = 0; l < hidden.rows; l++) vec_relu(tensor_row(&hidden, l), (size_t)hidden.cols);
  apply_layer(f, 1, &in1, &f->k);
  for (int l = 0; l < in0.rows; l++) add_rotation(f, tensor_row(&in0, l), 1, tensor_row(&f->k, l));
}

/* in[0] = p + part k */
static void set_state(const Flow *f, int evaluation, real part) {
  Tensor in = rows_of(f, &f->in[0], evaluation);
  size_t d = (size_t)f->k.cols;
  for (int l = 0; l < in.rows; l++) {
    memcpy(tensor_row(&in, l), f->p + (size_t)l * d, d * sizeof(real));
    if (part != 0) vec_axpy(tensor_row(&in, l), part, tensor_row(&f->k, l), d);
  }
}

/* The state at the next position. */
static void advance(const Flow *f, int position) {
  real *next = tensor_row(&f->y, position + 1), size = 1 / (real)f->steps;
  memcpy(next, tensor_row(&f->y, position), state_size(f) * sizeof *next);
  for (int s = 0; s < f->steps; s++) {
    memcpy(f->p, next, state_size(f) * sizeof *next);
    for (int stage = 0; stage < STAGES; stage++) {
      int evaluation = f->recording ? first_of(f, position) + s * STAGES + stage : 0;
      set_state(f, evaluation, (real)carry[stage] * size);
      evaluate(f, evaluation, position + (s + carry[stage]) / f->steps);
      vec_axpy(next, (real)weight[stage] * size, f->k.x, state_size(f));
    }
  }
}

/* From the gradient of a slope, in d_out[1], that of the state it was taken at, in d_in[0]. */
static void evaluate_backward(const Flow *f, int position, int at) {
  Tensor in1 = rows_of(f, &f->in[1], first_of(f, position) + at);
  Tensor d_k = rows_of(f, &f->d_out[1], at), d_hidden = rows_of(f, &f->d_out[0], at);
  size_t d = (size_t)f->k.cols;
  op_linear_product_back(&d_k, &f->w.w[1], false, &f->d_in[1]);
  for (int l = 0; l < in1.rows; l++) {
    memcpy(tensor_grad_row(&d_hidden, l), tensor_grad_row(&f->d_in[1], l), d * sizeof(real));
    vec_relu_backward(tensor_row(&in1, l), tensor_grad_row(&d_hidden, l), d);
  }
  op_linear_product_back(&d_hidden, &f->w.w[0], false, &f->d_in[0]);
  for (int l = 0; l < in1.rows; l++) add_rotation(f, tensor_grad_row(&d_k, l), -1, tensor_grad_row(&f->d_in[0], l));
}

/* One step of the method: g [L d], the gradient of the state after it, becomes that of the state before. */
static void step_backward(const Flow *f, int position, int s, real *g) {
  real size = 1 / (real)f->steps;
  size_t d = (size_t)f->k.cols;
  memcpy(f->p, g, state_size(f) * sizeof *g);
  for (int stage = STAGES - 1; stage >= 0; stage--) {
    Tensor d_k = rows_of(f, &f->d_out[1], s * STAGES + stage);
    memset(d_k.g, 0, state_size(f) * sizeof *g);
    vec_axpy(d_k.g, (real)weight[stage] * size, f->p, state_size(f));
    for (int l = 0; l < d_k.rows && stage < STAGES - 1; l++)
      vec_axpy(tensor_grad_row(&d_k, l), (real)carry[stage + 1] * size, tensor_grad_row(&f->d_in[0], l), d);
    evaluate_backward(f, position, s * STAGES + stage);
    for (int l = 0; l < d_k.rows; l++) vec_add(g + (size_t)l * d, tensor_grad_row(&f->d_in[0], l), d);
  }
}

/* Those of the evaluations between two positions. */
static void weight_gradients(const Flow *f, int position) {
  for (int layer = 0; layer < 2; layer++) {
    const Tensor *out = &f->d_out[layer], *w = &f->w.w[layer];
    Tensor in = tensor_rows(&f->in[layer], first_of(f, position) * f->w.start.rows, out->rows);
    if (w->g != NULL) blas_gemm_tn(out->cols, in.cols, out->rows, out->g, out->ld, in.x, in.ld, 1, w->g, w->ld);
    for (int r = 0; r < out->rows && f->w.b[layer].g != NULL; r++)
      vec_add(f->w.b[layer].g, tensor_grad_row(out, r), (size_t)out->cols);
  }
}

static void backward(void *saved) {
  const Flow *f = saved;
  size_t size = state_size(f);
  real *g = f->k.x;
  for (int position = f->y.rows - 2; position >= 0; position--) {
    memcpy(g, tensor_grad_row(&f->y, position + 1), size * sizeof *g);
    for (int s = f->steps - 1; s >= 0; s--) step_backward(f, position, s, g);
    weight_gradients(f, position);
    vec_add(tensor_grad_row(&f->y, position), g, size);
  }
  for (int l = 0; l < f->w.start.rows && f->w.start.g != NULL; l++)
    vec_add(tensor_grad_row(&f->w.start, l), f->y.g + (size_t)l * (size_t)f->k.cols, (size_t)f->k.cols);
}

/* Room for all evaluations and their way back, or for one. */
static void make_room(Flow *f, Tape *tape) {
  int paths = f->w.start.rows, d = f->w.start.cols, all = f->recording ? (f->y.rows - 1) * evaluations(f) : 1;
  f->k = (Tensor){.x = tape_alloc(tape, state_size(f), sizeof(real)), .rows = paths, .cols = d, .ld = d};
  f->p = tape_alloc(tape, state_size(f), sizeof *f->p);
  for (int layer = 0; layer < 2; layer++) {
    f->in[layer] = (Tensor){.rows = all * paths, .cols = d + 1, .ld = d + 1};
    f->in[layer].x = tape_alloc(tape, (size_t)f->in[layer].rows * (size_t)(d + 1), sizeof(real));
    if (!f->recording) continue;
    f->d_out[layer] = *tape_tensor(tape, evaluations(f) * paths, d);
    f->d_in[layer] = *tape_tensor(tape, paths, d + 1);
  }
}

void op_flow(Tape *tape, const FlowWeights *w, int steps, Tensor *dst) {
  int d = w->start.cols;
  CHECK(d % 2 == 0 && dst->cols == w->start.rows * d && dst->ld == dst->cols && w->w[0].cols == d + 1,
        "flow: %d paths of %d, W [%d,%d], y [%d,%d]", w->start.rows, d, w->w[0].rows, w->w[0].cols, dst->rows,
        dst->cols);
  Flow *f = tape_alloc(tape, 1, sizeof *f);
  *f = (Flow){.w = *w, .y = *dst, .steps = steps, .recording = tape->recording};
  f->theta = tape_alloc(tape, (size_t)d / 2 + 1, sizeof *f->theta);
  for (int c = 0; c < d; c += 2) f->theta[c / 2] = (real)pow(10000, -(double)c / d);
  make_room(f, tape);
  for (int l = 0; l < w->start.rows; l++)
    memcpy(tensor_row(dst, 0) + (size_t)l * (size_t)d, tensor_row(&w->start, l), (size_t)d * sizeof(real));
  for (int position = 0; position + 1 < dst->rows; position++) advance(f, position);
  tape_push(tape, "flow", backward, f);
}

/* Two paths of size 4, over the positions that ctx counts. */
static void case_one(GradEnv *env, void *ctx) {
  const int *n = ctx;
  const FlowWeights w = {*gradcheck_input(env, 2, 4, 1),
                         {*gradcheck_input(env, 4, 5, 1), *gradcheck_input(env, 4, 5, 1)},
                         {*gradcheck_input(env, 1, 4, 1), *gradcheck_input(env, 1, 4, 1)}};
  Tensor *y = tape_tensor(&env->tape, *n, 8);
  op_flow(&env->tape, &w, 2, y);
  gradcheck_output(env, y);
}

static void check(GradEnv *env) {
  for (int n = 1; n <= 4; n += 3) gradcheck_run(env, n == 1 ? "flow of one position" : "flow", case_one, &n);
}

const OpDef op_flow_def = {"flow", check};
