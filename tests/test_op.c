/* Gradient checks of every operation of ops.def; their tolerance needs doubles, so the float build checks nothing here.
 */
#include "ad/op.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>

#include "ad/gradcheck.h"

static int n_ops(void) {
  int n = 0;
  while (op_registry(n) != NULL) n++;
  return n;
}

#if REAL_IS_DOUBLE

START_TEST(gradients) {
  GradEnv env;
  gradcheck_init(&env, NULL);
  op_registry(_i)->check(&env);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  ck_assert_msg(env.n_checked > 0, "%s checks nothing", op_registry(_i)->name);
  gradcheck_free(&env);
}
END_TEST

typedef struct Wrong {
  Tensor x, y;
} Wrong;

/* The derivative of x^2 given as 1.9999 x. */
static void wrong_backward(void *saved) {
  Wrong *w = saved;
  for (int c = 0; c < w->x.cols; c++) w->x.g[c] += w->y.g[c] * (real)1.9999 * w->x.x[c];
}

static void wrong_case(GradEnv *env, void *ctx) {
  (void)ctx;
  Wrong *w = tape_alloc(&env->tape, 1, sizeof *w);
  *w = (Wrong){*gradcheck_input(env, 1, 4, 1), *tape_tensor(&env->tape, 1, 4)};
  for (int c = 0; c < 4; c++) w->y.x[c] = w->x.x[c] * w->x.x[c];
  tape_push(&env->tape, "wrong", wrong_backward, w);
  gradcheck_output(env, &w->y);
}

START_TEST(a_wrong_gradient_is_found) {
  GradEnv env;
  gradcheck_init(&env, NULL);
  gradcheck_run(&env, "wrong", wrong_case, NULL);
  ck_assert_int_eq(env.n_failures, 4);
  gradcheck_free(&env);
}
END_TEST

#endif

/* As many as there are files of operations. Run from the top folder. */
START_TEST(registry_has_every_operation) {
  glob_t files;
  ck_assert_int_eq(glob("src/ad/op_*.c", 0, NULL, &files), 0);
  ck_assert_int_eq(n_ops(), (int)files.gl_pathc);
  globfree(&files);
}
END_TEST

Suite *test_op(void);
Suite *test_op(void) {
  Suite *s = suite_create("op");
  TCase *t = tcase_create("op");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, registry_has_every_operation);
#if REAL_IS_DOUBLE
  tcase_add_loop_test(t, gradients, 0, n_ops());
  tcase_add_test(t, a_wrong_gradient_is_found);
#endif
  suite_add_tcase(s, t);
  return s;
}
