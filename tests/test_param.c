/* How parameters start, and how they lie in a block. */
#include "num/param.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "ad/op.h"
#include "base/mem.h"
#include "child.h"
#include "train/optim.h"

static const double NEAR = REAL_IS_DOUBLE ? 1e-12 : 1e-5;

static real *values(const ParamSet *set, const char *name) {
  int p = param_find(set, name);
  ck_assert_int_ge(p, 0);
  return param_tensor(set, p, NULL).x;
}

static double largest(const real *x, int n) {
  double most = 0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs((double)x[i]));
  return most;
}

static double mean(const real *x, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += (double)x[i];
  return sum / n;
}

START_TEST(layout) {
  ParamSet set = {0};
  int a = param_matrix(&set, "a", 3, 5, START_ZERO, 1), b = param_vector(&set, "b", 17, START_ZERO, 1);
  int c = param_matrix(&set, "c", 1, 1, START_ZERO, 1);
  param_seal(&set);
  ck_assert_uint_eq(param_count(&set), 15 + 17 + 1);
  ck_assert(set.params[a].rank == 2 && set.params[b].rank == 1 && set.params[c].rank == 2);
  real *block = param_block(&set, "block");
  for (int p = 0; p < set.n_params; p++) {
    Tensor t = param_tensor(&set, p, block);
    ck_assert_uint_eq((uintptr_t)t.x % 64, 0);
    ck_assert_uint_eq((uintptr_t)t.g % 64, 0);
    ck_assert_int_eq(t.g - block, t.x - set.values);
    ck_assert_ptr_null(param_tensor(&set, p, NULL).g);
    size_t end = set.params[p].offset + (size_t)t.rows * (size_t)t.cols;
    ck_assert_uint_le(end, p + 1 < set.n_params ? set.params[p + 1].offset : set.size);
  }
  Tensor t = param_tensor(&set, b, NULL);
  ck_assert(t.rows == 1 && t.cols == 17 && t.ld == 17);
  for (size_t i = 0; i < set.size; i++) ck_assert(block[i] == 0 && set.values[i] == 0);
  ck_assert_int_eq(param_find(&set, "c"), c);
  ck_assert_int_eq(param_find(&set, "d"), -1);
  mem_free(block);
  param_free(&set);
}
END_TEST

START_TEST(glorot_a_gate_at_a_time) {
  ParamSet set = {0};
  param_matrix(&set, "w", 3 * 20, 40, START_GLOROT, 3);
  param_seal(&set);
  param_start(&set, 1);
  const double bound = 0.31622777; /* sqrt(6 / (20 + 40)) */
  for (int gate = 0; gate < 3; gate++) {
    const real *x = values(&set, "w") + gate * 800;
    ck_assert_double_le(largest(x, 800), bound + 1e-7);
    ck_assert_double_ge(largest(x, 800), 0.98 * bound);
    ck_assert_double_le(fabs(mean(x, 800)), 0.03); /* standard deviation 0.0065 */
  }
  param_free(&set);
}
END_TEST

START_TEST(orthogonal_a_gate_at_a_time) {
  enum { N = 13, GATES = 3 };
  ParamSet set = {0};
  param_matrix(&set, "w", GATES * N, N, START_ORTHOGONAL, GATES);
  param_seal(&set);
  param_start(&set, 5);
  const real *w = values(&set, "w");
  for (int gate = 0; gate < GATES; gate++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        double dot = 0;
        for (int k = 0; k < N; k++) dot += (double)w[(gate * N + i) * N + k] * (double)w[(gate * N + j) * N + k];
        ck_assert_double_eq_tol(dot, i == j, NEAR);
      }
  /* Gates are different matrices. */
  ck_assert_mem_ne(w, w + N * N, N * sizeof *w);
  param_free(&set);
}
END_TEST

START_TEST(forget_gate_starts_at_one) {
  ParamSet set = {0};
  param_vector(&set, "b", 4 * 6, START_FORGET, 4);
  param_seal(&set);
  param_start(&set, 5);
  for (int i = 0; i < 24; i++) ck_assert(values(&set, "b")[i] == (i >= 6 && i < 12 ? 1 : 0));
  param_free(&set);
}
END_TEST

START_TEST(other_starts) {
  ParamSet set = {0};
  param_matrix(&set, "zero", 4, 4, START_ZERO, 1);
  param_matrix(&set, "embedding", 100, 30, START_EMBEDDING, 1);
  param_matrix(&set, "unit", 100, 25, START_UNIT, 1);
  param_matrix(&set, "positions", 100, 25, START_POSITIONS, 1);
  param_matrix(&set, "circle", 2, 4, START_CIRCLE, 1);
  param_vector(&set, "vector", 300, START_VECTOR, 1);
  param_vector(&set, "width", 2, START_WIDTH, 16);
  param_vector(&set, "reach", 2, START_REACH, 16);
  param_vector(&set, "one", 3, START_ONE, 1);
  param_vector(&set, "address", 2 * 7, START_ADDRESS, 2);
  param_seal(&set);
  for (size_t i = 0; i < set.size; i++) set.values[i] = 7;
  param_start(&set, 5);
  ck_assert_double_eq(largest(values(&set, "zero"), 16), 0);
  for (int h = 0; h < 2; h++) ck_assert_double_eq_tol((double)values(&set, "width")[h], 0.5, 1e-7); /* 16^(-1/4) */
  for (int h = 0; h < 2; h++) ck_assert_double_eq_tol((double)values(&set, "reach")[h], 0.125, 1e-7);
  for (int i = 0; i < 3; i++) ck_assert(values(&set, "one")[i] == 1);
  for (int i = 0; i < 14; i++) { /* in each group of 7: gate, sharpening, shifts -2 .. 2 */
    double want = i % 7 == 1 ? -2 : i % 7 == 4 ? 2.7725887 : 0; /* log 16: 16 / (16 + 4) = 0.8 */
    ck_assert_double_eq_tol((double)values(&set, "address")[i], want, 1e-6);
  }
  const real *v = values(&set, "vector"), *e = values(&set, "embedding");
  ck_assert_double_le(largest(v, 300), 0.1 + 1e-7); /* sqrt(3 / 300) */
  ck_assert_double_ge(largest(v, 300), 0.095);
  double squares = 0;
  for (int i = 0; i < 3000; i++) squares += (double)e[i] * (double)e[i] / 3000;
  ck_assert_double_eq_tol(sqrt(squares), 0.1, 0.006); /* standard deviation 0.0013 */
  ck_assert_double_le(fabs(mean(e, 3000)), 0.01);
  ck_assert_double_ge(largest(e, 3000), 0.25); /* normal, not uniform */
  squares = 0;
  for (int i = 0; i < 2500; i++) squares += pow((double)values(&set, "unit")[i], 2) / 2500;
  ck_assert_double_eq_tol(sqrt(squares), 0.2, 0.012); /* 25^(-1/2) */
  squares = 0;
  for (int i = 0; i < 2500; i++) squares += pow((double)values(&set, "positions")[i], 2) / 2500;
  ck_assert_double_eq_tol(sqrt(squares), 0.02, 0.0012);
  for (int i = 0; i < 8; i++) ck_assert(values(&set, "circle")[i] == (i == 1 || i == 3 ? 1 : 0));
  param_free(&set);
}
END_TEST

/* A tensor's start is a function of seed and name, not of what else a model declares. */
START_TEST(start_depends_on_name_and_seed) {
  ParamSet one = {0}, two = {0};
  param_matrix(&one, "a", 4, 6, START_GLOROT, 1);
  param_matrix(&one, "b", 4, 4, START_ORTHOGONAL, 1);
  param_matrix(&two, "c", 9, 9, START_EMBEDDING, 1);
  param_matrix(&two, "b", 4, 4, START_ORTHOGONAL, 1);
  param_matrix(&two, "a", 4, 6, START_GLOROT, 1);
  param_matrix(&two, "d", 4, 6, START_GLOROT, 1);
  param_seal(&one);
  param_seal(&two);
  param_start(&one, 9);
  param_start(&two, 9);
  ck_assert_mem_eq(values(&one, "a"), values(&two, "a"), 24 * sizeof(real));
  ck_assert_mem_eq(values(&one, "b"), values(&two, "b"), 16 * sizeof(real));
  ck_assert_mem_ne(values(&two, "a"), values(&two, "d"), 24 * sizeof(real));
  param_start(&two, 10);
  ck_assert_mem_ne(values(&one, "a"), values(&two, "a"), 24 * sizeof(real));
  param_free(&one);
  param_free(&two);
}
END_TEST

START_TEST(lent_and_owned) {
  const real m[6] = {1, 2, 3, 4, 5, 6}, v[2] = {7, 8};
  ParamSet set = {0};
  param_matrix(&set, "m", 2, 3, START_ZERO, 1);
  param_vector(&set, "v", 2, START_ZERO, 1);
  param_lend(&set, 0, m);
  param_lend(&set, 1, v);
  ck_assert_ptr_eq(param_tensor(&set, 0, NULL).x, m);
  ck_assert_ptr_eq(param_values(&set, 1), v);
  ck_assert_ptr_null(set.values);
  param_own(&set);
  ck_assert_mem_eq(set.values, m, sizeof m);
  ck_assert_mem_eq(set.values + set.params[1].offset, v, sizeof v);
  ck_assert_ptr_eq(param_values(&set, 1), set.values + set.params[1].offset);
  ck_assert_ptr_eq(param_tensor(&set, 0, NULL).x, set.values);
  const real *own = set.values;
  param_own(&set);
  ck_assert_ptr_eq(set.values, own);
  param_free(&set);
}
END_TEST

/* A part of rows, and one of columns, are blocks of the matrix, gradients too. */
START_TEST(parts_are_blocks) {
  ParamSet set = {0};
  int m = param_matrix(&set, "m", 4, 3, START_ZERO, 1);
  int rows = param_part_rows(&set, m, 1, 2), cols = param_part(&set, m, 2, 1);
  param_seal(&set);
  real *grads = param_block(&set, "gradients");
  Tensor r = param_part_tensor(&set, rows, grads), c = param_part_tensor(&set, cols, grads);
  ck_assert_ptr_eq(r.x, set.values + 3);
  ck_assert_ptr_eq(r.g, grads + 3);
  ck_assert(r.rows == 2 && r.cols == 3 && r.ld == 3);
  ck_assert_ptr_eq(c.x, set.values + 2);
  ck_assert(c.rows == 4 && c.cols == 1 && c.ld == 3);
  for (int i = 0; i < 12; i++) set.values[i] = (real)i;
  param_changed(&set);
  param_pack(&set, NULL, PACK_FORWARD);
  real x[3] = {1, 0, 0};
  Tensor in = {.x = x, .rows = 1, .cols = 3, .ld = 3}, packed = param_part_tensor(&set, rows, NULL);
  real y[2];
  Tensor out = {.x = y, .rows = 1, .cols = 2, .ld = 2};
  op_linear_product(&in, &packed, NULL, &out);
  ck_assert(y[0] == 3 && y[1] == 6);
  mem_free(grads);
  param_free(&set);
}
END_TEST

#if !REAL_IS_DOUBLE

/* An update packs what is small or used again; a search that comes between packs all. */
START_TEST(packs_what_pays) {
  ParamSet set = {0};
  int small = param_weight(&set, "small", 512, 512, START_ONE, 1);
  int large = param_weight(&set, "large", 513, 512, START_ONE, 1);
  int again = param_again(&set, param_weight(&set, "again", 513, 512, START_ONE, 1));
  param_seal(&set);
  const bool training[] = {true, false, true};
  for (int i = 0; i < 3; i++) {
    param_changed(&set);
    param_pack(&set, NULL, training[i] ? PACK_BOTH : PACK_FORWARD);
    ck_assert_ptr_nonnull(param_part_tensor(&set, small, NULL).pack);
    ck_assert_ptr_nonnull(param_part_tensor(&set, again, NULL).pack);
    ck_assert_int_eq(param_part_tensor(&set, large, NULL).pack == NULL, training[i]);
  }
  param_free(&set);
}
END_TEST

static void use_pack(void *set) { (void)param_part_tensor(set, 0, NULL); }

static void check_refused(ParamSet *set) {
  char said[512];
  ck_assert_int_eq(child_run(use_pack, set, said, sizeof said), 128 + SIGABRT);
  ck_assert_msg(strstr(said, "part 0 of m is packed as it was 1 changes ago") != NULL, "%s", said);
}

static void update(ParamSet *set) {
  Pool *pool = pool_new(1);
  const OptimizerConfig sgd = {.type = OPTIMIZER_sgd};
  Optim *optim = optim_new(set, &sgd);
  real *grads = param_block(set, "gradients");
  optim_update(optim, pool, grads, 0, 1, 1);
  mem_free(grads);
  optim_free(optim);
  pool_free(pool);
}

/* A pack is one of the values it was made of: others are packed before they are used, or it is a bug. */
START_TEST(a_pack_knows_its_values) {
  ParamSet set = {0};
  (void)param_weight(&set, "m", 2, 3, START_ONE, 1);
  param_seal(&set);
  param_start(&set, 1);
  real *other = param_block(&set, "other values");
  other[1] = 5;
  param_pack(&set, NULL, PACK_FORWARD);
  use_pack(&set);
  param_swap(&set, &other);
  ck_assert(set.values[1] == 5 && other[0] == 1);
  check_refused(&set);
  param_pack(&set, NULL, PACK_FORWARD);
  const real x[3] = {0, 1, 0};
  real y[2];
  pack_forward(param_part_tensor(&set, 0, NULL).pack, 1, 2, x, 3, (PackStart){0}, y, 2);
  ck_assert(y[0] == 5 && y[1] == 0);
  update(&set);
  check_refused(&set);
  mem_free(other);
  param_free(&set);
}
END_TEST

#endif

Suite *test_param(void);
Suite *test_param(void) {
  Suite *s = suite_create("param");
  TCase *t = tcase_create("param");
  tcase_add_test(t, layout);
  tcase_add_test(t, lent_and_owned);
  tcase_add_test(t, glorot_a_gate_at_a_time);
  tcase_add_test(t, orthogonal_a_gate_at_a_time);
  tcase_add_test(t, forget_gate_starts_at_one);
  tcase_add_test(t, other_starts);
  tcase_add_test(t, start_depends_on_name_and_seed);
  tcase_add_test(t, parts_are_blocks);
#if !REAL_IS_DOUBLE
  tcase_add_test(t, packs_what_pays);
  tcase_add_test(t, a_pack_knows_its_values);
#endif
  suite_add_tcase(s, t);
  return s;
}
