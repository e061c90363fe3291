/* The optimizers against PyTorch, and what they share: clipping, norms, slices. The expected numbers are printed by

    import torch
    torch.set_default_dtype(torch.float64)
    def run(make, clip):
        W = torch.nn.Parameter(torch.sin(torch.arange(6.) + 1).reshape(2, 3).clone())
        b = torch.nn.Parameter(torch.cos(torch.arange(3.) + 1).clone())
        opt = make([{'params': [W], 'weight_decay': .1}, {'params': [b], 'weight_decay': 0}])
        for t in range(1, 4):
            W.grad = t * torch.cos(2 * torch.arange(6.) + t).reshape(2, 3)
            b.grad = torch.sin(3 * torch.arange(3.) + t)
            print(torch.nn.utils.clip_grad_norm_([W, b], clip))
            opt.step()
        print(W, b)
    for clip in 1.5, 1e9:
        run(lambda p: torch.optim.AdamW(p, lr=.05, betas=(.9, .99), eps=1e-3), clip)
        run(lambda p: torch.optim.SGD(p, lr=.05), clip)

 * where SGD's decay, which PyTorch adds to the gradient after clipping, is the decoupled one. */
#include "train/optim.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

static const double NEAR = REAL_IS_DOUBLE ? 2e-6 : 5e-6; /* PyTorch clips by clip / (norm + 1e-6) */

static const struct {
  OptimizerKind type;
  double clip, want[9]; /* W, then b */
} cases[] = {{OPTIMIZER_adam,
              1.5,
              {0.8047317533, 1.022182915, -0.0011384737, -0.8053576525, -0.8069378022, -0.3926904326, 0.40383181,
               -0.2763193088, -1.1328530842}},
             {OPTIMIZER_sgd,
              1.5,
              {0.8669946944, 0.94439372, 0.0604252104, -0.7287660299, -0.8799571523, -0.3457982759, 0.4906216647,
               -0.3665969071, -1.0384199721}},
             {OPTIMIZER_adam,
              0,
              {0.8257072236, 1.0142324495, 0.0032238587, -0.7860961343, -0.809409398, -0.3947915696, 0.398270238,
               -0.2715594381, -1.1359561438}},
             {OPTIMIZER_sgd,
              0,
              {0.9920717704, 0.9672201276, -0.0836501401, -0.6316794348, -0.8166863607, -0.4955447507, 0.4457078849,
               -0.3163897231, -1.0929156631}}};
enum { N_CASES = sizeof cases / sizeof *cases };
static const double norms[] = {2.1126943311, 3.8162561629, 5.4599294714};

/* W [2,3] and b [3]. */
static void two_params(ParamSet *set) {
  *set = (ParamSet){0};
  param_matrix(set, "W", 2, 3, START_ZERO, 1);
  param_vector(set, "b", 3, START_ZERO, 1);
  param_seal(set);
  for (int i = 0; i < 6; i++) set->values[i] = (real)sin(i + 1);
  for (int i = 0; i < 3; i++) set->values[set->params[1].offset + (size_t)i] = (real)cos(i + 1);
}

START_TEST(steps_of_pytorch) {
  ParamSet set;
  two_params(&set);
  const OptimizerConfig config = {cases[_i].type, 0, 0.9, 0.99, 1e-3, 0.1, cases[_i].clip};
  Pool *pool = pool_new(2);
  Optim *optim = optim_new(&set, &config);
  real *grads = param_block(&set, "gradients"), *b = grads + set.params[1].offset;
  for (int t = 1; t <= 3; t++) {
    for (int i = 0; i < 6; i++) grads[i] = (real)(t * cos(2 * i + t));
    for (int i = 0; i < 3; i++) b[i] = (real)sin(3 * i + t);
    double norm = optim_norm(optim, pool, grads);
    ck_assert_double_eq_tol(norm, norms[t - 1], 1e-6);
    optim_update(optim, pool, grads, norm, 0.05, t);
  }
  for (int i = 0; i < 9; i++) {
    real got = i < 6 ? set.values[i] : set.values[set.params[1].offset + (size_t)i - 6];
    ck_assert_double_eq_tol((double)got, cases[_i].want[i], NEAR);
  }
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
  param_free(&set);
}
END_TEST

/* A gradient of norm 5 clipped to 2 makes a step of norm 2 lr; one of norm 1 is left alone. */
START_TEST(clipping_is_to_the_limit) {
  ParamSet set = {0};
  param_vector(&set, "b", 2, START_ZERO, 1);
  param_seal(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_sgd, .clip_norm = 2};
  Pool *pool = pool_new(1);
  Optim *optim = optim_new(&set, &config);
  real *grads = param_block(&set, "gradients");
  grads[0] = 3;
  grads[1] = -4;
  double norm = optim_norm(optim, pool, grads);
  ck_assert_double_eq(norm, 5);
  optim_update(optim, pool, grads, norm, 10, 1);
  ck_assert_double_eq_tol((double)set.values[0], -12, 1e-5);
  ck_assert_double_eq_tol((double)set.values[1], 16, 1e-5);
  grads[0] = 1;
  grads[1] = 0;
  optim_update(optim, pool, grads, 1, 10, 2);
  ck_assert_double_eq_tol((double)set.values[0], -22, 1e-5);
  ck_assert_double_eq_tol((double)set.values[1], 16, 1e-5);
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
  param_free(&set);
}
END_TEST

/* Weights 0, -1, -2, -3. By hand, with decays 2/11, 3/12, 4/13 and none over the limit. */
static const struct {
  double decay, want[3];
} averages[] = {{0.9, {-0.8181818182, -1.7045454545, -2.6013986014}},
                {0.2, {-0.8181818182, -1.7636363636, -2.7527272727}}};

START_TEST(averages_by_hand) {
  ParamSet set = {0};
  param_vector(&set, "b", 1, START_ZERO, 1);
  param_seal(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_sgd};
  Pool *pool = pool_new(1);
  Optim *optim = optim_new(&set, &config);
  real *grads = param_block(&set, "gradients");
  grads[0] = 1;
  optim_keep_average(optim, averages[_i].decay);
  for (int t = 1; t <= 3; t++) {
    optim_update(optim, pool, grads, 1, 1, t);
    ck_assert_double_eq_tol((double)set.values[0], -t, 1e-6);
    ck_assert_double_eq_tol((double)optim->average[0], averages[_i].want[t - 1], 1e-6);
  }
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
  param_free(&set);
}
END_TEST

enum { LONG = 150001 };

/* Tensors of several slices: every number is summed, looked at, counted in the norm and updated, by any number of
 * threads. */
START_TEST(long_tensors) {
  ParamSet set = {0};
  param_matrix(&set, "W", 1, LONG, START_ZERO, 1);
  param_vector(&set, "b", 3, START_ZERO, 1);
  param_seal(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_sgd, .weight_decay = 0.5};
  Optim *optim = optim_new(&set, &config);
  Pool *pool = pool_new(_i);
  real *grads = param_block(&set, "gradients"), *more = param_block(&set, "gradients");
  const real *b = set.values + set.params[1].offset;
  for (size_t i = 0; i < set.size; i++) set.values[i] = 2;
  for (int p = 0; p < 2; p++) {
    Tensor t = param_tensor(&set, p, more);
    for (int i = 0; i < t.cols; i++) t.g[i] = 3;
  }
  optim_sum(optim, pool, (OptimAdd[]){{grads, more}, {grads, more}}, 2);
  double norm = optim_norm(optim, pool, grads);
  ck_assert_double_eq_tol(norm, 6 * sqrt(LONG + 3), 1e-9);
  more[LONG - 1] = (real)NAN;
  ck_assert_str_eq(optim_not_finite(optim, pool, more), "W");
  ck_assert_ptr_null(optim_not_finite(optim, pool, grads));
  optim_update(optim, pool, grads, norm, 0.25, 1);
  for (int i = 0; i < LONG; i++) ck_assert(set.values[i] == (real)0.25); /* 2 - 0.25 6 - 0.25 0.5 2 */
  for (int i = 0; i < 3; i++) ck_assert(b[i] == (real)0.5);              /* a vector does not decay */
  mem_free(grads);
  mem_free(more);
  pool_free(pool);
  optim_free(optim);
  param_free(&set);
}
END_TEST

/* A gradient of 1 leaves 1 - beta in each moment, which float has to 6e-8; 1 - 0.999f would be off by 1.3e-5. */
START_TEST(moments_take_what_beta_leaves) {
  ParamSet set = {0};
  param_vector(&set, "b", 1, START_ZERO, 1);
  param_seal(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_adam, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
  Pool *pool = pool_new(1);
  Optim *optim = optim_new(&set, &config);
  real *grads = param_block(&set, "gradients");
  grads[0] = 1;
  optim_update(optim, pool, grads, 1, 0.1, 1);
  ck_assert_double_eq_tol((double)optim->moments[0][0] / 0.1, 1, 1e-7);
  ck_assert_double_eq_tol((double)optim->moments[1][0] / 0.001, 1, 1e-7);
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
  param_free(&set);
}
END_TEST

START_TEST(the_first_tensor_that_is_not_finite_is_named) {
  ParamSet set;
  two_params(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_adam};
  Pool *pool = pool_new(2);
  Optim *optim = optim_new(&set, &config);
  real *grads = param_block(&set, "gradients");
  ck_assert_ptr_null(optim_not_finite(optim, pool, grads));
  grads[set.params[1].offset + 2] = (real)INFINITY;
  ck_assert_str_eq(optim_not_finite(optim, pool, grads), "b");
  grads[5] = (real)NAN;
  ck_assert_str_eq(optim_not_finite(optim, pool, grads), "W");
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
  param_free(&set);
}
END_TEST

START_TEST(every_optimizer_is_described) {
  const OptimDef *def = optim_def((OptimizerKind)_i);
  ck_assert_uint_gt(strlen(def->name), 0);
  ck_assert_int_le(def->n_moments, MAX_MOMENTS);
  for (int m = 0; m < def->n_moments; m++) ck_assert_uint_gt(strlen(def->moments[m]), 0);
}
END_TEST

Suite *test_optim(void);
Suite *test_optim(void) {
  Suite *s = suite_create("optim");
  TCase *t = tcase_create("optim");
  tcase_add_loop_test(t, steps_of_pytorch, 0, N_CASES);
  tcase_add_test(t, clipping_is_to_the_limit);
  tcase_add_test(t, moments_take_what_beta_leaves);
  tcase_add_loop_test(t, averages_by_hand, 0, 2);
  tcase_add_loop_test(t, long_tensors, 1, 4);
  tcase_add_test(t, the_first_tensor_that_is_not_finite_is_named);
  tcase_add_loop_test(t, every_optimizer_is_described, 0, N_OPTIMIZERS);
  suite_add_tcase(s, t);
  return s;
}
