#include "ad/gradcheck.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

typedef struct GradLeaf {
  real *x, *g;
  size_t n;
} GradLeaf;

static const double STEP = 1e-5, TOLERANCE = 1e-6, FLOOR = 1e-3;

void gradcheck_init(GradEnv *env, ParamSet *params) {
  *env = (GradEnv){0};
  env->tape.arena = arena_new();
  env->tape.params = params;
  env->tape.recording = true;
  if (params != NULL) env->tape.grads = param_block(params, "gradient check");
}

static void drop_leaves(GradEnv *env) {
  for (int i = 0; i < env->n_leaves; i++) {
    mem_free(env->leaves[i].x);
    mem_free(env->leaves[i].g);
  }
  env->n_leaves = 0;
}

void gradcheck_free(GradEnv *env) {
  drop_leaves(env);
  mem_free(env->leaves);
  mem_free(env->tape.grads);
  arena_free(env->tape.arena);
  str_free(&env->report);
}

static GradLeaf *new_leaf(GradEnv *env, size_t n, double scale) {
  if (env->n_leaves == env->cap_leaves) {
    env->cap_leaves = 2 * env->cap_leaves + 8;
    env->leaves = mem_grow(env->leaves, (size_t)env->cap_leaves, sizeof *env->leaves, "gradient check");
  }
  GradLeaf leaf = {mem_alloc(n, sizeof(real), "leaf"), mem_zero(n, sizeof(real), "leaf"), n};
  uint64_t key = rng_key(1, RNG_TEST, (uint64_t)env->n_leaves, 0);
  for (size_t i = 0; i < n; i++) leaf.x[i] = (real)(scale * (2 * rng_uniform(key, i) - 1));
  env->leaves[env->n_leaves] = leaf;
  return &env->leaves[env->n_leaves++];
}

typedef struct Copy {
  const Tensor *t;
  real *g;
} Copy;

static void copy_backward(void *saved) {
  Copy *c = saved;
  size_t n = (size_t)c->t->rows * (size_t)c->t->cols;
  for (size_t i = 0; i < n; i++) c->g[i] += c->t->g[i];
}

Tensor *gradcheck_input(GradEnv *env, int rows, int cols, double scale) {
  size_t n = (size_t)rows * (size_t)cols;
  GradLeaf *leaf = env->next_leaf < env->n_leaves ? &env->leaves[env->next_leaf] : new_leaf(env, n, scale);
  env->next_leaf++;
  Tensor *t = tape_tensor(&env->tape, rows, cols);
  memcpy(t->x, leaf->x, n * sizeof(real));
  Copy *copy = tape_alloc(&env->tape, 1, sizeof *copy);
  *copy = (Copy){t, leaf->g};
  tape_push(&env->tape, "copy", copy_backward, copy);
  return t;
}

void gradcheck_output(GradEnv *env, const Tensor *y) {
  uint64_t key = rng_key(2, RNG_TEST, (uint64_t)env->next_output++, 0);
  for (int r = 0; r < y->rows; r++)
    for (int c = 0; c < y->cols; c++) {
      double w = 2 * rng_uniform(key, (uint64_t)(r * y->cols + c)) - 1;
      env->objective += w * (double)tensor_row(y, r)[c];
      if (env->tape.recording) tensor_grad_row(y, r)[c] += (real)w;
    }
}

void gradcheck_add(GradEnv *env, double objective) { env->objective += objective; }

static double run(GradEnv *env, GradCase build, void *ctx, bool recording) {
  tape_reset(&env->tape);
  env->tape.recording = recording;
  env->next_leaf = env->next_output = 0;
  env->objective = 0;
  build(env, ctx);
  if (recording) tape_backward(&env->tape);
  return env->objective;
}

static void fail(GradEnv *env, const char *name, const char *what, size_t i, double got, double want) {
  env->n_failures++;
  if (env->n_failures <= 20)
    str_addf(&env->report, "%s: %s[%zu]: gradient %.9g, differences %.9g\n", name, what, i, got, want);
}

/* Checks n numbers at x whose gradients are at g. */
static void check_block(GradEnv *env, const char *name, const char *what, GradCase build, void *ctx, real *x,
                        const real *g, size_t n) {
  for (size_t i = 0; i < n; i++) {
    real keep = x[i];
    x[i] = keep + (real)STEP;
    double up = run(env, build, ctx, false);
    x[i] = keep - (real)STEP;
    double down = run(env, build, ctx, false);
    x[i] = keep;
    double numeric = (up - down) / (2 * STEP), analytic = (double)g[i];
    double size = fmax(fmax(fabs(analytic), fabs(numeric)), FLOOR);
    env->n_checked++;
    if (!(fabs(analytic - numeric) <= TOLERANCE * size)) fail(env, name, what, i, analytic, numeric);
  }
}

void gradcheck_run(GradEnv *env, const char *name, GradCase build, void *ctx) {
  const ParamSet *params = env->tape.params;
  drop_leaves(env);
  (void)run(env, build, ctx, false);
  /* Noise where the gradients go: backward must add to it. */
  const real noise = (real)0.25;
  for (int l = 0; l < env->n_leaves; l++)
    for (size_t i = 0; i < env->leaves[l].n; i++) env->leaves[l].g[i] = noise;
  if (params != NULL)
    for (size_t i = 0; i < params->size; i++) env->tape.grads[i] = noise;
  double first = run(env, build, ctx, true);
  for (int l = 0; l < env->n_leaves; l++)
    for (size_t i = 0; i < env->leaves[l].n; i++) env->leaves[l].g[i] -= noise;
  if (run(env, build, ctx, false) != first)
    fail(env, name, "forward without recording differs", 0, env->objective, first);
  for (int l = 0; l < env->n_leaves; l++)
    check_block(env, name, "input", build, ctx, env->leaves[l].x, env->leaves[l].g, env->leaves[l].n);
  for (int p = 0; params != NULL && p < params->n_params; p++) {
    Tensor t = param_tensor(params, p, env->tape.grads);
    for (size_t i = 0; i < (size_t)t.rows * (size_t)t.cols; i++) t.g[i] -= noise;
    check_block(env, name, params->params[p].name, build, ctx, t.x, t.g, (size_t)t.rows * (size_t)t.cols);
  }
}
