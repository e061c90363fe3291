/* Positions and their operations against numbers worked out by hand, and against PyTorch, which prints those of the
   flow:

    import torch, math
    torch.set_default_dtype(torch.float64)
    n, L, d, steps = 4, 2, 4, 3
    def fill(k, *s): return (.5 * torch.sin(k + torch.arange(float(math.prod(s))))).reshape(s).requires_grad_()
    start, W0, b0, W1, b1 = P = [fill(0, L, d), fill(1, d, d + 1), fill(2, d), fill(3, d, d + 1), fill(4, d)]
    J = torch.zeros(d, d)
    for c in range(0, d, 2): J[c + 1, c] = 10000 ** (-c / d); J[c, c + 1] = -10000 ** (-c / d)
    def h(t, p):
        tau = torch.full((L, 1), t / 100)
        return p @ J + torch.cat([torch.relu(torch.cat([p, tau], 1) @ W0.T + b0), tau], 1) @ W1.T + b1
    p, path, s = start, [start], 1 / steps
    for i in range((n - 1) * steps):
        t = i * s
        k1 = h(t, p); k2 = h(t + s / 2, p + s / 2 * k1); k3 = h(t + s / 2, p + s / 2 * k2); k4 = h(t + s, p + s * k3)
        p = p + s / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if (i + 1) % steps == 0: path.append(p)
    y = torch.stack(path)   # [n, L, d]
    (y.flatten() * torch.cos(torch.arange(float(y.numel())))).sum().backward()
    pr = lambda v: print(", ".join("%.9g" % x for x in v.flatten().tolist()))
    pr(y[3])
    for q in P: pr(q.grad)

 */
#include "nn/positions.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "num/vec.h"

/* Sines and cosines of a pair that turns by 1 a position. */
static Tensor unit_turns(Tape *tape, int n) {
  Tensor *table = tape_tensor(tape, n, 2);
  for (int i = 0; i < n; i++) {
    tensor_row(table, i)[0] = (real)sin(i);
    tensor_row(table, i)[1] = (real)cos(i);
  }
  return *table;
}

/* (1,0) at m times (1,0) at n is cos(m - n): a common shift changes nothing. */
START_TEST(rotary_products_know_distances_only) {
  static const int index[] = {3, 1, 5, 3};
  Tape tape = {.arena = arena_new()};
  Tensor table = unit_turns(&tape, 6), *x = tape_zeros(&tape, 4, 2);
  for (int r = 0; r < 4; r++) tensor_row(x, r)[0] = 1;
  op_rotary(&tape, x, &table, index);
  ck_assert_double_eq_tol((double)tensor_row(x, 0)[0], cos(3), 1e-6);
  ck_assert_double_eq_tol((double)tensor_row(x, 0)[1], sin(3), 1e-6);
  for (int r = 0; r < 4; r += 2)
    ck_assert_double_eq_tol((double)vec_dot(tensor_row(x, r), tensor_row(x, r + 1), 2), -0.4161468365, 1e-6);
  arena_free(tape.arena);
}
END_TEST

START_TEST(placed_rows_are_scaled_and_moved) {
  static const int index[] = {2, 0};
  Tape tape = {.arena = arena_new()};
  Tensor table = unit_turns(&tape, 3), *x = tape_tensor(&tape, 2, 2), *y = tape_tensor(&tape, 2, 2);
  for (int i = 0; i < 4; i++) x->x[i] = (real)i;
  op_place(&tape, x, 3, &table, index, y);
  const double want[] = {sin(2), 3 + cos(2), 6, 9 + 1};
  for (int i = 0; i < 4; i++) ck_assert_double_eq_tol((double)y->x[i], want[i], 1e-6);
  op_place(&tape, x, 2, NULL, NULL, y);
  for (int i = 0; i < 4; i++) ck_assert(y->x[i] == (real)(2 * i));
  arena_free(tape.arena);
}
END_TEST

/* Self-attention of the numbers 1, 2, 0 in one head of one column, keys and values with distances up to 1, whole or
 * behind `shift` more positions that no row sees: a common shift changes nothing. */
START_TEST(relative_keys_and_values_by_hand) {
  static const real numbers[] = {9, 9, 1, 2, 0}, key[] = {(real)0.5, 0, (real)-0.5}, value[] = {1, 0, 2};
  static const double scores[] = {1, 1.5, -0.5, 3, 4, -1, 0, 0, 0}, first[] = {0.3482, 0.5741, 0.0777},
                      contexts[] = {2.8000, 2.0000, 1.6667};
  static const int start = 0, sentence[] = {0, 0, 0};
  int shift = _i, longest = 3 + shift, step[3], low[3], high[3];
  for (int r = 0; r < 3; r++) step[r] = r + shift, low[r] = shift, high[r] = longest;
  const Places places = {.n_sent = 1, .longest = longest, .start = &start, .length = &longest};
  const Look look = {.n = 3, .sentence = sentence, .step = step, .low = low, .high = high};
  Tape tape = {.arena = arena_new()};
  Tensor *x = tape_tensor(&tape, longest, 1), *k = tape_tensor(&tape, 3, 1), *v = tape_tensor(&tape, 3, 1);
  memcpy(x->x, numbers + 2 - shift, (size_t)longest * sizeof(real));
  memcpy(k->x, key, sizeof key);
  memcpy(v->x, value, sizeof value);
  Tensor q = tensor_rows(x, shift, 3), *a = tape_tensor(&tape, 3, longest), *context = tape_tensor(&tape, 3, 1);
  Tensor *e = op_dot(&tape, &places, &look, &q, x, 1, 1);
  op_relative(&tape, &look, &q, k, 1, e);
  op_softmax(&tape, &places, &look, e, 1, 1, a);
  op_context(&tape, &places, &look, a, x, 1, context);
  op_relative_value(&tape, &look, a, v, context);
  for (int r = 0; r < 3; r++) {
    for (int j = 0; j < 3; j++) ck_assert_double_eq_tol((double)tensor_row(e, r)[shift + j], scores[3 * r + j], 1e-6);
    ck_assert_double_eq_tol((double)a->x[shift + r], first[r], 5e-5);
    ck_assert_double_eq_tol((double)context->x[r], contexts[r], 5e-5);
  }
  arena_free(tape.arena);
}
END_TEST

/* A side of 2 layers, 2 heads, size d, on a tape with gradients; its values 0.5 sin(parameter + place). */
typedef struct Bed {
  ParamSet set;
  Positions positions;
  Tape tape;
} Bed;

static void make_bed(Bed *bed, PositionKind kind, int size, bool recording) {
  *bed = (Bed){0};
  const PositionSpec spec = {"encoder", "encoder", kind, size, 2, 2, 40, 3, true, 3};
  positions_declare(&bed->positions, &bed->set, &spec);
  param_seal(&bed->set);
  for (int k = 0; k < bed->set.n_params; k++) {
    Tensor t = param_tensor(&bed->set, k, NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = (real)(0.5 * sin(k + i));
  }
  param_changed(&bed->set);
  bed->tape = (Tape){.arena = arena_new(), .params = &bed->set, .recording = recording};
  if (recording) bed->tape.grads = param_block(&bed->set, "gradients");
}

static void start_bed(Bed *bed) {
  param_start(&bed->set, 1);
  param_pack(&bed->set, NULL, PACK_FORWARD);
}

static void free_bed(Bed *bed) {
  mem_free(bed->tape.grads);
  arena_free(bed->tape.arena);
  param_free(&bed->set);
}

/* Row 1 at size 4: the table of three ways to place sines and cosines; only the first two exist here. */
START_TEST(sinusoids_of_the_paper_and_of_tensor2tensor) {
  static const double want[2][4] = {{0.8414710, 0.5403023, 0.0099998, 0.9999500},
                                    {0.8414710, 0.0001000, 0.5403023, 1.0000000}};
  static const PositionKind kinds[] = {POSITION_sinusoidal, POSITION_sinusoidal_concat};
  Bed bed;
  make_bed(&bed, kinds[_i], 4, true);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 3);
  ck_assert(layers[0].table.rows == 3 && layers[1].table.x == NULL && layers[0].table.g == NULL);
  for (int c = 0; c < 4; c++) {
    ck_assert_double_eq_tol((double)tensor_row(&layers[0].table, 1)[c], want[_i][c], 1e-7);
    ck_assert(tensor_row(&layers[0].table, 0)[c] == (real)(_i == 0 ? c % 2 : c / 2));
  }
  free_bed(&bed);
}
END_TEST

/* An odd size: the paper's last pair is cut, tensor2tensor's last column is 0. */
START_TEST(sinusoids_of_odd_sizes) {
  Bed bed;
  make_bed(&bed, POSITION_sinusoidal, 3, false);
  const real *row = tensor_row(&positions_open(&bed.positions, &bed.tape, 6)->table, 5);
  ck_assert_double_eq_tol((double)row[2], sin(5 * pow(10000, -2.0 / 3)), 1e-7);
  free_bed(&bed);
  make_bed(&bed, POSITION_sinusoidal_concat, 3, false);
  row = tensor_row(&positions_open(&bed.positions, &bed.tape, 6)->table, 5);
  ck_assert_double_eq_tol((double)row[0], sin(5), 1e-6);
  ck_assert_double_eq_tol((double)row[1], cos(5), 1e-6);
  ck_assert(row[2] == 0);
  free_bed(&bed);
}
END_TEST

/* Each head turns by the angles of its own size. */
START_TEST(rotary_turns_are_of_a_head) {
  Bed bed;
  make_bed(&bed, POSITION_rotary, 8, false);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 2);
  const double want[] = {0.8414710, 0.5403023, 0.0099998, 0.9999500};
  for (int layer = 0; layer < 2; layer++) {
    ck_assert_int_eq(layers[layer].turns.cols, 4);
    for (int c = 0; c < 4; c++) ck_assert_double_eq_tol((double)tensor_row(&layers[layer].turns, 1)[c], want[c], 1e-7);
  }
  free_bed(&bed);
}
END_TEST

/* Queries and keys of a self-attention, of one matrix with the values or of several: values are left alone. */
START_TEST(turning_leaves_values_alone) {
  static const int index[] = {3, 1};
  Bed bed;
  make_bed(&bed, POSITION_rotary, 4, true);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 4);
  Tensor *x[3];
  for (int k = 0; k < 3; k++) {
    x[k] = tape_tensor(&bed.tape, 2, 4);
    for (int i = 0; i < 8; i++) x[k]->x[i] = (real)(i % 2);
  }
  Tensor q = *x[0], k = *x[_i > 1 ? 0 : 1], v = *x[_i > 1 ? 0 : _i > 0 ? 1 : 2];
  positions_turn(&layers[0], &bed.tape, index, &q, &k, &v);
  for (int r = 0; r < 2; r++)
    for (int c = 0; c < 4; c++) {
      double want = c % 2 == 0 ? -sin(index[r]) : cos(index[r]);
      ck_assert_double_eq_tol((double)tensor_row(&q, r)[c], want, 1e-6);
      ck_assert_double_eq_tol((double)tensor_row(&k, r)[c], want, 1e-6);
      ck_assert(tensor_row(&v, r)[c] == (real)(c % 2));
    }
  for (int i = 0; i < 8; i++) q.g[i] += 1;
  tape_backward(&bed.tape);
  ck_assert_double_eq_tol((double)x[0]->g[1], cos(3) - sin(3), 1e-6); /* turned back */
  free_bed(&bed);
}
END_TEST

/* More positions only add rows, to the last bit: a search may ask for more as it goes. */
START_TEST(a_table_is_the_prefix_of_a_longer_one) {
  Bed bed;
  make_bed(&bed, (PositionKind)_i, 6, false);
  const PositionLayer *some = positions_open(&bed.positions, &bed.tape, 7);
  const PositionLayer *more = positions_open(&bed.positions, &bed.tape, 33);
  for (int layer = 0; layer < 2; layer++) {
    const Tensor *few[] = {&some[layer].table, &some[layer].turns}, *many[] = {&more[layer].table, &more[layer].turns};
    for (int k = 0; k < 2; k++) {
      ck_assert((few[k]->x == NULL) == (many[k]->x == NULL));
      for (int i = 0; few[k]->x != NULL && i < 7; i++)
        ck_assert_mem_eq(tensor_row(few[k], i), tensor_row(many[k], i), (size_t)few[k]->cols * sizeof(real));
    }
  }
  ck_assert((some[0].table.x != NULL) == positions_def((PositionKind)_i)->tables);
  free_bed(&bed);
}
END_TEST

START_TEST(what_is_learnt_has_names_and_shapes) {
  static const struct {
    PositionKind kind;
    const char *name;
    int rank, rows, cols;
  } want[] = {{POSITION_learned, "encoder.positions.weight", 2, 40, 6},
              {POSITION_relative, "encoder.layers.1.self_attn.relative_key", 2, 7, 3},
              {POSITION_relative, "encoder.layers.1.self_attn.relative_value", 2, 7, 3},
              {POSITION_flow, "encoder.flow.start", 2, 2, 6},
              {POSITION_flow, "encoder.flow.0.weight", 2, 6, 7},
              {POSITION_flow, "encoder.flow.0.bias", 1, 1, 6},
              {POSITION_flow, "encoder.flow.1.weight", 2, 6, 7},
              {POSITION_flow, "encoder.flow.1.bias", 1, 1, 6}};
  static const int n_params[N_POSITIONS] = {[POSITION_learned] = 1, [POSITION_relative] = 4, [POSITION_flow] = 5};
  for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
    Bed bed;
    make_bed(&bed, want[k].kind, 6, false);
    int param = param_find(&bed.set, want[k].name);
    ck_assert_msg(param >= 0, "no %s", want[k].name);
    const Param *p = &bed.set.params[param];
    ck_assert(p->rank == want[k].rank && p->rows == want[k].rows && p->cols == want[k].cols);
    free_bed(&bed);
  }
  for (PositionKind kind = 0; kind < N_POSITIONS; kind++) {
    Bed bed;
    make_bed(&bed, kind, 6, false);
    ck_assert_int_eq(bed.set.n_params, n_params[kind]);
    free_bed(&bed);
  }
}
END_TEST

/* What a layer gets of a relative kind is that layer's, and its values' are the values'. */
START_TEST(relative_tables_of_each_layer) {
  Bed bed;
  make_bed(&bed, POSITION_relative, 6, true);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 3);
  const char *const names[] = {"encoder.layers.0.self_attn.relative_key", "encoder.layers.0.self_attn.relative_value",
                               "encoder.layers.1.self_attn.relative_key", "encoder.layers.1.self_attn.relative_value"};
  for (int k = 0; k < 4; k++) {
    const Tensor *got = k % 2 == 0 ? &layers[k / 2].relative_key : &layers[k / 2].relative_value;
    ck_assert_ptr_eq(got->x, param_tensor(&bed.set, param_find(&bed.set, names[k]), NULL).x);
    ck_assert_ptr_nonnull(got->g);
  }
  free_bed(&bed);
}
END_TEST

/* A model with flow begins as one with sinusoids: the solver's error is what is between them. */
START_TEST(flow_begins_as_sinusoids) {
  Bed bed;
  make_bed(&bed, POSITION_flow, 16, false);
  bed.positions.spec.flow_steps = 4;
  start_bed(&bed);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 101);
  Tensor want = positions_sinusoids(&bed.tape, 101, 16);
  double worst[2] = {0};
  for (int i = 0; i <= 100; i++)
    for (int c = 0; c < 16; c++) {
      double off = fabs((double)tensor_row(&layers[0].table, i)[c] - (double)tensor_row(&want, i)[c]);
      worst[i > 30] = fmax(worst[i > 30], off);
      ck_assert(tensor_row(&layers[1].table, i)[c] == 0);
    }
  ck_assert_double_le(worst[0], 1e-3);
  ck_assert_double_le(worst[1], 3.5e-3);
  ck_assert_double_ge(worst[1], 1e-4); /* it is a solver that is looked at */
  free_bed(&bed);
}
END_TEST

/* dp/dt = -p from 1: a step of .1 gives .9048375, not exp(-.1) = .9048374 nor Euler's .9. The net takes the rotation of
 * J off again, and is linear where p > 0. */
START_TEST(flow_solves_as_runge_kutta) {
  enum { STEPS = 10 };
  Tape tape = {.arena = arena_new()};
  FlowWeights w = {.start = *tape_zeros(&tape, 1, 2),
                   .w = {*tape_zeros(&tape, 2, 3), *tape_zeros(&tape, 2, 3)},
                   .b = {*tape_zeros(&tape, 1, 2), *tape_zeros(&tape, 1, 2)}};
  w.start.x[0] = w.start.x[1] = w.w[0].x[0] = w.w[0].x[4] = 1;
  const real second[] = {-1, -1, 0, 1, -1, 0};
  memcpy(w.w[1].x, second, sizeof second);
  Tensor *y = tape_tensor(&tape, 3, 2);
  op_flow(&tape, &w, STEPS, y);
  for (int i = 0; i < 6; i++)
    ck_assert_double_eq_tol((double)y->x[i], pow(0.9048375, STEPS * (i / 2)), REAL_IS_DOUBLE ? 1e-13 : 3e-7);
  arena_free(tape.arena);
}
END_TEST

static void check_numbers(const char *what, const real *got, const double *want, int n) {
  for (int i = 0; i < n; i++)
    if (!(fabs((double)got[i] - want[i]) <= (REAL_IS_DOUBLE ? 2e-8 : 3e-5)))
      ck_abort_msg("%s[%d]: %.9g instead of %.9g", what, i, (double)got[i], want[i]);
}

START_TEST(flow_of_pytorch) {
  static const double want[] = {-0.440382485, 0.827819909, 1.55612167, 0.676864966,
                                -2.26447834,  2.89081198,  2.00321532, 3.00380594};
  static const struct {
    int n;
    double want[20];
  } gradients[] = {
      {8, {-0.671138297, -2.20050115, 2.33414494, 0.324648011, 2.89432017, 3.14789163, -0.9036914, -0.336532452}},
      {20,
       {-0.495554959,
        0.656027747,
        1.4352921,
        0.645009886,
        0.0332986963,
        1.73354403,
        2.8800725,
        4.0241846,
        -0.194998271,
        0.0401511807,
        -2.31559721,
        3.95436957,
        1.93308213,
        2.62856497,
        0.0287722028,
        0,
        0,
        0,
        0,
        0}},
      {4, {0.870584395, 2.4919829, -0.64823901, 0}},
      {20, {-2.49031234, -3.36576254,   1.19238414, 0,           -0.0306513133, 0.178260241, -3.00632213, -4.36077763,
            0,           -0.0193315959, 2.92569069, 3.79301273,  -0.364934657,  0,           0.05711214,  0.533414309,
            3.82293268,  3.42575066,    0,          0.0472822378}},
      {4, {-0.681466715, -1.92422308, 3.80021479, 3.07382692}}};
  Bed bed;
  make_bed(&bed, POSITION_flow, 4, true);
  param_pack(&bed.set, NULL, PACK_BOTH);
  const PositionLayer *layers = positions_open(&bed.positions, &bed.tape, 4);
  for (int layer = 0; layer < 2; layer++) {
    const Tensor *table = &layers[layer].table;
    check_numbers("table", tensor_row(table, 3), want + 4 * layer, 4);
    for (int i = 0; i < 16; i++) tensor_grad_row(table, i / 4)[i % 4] += (real)cos(8 * (i / 4) + 4 * layer + i % 4);
  }
  tape_backward(&bed.tape);
  for (int k = 0; k < 5; k++)
    check_numbers(bed.set.params[k].name, param_tensor(&bed.set, k, bed.tape.grads).g, gradients[k].want,
                  gradients[k].n);
  free_bed(&bed);
}
END_TEST

Suite *test_positions(void);
Suite *test_positions(void) {
  Suite *s = suite_create("positions");
  TCase *t = tcase_create("positions");
  tcase_add_test(t, rotary_products_know_distances_only);
  tcase_add_test(t, placed_rows_are_scaled_and_moved);
  tcase_add_loop_test(t, relative_keys_and_values_by_hand, 0, 3);
  tcase_add_loop_test(t, sinusoids_of_the_paper_and_of_tensor2tensor, 0, 2);
  tcase_add_test(t, sinusoids_of_odd_sizes);
  tcase_add_test(t, rotary_turns_are_of_a_head);
  tcase_add_loop_test(t, turning_leaves_values_alone, 0, 3);
  tcase_add_loop_test(t, a_table_is_the_prefix_of_a_longer_one, 0, N_POSITIONS);
  tcase_add_test(t, what_is_learnt_has_names_and_shapes);
  tcase_add_test(t, relative_tables_of_each_layer);
  tcase_add_test(t, flow_begins_as_sinusoids);
  tcase_add_test(t, flow_solves_as_runge_kutta);
  tcase_add_test(t, flow_of_pytorch);
  suite_add_tcase(s, t);
  return s;
}
