/* The tape itself; operations and models on it are checked in test_op.c, test_model.c and test_model_gradients.c. */
#include "ad/tape.h"

#include <check.h>

#include "ad/op.h"
#include "base/mem.h"

typedef struct Note {
  int *count, *seen;
} Note;

static void note(void *saved) {
  Note *n = saved;
  *n->seen = (*n->count)++;
}

static void push(Tape *tape, int *count, int *seen) {
  Note *n = tape_alloc(tape, 1, sizeof *n);
  *n = (Note){count, seen};
  tape_push(tape, "note", note, n);
}

START_TEST(backward_runs_the_nodes_in_reverse_and_once) {
  Tape tape = {.arena = arena_new(), .recording = true};
  int count = 0, seen[3] = {-1, -1, -1};
  for (int i = 0; i < 3; i++) push(&tape, &count, &seen[i]);
  tape_backward(&tape);
  ck_assert(seen[0] == 2 && seen[1] == 1 && seen[2] == 0);
  tape_backward(&tape);
  ck_assert_int_eq(count, 3);
  push(&tape, &count, &seen[0]);
  tape_reset(&tape);
  tape_backward(&tape);
  ck_assert_int_eq(count, 3);
  arena_free(tape.arena);
}
END_TEST

START_TEST(nothing_is_kept_without_recording) {
  Tape tape = {.arena = arena_new()};
  int count = 0, seen = -1;
  push(&tape, &count, &seen);
  ck_assert_ptr_null(tape.last);
  ck_assert_ptr_null(tape_tensor(&tape, 2, 3)->g);
  tape_backward(&tape);
  ck_assert_int_eq(count, 0);
  arena_free(tape.arena);
}
END_TEST

/* Memory is used anew after a reset: gradients must start at zero again. */
START_TEST(gradients_start_at_zero) {
  Tape tape = {.arena = arena_new(), .recording = true};
  for (int round = 0; round < 3; round++) {
    tape_reset(&tape);
    Tensor *t = tape_tensor(&tape, 5, 7), *z = tape_zeros(&tape, 2, 3);
    ck_assert(t->rows == 5 && t->cols == 7 && t->ld == 7);
    for (int i = 0; i < 35; i++) {
      ck_assert(t->g[i] == 0);
      t->x[i] = t->g[i] = 3;
    }
    for (int i = 0; i < 6; i++) {
      ck_assert(z->x[i] == 0 && z->g[i] == 0);
      z->x[i] = z->g[i] = 3;
    }
  }
  arena_free(tape.arena);
}
END_TEST

/* x [1,2] W^T with the gradient of y all ones: dW = 1^T x into the block given, dx = column sums of W. */
START_TEST(gradients_of_parameters_go_to_the_block) {
  ParamSet set = {0};
  int w = param_matrix(&set, "w", 3, 2, START_ZERO, 1);
  param_seal(&set);
  real *grads = param_block(&set, "gradients");
  for (int i = 0; i < 6; i++) set.values[i] = (real)i;
  Tape tape = {.arena = arena_new(), .params = &set, .grads = grads, .recording = true};
  Tensor *x = tape_tensor(&tape, 1, 2);
  x->x[0] = 10;
  x->x[1] = 20;
  Tensor *y = op_linear(&tape, x, tape_param(&tape, w), NULL);
  ck_assert(y->x[0] == 20 && y->x[1] == 80 && y->x[2] == 140);
  for (int i = 0; i < 3; i++) y->g[i] = 1;
  tape_backward(&tape);
  for (int i = 0; i < 6; i++) ck_assert(grads[i] == (i % 2 == 0 ? 10 : 20));
  ck_assert(x->g[0] == 6 && x->g[1] == 9);
  tape.recording = false;
  ck_assert_ptr_null(tape_param(&tape, w)->g);
  mem_free(grads);
  param_free(&set);
  arena_free(tape.arena);
}
END_TEST

/* On an arena of their own gradients need not be zero before backward; a scratch is where they will be. */
START_TEST(gradients_are_zeroed_when_backward_begins) {
  Tape tape = {.arena = arena_new(), .gradients = arena_new(), .recording = true};
  for (int round = 0; round < 2; round++) {
    tape_reset(&tape);
    Tensor *a = tape_tensor(&tape, 2, 3), *in_place = tape_in_place(&tape, 2, 3);
    ck_assert(!tensor_in_place(a) && tensor_in_place(in_place));
    real *scratch = tape_scratch(&tape, 6, sizeof(real));
    ck_assert_ptr_eq(scratch, a->g);
    for (int i = 0; i < 6; i++) scratch[i] = a->x[i] = in_place->x[i] = 3;
    tape_backward(&tape);
    for (int i = 0; i < 6; i++) ck_assert(a->g[i] == 0 && a->x[i] == 3 && in_place->g[i] == 3);
  }
  tape.recording = false;
  ck_assert_ptr_null(tape_tensor(&tape, 2, 3)->g);
  arena_free(tape.arena);
  arena_free(tape.gradients);
}
END_TEST

/* What came to its end: parameters, in order. */
typedef struct Ended {
  const real *grads;
  int param[4], n;
  real seen[4]; /* what stood in its gradient then */
} Ended;

static void end(void *ctx, int param) {
  Ended *ended = ctx;
  ended->param[ended->n] = param;
  ended->seen[ended->n++] = ended->grads[param * 16];
}

/* b (a x) + a x: the gradient of b is complete first, that of a once both of its products have added to it. */
START_TEST(a_parameter_is_complete_after_its_last_use) {
  ParamSet set = {0};
  int a = param_matrix(&set, "a", 1, 1, START_ZERO, 1), b = param_matrix(&set, "b", 1, 1, START_ZERO, 1);
  param_seal(&set);
  set.values[0] = 2;
  set.values[16] = 5;
  int uses[2] = {0};
  Ended ended = {0};
  const TapeWatch watch = {end, &ended, uses};
  Tape tape = {.arena = arena_new(), .params = &set, .grads = param_block(&set, "gradients"), .recording = true};
  ended.grads = tape.grads;
  tape.watch = &watch;
  Tensor *x = tape_tensor(&tape, 1, 1), *sum = tape_tensor(&tape, 1, 1);
  x->x[0] = 3;
  Tensor *ax = op_linear(&tape, x, tape_param(&tape, a), NULL);
  Tensor *bax = op_linear(&tape, ax, tape_param(&tape, b), NULL),
         *again = op_linear(&tape, x, tape_param(&tape, a), NULL);
  op_add(&tape, bax, again, sum);
  sum->g[0] = 1;
  tape_backward(&tape);
  ck_assert_int_eq(ended.n, 2);
  ck_assert(ended.param[0] == b && ended.seen[0] == 6);
  ck_assert(ended.param[1] == a && ended.seen[1] == 3 + 5 * 3);
  ck_assert(uses[0] == 0 && uses[1] == 0);
  mem_free(tape.grads);
  param_free(&set);
  arena_free(tape.arena);
}
END_TEST

START_TEST(views_share_memory) {
  real x[12], g[12];
  Tensor t = {x, g, 3, 4, 4, NULL};
  Tensor v = tensor_view(&t, 1, 2, 2, 2), r = tensor_rows(&t, 2, 1), c = tensor_cols(&t, 3, 1);
  ck_assert(v.x == x + 6 && v.g == g + 6 && v.rows == 2 && v.cols == 2 && v.ld == 4);
  ck_assert(tensor_row(&v, 1) == x + 10 && tensor_grad_row(&v, 1) == g + 10);
  ck_assert(r.x == x + 8 && r.cols == 4 && c.x == x + 3 && c.rows == 3);
  t.g = NULL;
  ck_assert_ptr_null(tensor_view(&t, 1, 1, 1, 1).g);
}
END_TEST

Suite *test_tape(void);
Suite *test_tape(void) {
  Suite *s = suite_create("tape");
  TCase *t = tcase_create("tape");
  tcase_add_test(t, backward_runs_the_nodes_in_reverse_and_once);
  tcase_add_test(t, nothing_is_kept_without_recording);
  tcase_add_test(t, gradients_start_at_zero);
  tcase_add_test(t, gradients_of_parameters_go_to_the_block);
  tcase_add_test(t, gradients_are_zeroed_when_backward_begins);
  tcase_add_test(t, a_parameter_is_complete_after_its_last_use);
  tcase_add_test(t, views_share_memory);
  suite_add_tcase(s, t);
  return s;
}
