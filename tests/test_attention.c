/* An Attention by itself: numbers found by hand and by torch.nn.MultiheadAttention, what must be the same as something
 * simpler, and rows read from a cache. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/attention.h"

enum { MOST = 8 };

static const double NEAR = REAL_IS_DOUBLE ? 1e-12 : 2e-6;

typedef struct World {
  ParamSet set;
  Arena *arena;
  Tape tape;
  Attention attention;
} World;

static AttentionSpec spec_of(PatternKind pattern, int heads, int size) {
  return (AttentionSpec){.name = "a",
                         .query = size,
                         .state = size,
                         .size = size,
                         .heads = heads,
                         .pattern = pattern,
                         .score = SCORE_scaled_dot,
                         .scope = SCOPE_global,
                         .window = 1};
}

static void world_open(World *w, const AttentionSpec *spec) {
  *w = (World){.arena = arena_new()};
  attention_declare(&w->attention, &w->set, spec);
  param_seal(&w->set);
  w->tape = (Tape){.arena = w->arena, .params = &w->set};
}

static void world_close(World *w) {
  param_free(&w->set);
  arena_free(w->arena);
}

/* Every square block of the matrices becomes I, biases stay 0. */
static void set_identity(World *w) {
  for (int p = 0; p < w->set.n_params; p++) {
    Tensor t = param_tensor(&w->set, p, NULL);
    for (int r = 0; w->set.params[p].rank == 2 && r < t.rows; r++) tensor_row(&t, r)[r % t.cols] = 1;
  }
  param_changed(&w->set);
}

static void set_random(World *w) {
  for (int p = 0; p < w->set.n_params; p++) {
    Tensor t = param_tensor(&w->set, p, NULL);
    uint64_t key = rng_key(3, RNG_TEST, rng_name(w->set.params[p].name), 0);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = (real)(2 * rng_uniform(key, (uint64_t)i) - 1);
  }
  param_changed(&w->set);
}

static Tensor *tensor_of(Tape *tape, int rows, int cols, const double *x) {
  Tensor *t = tape_tensor(tape, rows, cols);
  uint64_t key = rng_key(4, RNG_TEST, 0, 0);
  for (int i = 0; i < rows * cols; i++) t->x[i] = (real)(x != NULL ? x[i] : 2 * rng_uniform(key, (uint64_t)i) - 1);
  return t;
}

static const int zero[MOST] = {0}, step[MOST] = {0, 1, 2, 3, 4, 5, 6, 7};

typedef struct Seen {
  Tensor weights, context;
} Seen;

static Seen look(World *w, const Places *places, const AttentionKeys *keys, const Tensor *query, int first,
                 bool projected) {
  const AttentionSpec *s = &w->attention.spec;
  AttentionRun *run = attention_open(&w->attention, &w->tape, places, keys, query->rows);
  AttentionLook at = {.sentence = zero,
                      .step = step + first,
                      .query = *query,
                      .projected = projected,
                      .weights = *tape_tensor(&w->tape, query->rows, s->heads * places->longest),
                      .context = *tape_tensor(&w->tape, query->rows, attention_width(s))};
  attention_read(run, &at);
  return (Seen){at.weights, at.context};
}

/* Rows x, one sentence, look at one another. */
static Seen look_self(World *w, const Tensor *x) {
  const int length = x->rows;
  const Places places = {.n_sent = 1, .longest = length, .start = zero, .length = &length};
  AttentionSelf self = attention_self(&w->attention, &w->tape, x);
  const AttentionKeys keys = {&self.k, &self.v, {NULL}};
  return look(w, &places, &keys, &self.q, 0, true);
}

/* Rows q look at states, one sentence. */
static Seen look_across(World *w, const Tensor *q, const Tensor *states) {
  const int length = states->rows;
  const Places places = {.n_sent = 1, .longest = length, .start = zero, .length = &length};
  return look(w, &places, attention_keys(&w->attention, &w->tape, states, NULL), q, 0, false);
}

static void expect(const Tensor *t, const double *want, double within) {
  for (int r = 0; r < t->rows; r++)
    for (int c = 0; c < t->cols; c++)
      ck_assert_msg(fabs((double)tensor_row(t, r)[c] - want[r * t->cols + c]) <= within,
                    "row %d column %d: %.9g, not %.9g", r, c, (double)tensor_row(t, r)[c], want[r * t->cols + c]);
}

static void expect_same(const Tensor *a, const Tensor *b, double within) {
  ck_assert(a->rows == b->rows && a->cols == b->cols);
  for (int r = 0; r < a->rows; r++)
    for (int c = 0; c < a->cols; c++)
      ck_assert_msg(fabs((double)tensor_row(a, r)[c] - (double)tensor_row(b, r)[c]) <= within, "row %d column %d", r,
                    c);
}

/* x = ((1,0),(0,2)) in one head, and ((1,0,1,0),(0,1,0,2)) in two, all matrices I. */
START_TEST(by_hand) {
  static const double one[] = {1, 0, 0, 2}, two[] = {1, 0, 1, 0, 0, 1, 0, 2};
  static const double weights_one[] = {.6698, .3302, .0558, .9442}, out_one[] = {.6698, .6605, .0558, 1.8884};
  static const double weights_two[] = {.6698, .3302, .6698, .3302, .3302, .6698, .0558, .9442};
  static const double out_two[] = {.6698, .3302, .6698, .6605, .3302, .6698, .0558, 1.8884};
  static const double mean[] = {.6698, .3302, .1930, .8070}, first[] = {.6698, .3302, .3302, .6698};
  World w;
  AttentionSpec spec = spec_of(PATTERN_qkv, 1, 2);
  spec.self = true;
  world_open(&w, &spec);
  set_identity(&w);
  Seen seen = look_self(&w, tensor_of(&w.tape, 2, 2, one));
  expect(&seen.weights, weights_one, 1e-4);
  expect(&seen.context, out_one, 1e-4);
  world_close(&w);
  spec = spec_of(PATTERN_qkv, 2, 4);
  spec.self = true;
  world_open(&w, &spec);
  set_identity(&w);
  seen = look_self(&w, tensor_of(&w.tape, 2, 4, two));
  expect(&seen.weights, weights_two, 1e-4);
  expect(&seen.context, out_two, 1e-4);
  expect(attention_alignment(&spec, &w.tape, &seen.weights, 0), mean, 1e-4);
  expect(attention_alignment(&spec, &w.tape, &seen.weights, 1), first, 1e-4);
  world_close(&w);
}
END_TEST

/* Element i of a tensor is sin(k (i + 1)), k its place in this list. */
START_TEST(as_torch) {
  static const char *const names[] = {"a.in_proj_bias",    "a.k_proj_weight", "a.out_proj.bias",
                                      "a.out_proj.weight", "a.q_proj_weight", "a.v_proj_weight"};
  static const double weights[] = {.293628539, .353437941, .352933520, .395084448, .239987002, .364928550,
                                   .086687458, .681193301, .232119241, .225781428, .466322334, .307896238};
  static const double out[] = {-.508572899, .492703897,  -.417043525,  .279417407,
                               -1.13939691, 1.255899275, -1.247982092, 1.107734421};
  AttentionSpec spec = spec_of(PATTERN_qkv, 2, 4);
  spec.state = 6;
  World w;
  world_open(&w, &spec);
  ck_assert_int_eq(w.set.n_params, 6);
  for (int k = 0; k < 6; k++) {
    Tensor t = param_tensor(&w.set, param_find(&w.set, names[k]), NULL);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = (real)sin((k + 1) * (i + 1.0));
  }
  param_changed(&w.set);
  Tensor *q = tape_tensor(&w.tape, 2, 4), *states = tape_tensor(&w.tape, 3, 6);
  for (int i = 0; i < 8; i++) q->x[i] = (real)sin(.7 * (i + 1));
  for (int i = 0; i < 18; i++) states->x[i] = (real)sin(.3 * (i + 1));
  Seen seen = look_across(&w, q, states);
  expect(&seen.weights, weights, REAL_IS_DOUBLE ? 1e-9 : 1e-6);
  expect(&seen.context, out, REAL_IS_DOUBLE ? 1e-8 : 2e-6);
  world_close(&w);
}
END_TEST

/* One head whose matrices are all I is the score without a pattern. */
START_TEST(one_head_of_identity) {
  static const ScoreKind kinds[] = {SCORE_dot, SCORE_scaled_dot, SCORE_gaussian};
  for (int pattern = PATTERN_qkv; pattern <= PATTERN_vvv; pattern++) {
    World plain, w;
    AttentionSpec none = spec_of(PATTERN_none, 1, 5), spec = spec_of((PatternKind)pattern, 1, 5);
    none.score = spec.score = kinds[_i];
    world_open(&plain, &none);
    world_open(&w, &spec);
    set_identity(&w);
    if (none.score == SCORE_gaussian)
      *param_tensor(&plain.set, 0, NULL).x = *param_tensor(&w.set, param_find(&w.set, "a.width"), NULL).x = 0.7F;
    param_changed(&w.set);
    const Tensor *q = tensor_of(&plain.tape, 3, 5, NULL), *states = tensor_of(&plain.tape, 4, 5, NULL);
    Seen want = look_across(&plain, q, states), got = look_across(&w, q, states);
    expect_same(&got.weights, &want.weights, NEAR);
    expect_same(&got.context, &want.context, NEAR);
    world_close(&w);
    world_close(&plain);
  }
}
END_TEST

/* Nadaraya-Watson regression of the points (0,0), (1,1), (3,2), looked at from .5: gaussian weights by torch. */
START_TEST(kernels_by_hand) {
  static const struct {
    ScoreKind score;
    double width, query, weights[3], y;
  } cases[] = {
      {SCORE_gaussian, 1, .5, {.4879, .4879, .0243}, .5364},
      {SCORE_gaussian, 2, .5, {.5, .5, 0}, .5},
      {SCORE_boxcar, 1, .5, {.5, .5, 0}, .5},
      {SCORE_triangular, 1, .5, {.5, .5, 0}, .5},
      {SCORE_epanechnikov, 1, .5, {.5, .5, 0}, .5},
      {SCORE_boxcar, 1, 2, {0, .5, .5}, 1.5},                    /* u = 1 is in reach of a boxcar alone */
      {SCORE_triangular, .5, .5, {.5, .5, 0}, .5},               /* 1 - u = .75, .75, 0 beyond */
      {SCORE_triangular, .4, 1, {.3333, .5556, .1111}, .7778},   /* .6, 1, .2 */
      {SCORE_epanechnikov, .4, 1, {.3818, .4545, .1636}, .7818}, /* .84, 1, .36 */
      {SCORE_triangular, 1, 2, {0, 1, 0}, 1},                    /* nothing in reach: the first of the nearest */
      {SCORE_epanechnikov, 4, 2.1, {0, 0, 1}, 2},
      {SCORE_boxcar, 4, -5, {1, 0, 0}, 0},
      {SCORE_average, 0, .5, {.3333, .3333, .3333}, 1},
  };
  static const double x[] = {0, 1, 3}, y[] = {0, 1, 2};
  static const int length = 3;
  static const Places places = {.n_sent = 1, .longest = 3, .start = zero, .length = &length};
  AttentionSpec spec = spec_of(PATTERN_none, 1, 1);
  spec.score = cases[_i].score;
  spec.width = cases[_i].width;
  World w;
  world_open(&w, &spec);
  ck_assert_int_eq(w.set.n_params, 0);
  const AttentionKeys keys = {tensor_of(&w.tape, 3, 1, x), tensor_of(&w.tape, 3, 1, y), {NULL}};
  Seen seen = look(&w, &places, &keys, tensor_of(&w.tape, 1, 1, &cases[_i].query), 0, false);
  expect(&seen.weights, cases[_i].weights, 5e-5);
  expect(&seen.context, &cases[_i].y, 5e-5);
  for (int i = 0; i < 3; i++)
    ck_assert(cases[_i].weights[i] > 0 || spec.score == SCORE_gaussian || seen.weights.x[i] == 0);
  world_close(&w);
}
END_TEST

/* Weights out of reach are 0 and not a little more, beside heads that reach them too. */
START_TEST(out_of_reach_is_nothing) {
  World w;
  AttentionSpec spec = spec_of(PATTERN_qkv, 2, 2);
  static const double x[] = {0, 0, 1, 1, 3, 3};
  spec.score = SCORE_epanechnikov;
  world_open(&w, &spec);
  set_identity(&w);
  Tensor width = param_tensor(&w.set, param_find(&w.set, "a.width"), NULL);
  width.x[0] = (real)0.9;
  width.x[1] = (real)-0.1; /* its sign says nothing */
  param_changed(&w.set);
  Seen seen = look_across(&w, tensor_of(&w.tape, 3, 2, x), tensor_of(&w.tape, 3, 2, x));
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < 3; i++) {
      double first = (double)tensor_row(&seen.weights, r)[i], second = (double)tensor_row(&seen.weights, r)[3 + i];
      ck_assert(fabs(x[2 * r] - x[2 * i]) < 1 / 0.9 ? first > 0 : first == 0);
      ck_assert_double_gt(second, 0.2);
    }
  world_close(&w);
}
END_TEST

START_TEST(one_position_gets_all) {
  World w;
  const AttentionSpec spec = spec_of((PatternKind)_i, 3, 6);
  world_open(&w, &spec);
  set_random(&w);
  static const double ones[] = {1, 1, 1, 1, 1, 1};
  Seen seen = look_across(&w, tensor_of(&w.tape, 2, 6, NULL), tensor_of(&w.tape, 1, 6, NULL));
  expect(&seen.weights, ones, 0);
  world_close(&w);
}
END_TEST

/* A pattern with fewer matrices is the one with more whose matrices are the same. */
START_TEST(patterns_share) {
  World few, all;
  AttentionSpec spec = spec_of(PATTERN_qkv, 2, 4);
  spec.self = true;
  world_open(&all, &spec);
  spec.pattern = _i == 0 ? PATTERN_qvv : PATTERN_vvv;
  world_open(&few, &spec);
  set_random(&few);
  Tensor w = param_tensor(&all.set, param_find(&all.set, "a.in_proj_weight"), NULL);
  Tensor b = param_tensor(&all.set, param_find(&all.set, "a.in_proj_bias"), NULL);
  const Tensor v = param_tensor(&few.set, param_find(&few.set, "a.v_proj_weight"), NULL);
  const Tensor q = _i == 0 ? param_tensor(&few.set, param_find(&few.set, "a.q_proj_weight"), NULL) : v;
  const Tensor bias = param_tensor(&few.set, param_find(&few.set, "a.in_proj_bias"), NULL);
  for (int i = 0; i < 3 * 16; i++) w.x[i] = i < 16 ? q.x[i] : v.x[i % 16];
  for (int i = 0; i < 3 * 4; i++) b.x[i] = bias.x[i < 4 ? i : bias.cols - 4 + i % 4];
  for (int p = 0; p < few.set.n_params; p++) {
    const char *name = few.set.params[p].name;
    if (strstr(name, "out_proj") == NULL) continue;
    const Tensor from = param_tensor(&few.set, p, NULL), to = param_tensor(&all.set, param_find(&all.set, name), NULL);
    for (int i = 0; i < from.rows * from.cols; i++) to.x[i] = from.x[i];
  }
  param_changed(&all.set);
  const Tensor *x = tensor_of(&all.tape, 5, 4, NULL);
  Seen want = look_self(&all, x), got = look_self(&few, x);
  expect_same(&got.weights, &want.weights, NEAR);
  expect_same(&got.context, &want.context, NEAR);
  world_close(&few);
  world_close(&all);
}
END_TEST

/* Who is seen: a window as wide as the sentence sees all; its edges are cut; a causal row sees itself and those before,
 * so that those after change nothing. */
START_TEST(scopes_of_self_attention) {
  AttentionSpec spec = spec_of(PATTERN_qkv, 2, 4);
  spec.self = true;
  World all, near, causal;
  world_open(&all, &spec);
  spec.scope = SCOPE_window;
  spec.window = 4;
  world_open(&near, &spec);
  spec.scope = SCOPE_causal;
  world_open(&causal, &spec);
  set_random(&all);
  set_random(&near);
  set_random(&causal);
  Tensor *x = tensor_of(&all.tape, 5, 4, NULL);
  Seen whole = look_self(&all, x), wide = look_self(&near, x), before = look_self(&causal, x);
  expect_same(&wide.weights, &whole.weights, 0);
  expect_same(&wide.context, &whole.context, 0);
  near.attention.spec.window = 1;
  Seen narrow = look_self(&near, x);
  for (int r = 0; r < 5; r++)
    for (int c = 0; c < 10; c++) {
      ck_assert((tensor_row(&narrow.weights, r)[c] > 0) == (abs(r - c % 5) <= 1));
      ck_assert((tensor_row(&before.weights, r)[c] > 0) == (c % 5 <= r));
    }
  for (int c = 0; c < 4; c++) tensor_row(x, 4)[c] += 1;
  Seen after = look_self(&causal, x);
  const Tensor a = tensor_rows(&before.context, 0, 4), b = tensor_rows(&after.context, 0, 4);
  expect_same(&a, &b, 0);
  world_close(&all);
  world_close(&near);
  world_close(&causal);
}
END_TEST

/* Keys and values of one row after the other, kept in no order and found by Places.row, give what all rows at once do.
 */
START_TEST(a_cache_of_rows) {
  static const int kept[] = {3, 0, 5, 2};
  AttentionSpec spec = spec_of(PATTERN_qkv, 2, 4);
  spec.self = true;
  spec.scope = SCOPE_causal;
  World w;
  world_open(&w, &spec);
  set_random(&w);
  const Tensor *x = tensor_of(&w.tape, 4, 4, NULL);
  Seen want = look_self(&w, x);
  Tensor *k = tape_tensor(&w.tape, 6, 4), *v = tape_tensor(&w.tape, 6, 4);
  for (int t = 0; t < 4; t++) {
    const Tensor row = tensor_rows(x, t, 1);
    const int length = t + 1;
    const Places places = {.n_sent = 1, .longest = length, .start = zero, .length = &length, .row = kept};
    AttentionSelf self = attention_self(&w.attention, &w.tape, &row);
    for (int c = 0; c < 4; c++) {
      tensor_row(k, kept[t])[c] = tensor_row(&self.k, 0)[c];
      tensor_row(v, kept[t])[c] = tensor_row(&self.v, 0)[c];
    }
    const AttentionKeys keys = {k, v, {NULL}};
    Seen got = look(&w, &places, &keys, &self.q, t, true);
    for (int h = 0; h < 2; h++) {
      const Tensor a = tensor_cols(&got.weights, h * length, length),
                   b = tensor_view(&want.weights, t, 1, h * 4, length);
      expect_same(&a, &b, NEAR);
    }
    const Tensor context = tensor_rows(&want.context, t, 1);
    expect_same(&got.context, &context, NEAR);
  }
  world_close(&w);
}
END_TEST

Suite *test_attention(void);
Suite *test_attention(void) {
  Suite *s = suite_create("attention");
  TCase *t = tcase_create("attention");
  tcase_add_test(t, by_hand);
  tcase_add_test(t, as_torch);
  tcase_add_loop_test(t, one_head_of_identity, 0, 3);
  tcase_add_loop_test(t, kernels_by_hand, 0, 13);
  tcase_add_test(t, out_of_reach_is_nothing);
  tcase_add_loop_test(t, one_position_gets_all, PATTERN_qkv, PATTERN_vvv + 1);
  tcase_add_loop_test(t, patterns_share, 0, 2);
  tcase_add_test(t, scopes_of_self_attention);
  tcase_add_test(t, a_cache_of_rows);
  suite_add_tcase(s, t);
  return s;
}
