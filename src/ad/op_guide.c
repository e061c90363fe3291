#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"

/* Added to a weight before its logarithm, as in Marian: positions that a scope leaves out have weight 0. */
static const double EPSILON = 1e-6;

typedef struct Guide {
  Tensor a;
  const Linked *links;
  GuideOptions options;
} Guide;

/* -sum_i A_i log(a_i + EPSILON), A_i = 1 / n at the n positions linked */
static double cross_entropy(const real *a, const Linked *linked) {
  double loss = 0;
  for (int k = 0; k < linked->n; k++) loss -= log((double)a[linked->at[k]] + EPSILON);
  return loss / linked->n;
}

static void cross_entropy_back(const real *a, const Linked *linked, double scale, real *da) {
  for (int k = 0; k < linked->n; k++) {
    int i = linked->at[k];
    da[i] -= (real)(scale / linked->n / ((double)a[i] + EPSILON));
  }
}

/* sum_i (A_i - a_i)^2 / 2 */
static double squared(const real *a, int n, const Linked *linked) {
  double loss = 0, share = 1.0 / linked->n;
  for (int i = 0; i < n; i++) loss += (double)a[i] * (double)a[i] / 2;
  for (int k = 0; k < linked->n; k++) loss += share * (share / 2 - (double)a[linked->at[k]]);
  return loss;
}

static void squared_back(const real *a, int n, const Linked *linked, double scale, real *da) {
  for (int i = 0; i < n; i++) da[i] += (real)scale * a[i];
  for (int k = 0; k < linked->n; k++) da[linked->at[k]] -= (real)(scale / linked->n);
}

static void backward(void *saved) {
  const Guide *g = saved;
  for (int r = 0; r < g->a.rows; r++) {
    const Linked *linked = &g->links[r];
    if (linked->n == 0) continue;
    const real *a = tensor_row(&g->a, r);
    real *da = tensor_grad_row(&g->a, r);
    if (g->options.loss == GUIDE_mse) squared_back(a, g->a.cols, linked, g->options.scale, da);
    else cross_entropy_back(a, linked, g->options.scale, da);
  }
}

double op_guide(Tape *tape, const Tensor *a, const Linked *links, GuideOptions options) {
  double loss = 0;
  for (int r = 0; r < a->rows; r++) {
    if (links[r].n == 0) continue;
    const real *row = tensor_row(a, r);
    loss += options.loss == GUIDE_mse ? squared(row, a->cols, &links[r]) : cross_entropy(row, &links[r]);
  }
  Guide *g = tape_alloc(tape, 1, sizeof *g);
  *g = (Guide){*a, links, options};
  tape_push(tape, "guide", backward, g);
  return loss;
}

/* Rows with one link, none, and three; weights from 0.25 to 0.75. */
static void case_one(GradEnv *env, void *ctx) {
  static const int at[] = {2, 0, 1, 3};
  static const Linked links[] = {{at, 1}, {NULL, 0}, {at + 1, 3}};
  const GuideOptions options = {ctx == NULL ? GUIDE_cross_entropy : GUIDE_mse, 0.7};
  Tensor *wide = gradcheck_input(env, 3, 6, 0.25);
  for (int i = 0; i < 3 * 6; i++) wide->x[i] += (real)0.5;
  Tensor a = tensor_cols(wide, 1, 4);
  gradcheck_add(env, options.scale * op_guide(&env->tape, &a, links, options));
}

static void check(GradEnv *env) {
  gradcheck_run(env, "guide", case_one, NULL);
  gradcheck_run(env, "guide squared", case_one, env);
}

const OpDef op_guide_def = {"guide", check};
