/* Adaptive computation time against numbers worked out by hand: h = (.3,.5,.6) and states 1, 2, 4 halt in the third
 * round with R = .2, become 2.1 and cost 3.2, with derivatives (-3,-2,0) (Graves 2016, eq. 5 to 14). */
#include <check.h>
#include <math.h>

#include "ad/op.h"
#include "search/beam.h"
#include "tiny.h"

enum { ROUNDS = 3 };
static const double WITHIN = REAL_IS_DOUBLE ? 1e-12 : 1e-6;

/* One row on its way; u is the logit of h. */
typedef struct Way {
  Tape tape;
  Tensor *s[ROUNDS], *u[ROUNDS], *dst, *cost;
  int steps, n;
} Way;

static Way walk(const double *h, const double *states, PonderRule rule) {
  Way w = {.tape = {.arena = arena_new(), .recording = true}};
  Ponder *p = op_ponder_open(&w.tape, 1, rule);
  for (int on = 1; on > 0; w.n++) {
    const int *index;
    ck_assert_int_lt(w.n, ROUNDS);
    w.s[w.n] = tape_tensor(&w.tape, 1, 1);
    w.u[w.n] = tape_tensor(&w.tape, 1, 1);
    w.s[w.n]->x[0] = (real)states[w.n];
    w.u[w.n]->x[0] = (real)log(h[w.n] / (1 - h[w.n]));
    on = op_ponder_round(p, w.s[w.n], NULL, w.u[w.n], &index);
  }
  w.dst = tape_tensor(&w.tape, 1, 1);
  w.cost = tape_tensor(&w.tape, 1, 1);
  op_ponder_close(p, w.dst, NULL, w.cost, &w.steps);
  return w;
}

static const double halting[] = {.3, .5, .6}, states[] = {1, 2, 4};

START_TEST(by_hand) {
  Way w = walk(halting, states, (PonderRule){10, 0.01});
  ck_assert_int_eq(w.steps, 3);
  ck_assert_double_eq_tol((double)w.dst->x[0], 2.1, WITHIN);
  ck_assert_double_eq_tol((double)w.cost->x[0], 3.2, WITHIN);
  const double tau = _i == 0 ? 0 : 0.01, want[] = {-3 - tau, -2 - tau, 0};
  ck_assert_double_eq_tol(op_ponder_cost(&w.tape, w.cost, tau), 3.2, WITHIN);
  w.dst->g[0] = 1;
  tape_backward(&w.tape);
  for (int n = 0; n < 3; n++)
    ck_assert_double_eq_tol((double)w.u[n]->g[0] / (halting[n] * (1 - halting[n])), want[n], 20 * WITHIN);
  const double share[] = {.3, .5, .2};
  for (int n = 0; n < 3; n++) ck_assert_double_eq_tol((double)w.s[n]->g[0], share[n], WITHIN);
  arena_free(w.tape.arena);
}
END_TEST

/* At the limit of rounds the last one gets what is left, so that the weights always sum to 1. */
START_TEST(at_the_limit) {
  const double ones[] = {1, 1, 1}, wanted[] = {1, .3 + .7 * 2, 2.1}, cost[] = {2, 2.7, 3.2};
  for (int most = 1; most <= ROUNDS; most++) {
    Way w = walk(halting, states, (PonderRule){most, 0.01}), sum = walk(halting, ones, (PonderRule){most, 0.01});
    ck_assert_int_eq(w.steps, most);
    ck_assert_double_eq_tol((double)w.dst->x[0], wanted[most - 1], WITHIN);
    ck_assert_double_eq_tol((double)w.cost->x[0], cost[most - 1], WITHIN);
    ck_assert_double_eq_tol((double)sum.dst->x[0], 1, WITHIN);
    arena_free(w.tape.arena);
    arena_free(sum.tape.arena);
  }
}
END_TEST

/* Epsilon lets a row end in the first round whose sum is within it of 1. */
START_TEST(within_epsilon) {
  const double h[] = {.6, .395, .5};
  for (int i = 0; i < 2; i++) {
    Way w = walk(h, states, (PonderRule){3, i == 0 ? 0.01 : 0.001});
    ck_assert_int_eq(w.steps, i == 0 ? 2 : 3);
    ck_assert_double_eq_tol((double)w.cost->x[0], i == 0 ? 2.4 : 3.005, WITHIN);
    arena_free(w.tape.arena);
  }
}
END_TEST

static Model *pondering(const ModelConfig *plain, int max_steps, Model *like) {
  ModelConfig c = *plain;
  c.encoder.act = c.decoder.act = (ActConfig){.max_steps = max_steps, .epsilon = 0.01, .penalty = 0.01, .bias = 1};
  Model *m = model_new(&c);
  param_start(&m->params, 3);
  for (int p = 0; p < like->params.n_params; p++) {
    Tensor from = param_tensor(&like->params, p, NULL);
    int at = param_find(&m->params, like->params.params[p].name);
    ck_assert_int_ge(at, 0);
    Tensor to = param_tensor(&m->params, at, NULL);
    ck_assert_int_eq(from.rows, to.rows);
    /* The flag's column is the last; it stays out of play. */
    for (int r = 0; r < to.rows; r++)
      for (int i = 0; i < to.cols; i++) tensor_row(&to, r)[i] = i < from.cols ? tensor_row(&from, r)[i] : 0;
  }
  return m;
}

/* One step at most is the plain cell, whatever halts; more are not. */
START_TEST(one_step_is_the_plain_model) {
  static const int32_t words[] = {4, 5, 6, 4};
  ModelConfig c = tiny_config(_i);
  if (c.encoder.act.max_steps > 0 || c.decoder.act.max_steps > 0) return;
  Model *plain = tiny_model(_i, 7), *one = pondering(&c, 1, plain), *more = pondering(&c, 3, plain);
  Arena *arena = arena_new();
  ModelScore a = tiny_score(plain, arena, (Ids){words, 3}, (Ids){words + 1, 3});
  ModelScore b = tiny_score(one, arena, (Ids){words, 3}, (Ids){words + 1, 3});
  ModelScore other = tiny_score(more, arena, (Ids){words, 3}, (Ids){words + 1, 3});
  double apart = 0;
  for (int t = 0; t < 4; t++) {
    ck_assert_double_eq_tol((double)a.logprob[t], (double)b.logprob[t], TINY_WITHIN);
    apart += fabs((double)a.logprob[t] - (double)other.logprob[t]);
  }
  ck_assert_double_gt(apart, 0.01);
  arena_free(arena);
  model_free(plain);
  model_free(one);
  model_free(more);
}
END_TEST

/* What training lowers holds the penalty of each side times what it costs: at least 1 and a remainder a token. */
START_TEST(loss_of_pondering) {
  static const int32_t words[] = {4, 5, 6, 4};
  ModelConfig c = tiny_config(0);
  c.encoder.act = (ActConfig){.max_steps = 1, .penalty = 0.5};
  c.decoder.act = (ActConfig){.max_steps = 1, .penalty = 0.25};
  Model *m = model_new(&c);
  param_start(&m->params, 1);
  Tape tape = {.arena = arena_new(), .params = &m->params};
  const IdPair pair = {{words, 3}, {words, 2}};
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 2, [LOSS_ponder] = 2}}};
  Losses sums;
  double whole = model_losses(m, &tape, &pair, 1, NULL, &aim, &sums);
  /* Each of 4 source tokens in two directions and of 3 target tokens costs N + R = 2. */
  ck_assert_double_eq_tol(sums.of[LOSS_ponder], 2 * (2 * 4 + 3), WITHIN);
  ck_assert_double_eq_tol(whole, 2 * (sums.of[LOSS_likelihood] + 0.5 * 16 + 0.25 * 6), 100 * WITHIN);
  arena_free(tape.arena);
  model_free(m);
}
END_TEST

/* The start of the halting unit's bias is a key; its weights are small, so it decides how many steps there are. */
START_TEST(bias_sets_the_steps) {
  static const int32_t words[] = {4, 5, 6, 4};
  double cost[2];
  for (int i = 0; i < 2; i++) {
    ModelConfig c = tiny_config(0);
    c.encoder.act = (ActConfig){.max_steps = 10, .epsilon = 0.01, .penalty = 1, .bias = i == 0 ? 5 : -5};
    Model *m = model_new(&c);
    param_start(&m->params, 1);
    Tape tape = {.arena = arena_new(), .params = &m->params};
    const IdPair pair = {{words, 3}, {words, 2}};
    const LossAim aim = {.scale = {{[LOSS_likelihood] = 1, [LOSS_ponder] = 1}}};
    Losses sums;
    (void)model_losses(m, &tape, &pair, 1, NULL, &aim, &sums);
    cost[i] = sums.of[LOSS_ponder] / 8;
    arena_free(tape.arena);
    model_free(m);
  }
  ck_assert_double_lt(cost[0], 3.01);
  ck_assert_double_gt(cost[1], 10.5);
}
END_TEST

/* A search tells the steps that scoring tells, of one sentence and of each in a batch. */
START_TEST(steps_of_a_search) {
  static const int32_t words[] = {4, 5, 6, 4};
  const Ids sources[] = {{words, 2}, {words, 4}, {words + 1, 0}};
  const uint64_t numbers[] = {0, 1, 2};
  Model *m = tiny_model(TINY_PONDERS + _i, 4);
  Arena *arena = arena_new(), *out = arena_new();
  const Model *const models[] = {m};
  Beam *beam = beam_new(models, 1);
  const BeamOptions o = {.beam_size = 3, .n_best = 3, .length_penalty = 1, .max_length_ratio = 1, .weights = true};
  BeamResult results[3];
  int least = 99, most = 0;
  beam_search(beam, sources, numbers, 3, &o, out, results);
  for (int b = 0; b < 3; b++)
    for (int k = 0; k < results[b].n; k++) {
      const Hypothesis *h = &results[b].best[k];
      ModelScore forced = tiny_score(m, arena, sources[b], (Ids){h->tokens, h->n_target - 1});
      for (int i = 0; i < h->n_source; i++) ck_assert_double_eq(h->steps.source[i], forced.steps.source[i]);
      for (int t = 0; t < h->n_target; t++) {
        ck_assert_double_eq(h->steps.target[t], forced.steps.target[t]);
        if (h->steps.target[t] < least) least = (int)h->steps.target[t];
        if (h->steps.target[t] > most) most = (int)h->steps.target[t];
      }
    }
  ck_assert_int_lt(least, most);
  beam_free(beam);
  arena_free(arena);
  arena_free(out);
  model_free(m);
}
END_TEST

static ModelConfig universal(int max_steps, int layers, double bias) {
  ModelConfig c = tiny_config(TINY_RECURRENT);
  c.encoder.universal = true;
  c.encoder.layers = layers;
  c.encoder.act = (ActConfig){.max_steps = max_steps, .epsilon = 0.01, .penalty = 0.01, .bias = bias};
  return c;
}

static Model *universal_model(int max_steps, int layers, double bias) {
  ModelConfig c = universal(max_steps, layers, bias);
  Model *m = model_new(&c);
  param_start(&m->params, 5);
  return m;
}

/* One step until all halt is a fixed depth of one; a bias that never halts is the depth of the limit, whose last step
 * has nearly all the weight. */
START_TEST(universal_depths) {
  static const int32_t words[] = {4, 5, 6, 4};
  const Ids source = {words, 4}, target = {words + 1, 2};
  for (int depth = 1; depth <= 3; depth += 2) {
    Model *act = universal_model(depth, 7, -20), *fixed = universal_model(0, depth, 0);
    Arena *arena = arena_new();
    ModelScore a = tiny_score(act, arena, source, target), b = tiny_score(fixed, arena, source, target);
    for (int t = 0; t < 3; t++) ck_assert_double_eq_tol((double)a.logprob[t], (double)b.logprob[t], TINY_WITHIN);
    for (int i = 0; i < 5; i++) ck_assert_double_eq(a.steps.source[i], depth);
    ck_assert_ptr_null(b.steps.source);
    ck_assert_ptr_null(a.steps.target);
    arena_free(arena);
    model_free(act);
    model_free(fixed);
  }
}
END_TEST

/* What layers look at is told step by step, as many as a sentence takes, whatever is beside it in the batch; a token
 * that has halted looks at nothing. */
START_TEST(looks_of_steps) {
  static const int32_t words[] = {4, 5, 6, 4};
  Model *m = tiny_model(TINY_UNIVERSAL, 1);
  Arena *arena = arena_new(), *out = arena_new();
  Tape tape = {.arena = arena, .params = &m->params};
  const Ids sources[] = {{words, 4}, {words + 1, 0}, {words, 1}};
  const Encoded *all = encoder_run(&m->encoder, &tape, sources, 3, NULL);
  int n_halted = 0;
  for (int b = 0; b < 3; b++) {
    const Encoded *one = encoder_run(&m->encoder, &tape, &sources[b], 1, NULL);
    HeadWeights among = encoder_looks(all, b, out), alone = encoder_looks(one, 0, out);
    const double *steps = encoder_steps(all, b, out);
    int n = sources[b].n + 1, most = 0;
    for (int i = 0; i < n; i++) most = (int)steps[i] > most ? (int)steps[i] : most;
    ck_assert_int_eq(among.n, 2 * most);
    ck_assert_int_eq(alone.n, among.n);
    for (int k = 0; k < among.n; k++)
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          size_t at = ((size_t)k * (size_t)n + (size_t)i) * (size_t)n + (size_t)j;
          sum += (double)among.at[at];
          ck_assert_double_eq_tol((double)among.at[at], (double)alone.at[at], TINY_WITHIN);
        }
        bool looks = among.names[k].layer <= (int)steps[i];
        ck_assert_double_eq_tol(sum, looks ? 1 : 0, 1e-5);
        n_halted += !looks;
      }
  }
  ck_assert_int_gt(n_halted, 0);
  arena_free(arena);
  arena_free(out);
  model_free(m);
}
END_TEST

/* With a window of 1 and d steps a word knows of words d away and of none farther. */
START_TEST(words_reach_as_far_as_steps) {
  static const int32_t words[] = {4, 5, 6, 4, 5, 6}, others[] = {4, 5, 6, 4, 5, 4};
  const Ids pair[] = {{words, 6}, {others, 6}};
  ModelConfig c = universal(0, 3, 0);
  c.encoder.window = 1;
  Model *m = model_new(&c);
  param_start(&m->params, 5);
  Tape tape = {.arena = arena_new(), .params = &m->params};
  const Encoded *e = encoder_run(&m->encoder, &tape, pair, 2, NULL);
  for (int i = 0; i < 6; i++) {
    const real *a = tensor_row(e->states, places_row(&e->places, 0, i)),
               *b = tensor_row(e->states, places_row(&e->places, 1, i));
    double apart = 0;
    for (int j = 0; j < e->states->cols; j++) apart += fabs((double)(a[j] - b[j]));
    if (i < 5 - 3) ck_assert_double_eq_tol(apart, 0, 1e-5);
    else ck_assert_double_gt(apart, 5e-4);
  }
  arena_free(tape.arena);
  model_free(m);
}
END_TEST

Suite *test_ponder(void);
Suite *test_ponder(void) {
  Suite *s = suite_create("ponder");
  TCase *t = tcase_create("ponder");
  tcase_add_loop_test(t, by_hand, 0, 2);
  tcase_add_test(t, at_the_limit);
  tcase_add_test(t, within_epsilon);
  tcase_add_loop_test(t, one_step_is_the_plain_model, 0, TINY_RECURRENT);
  tcase_add_test(t, loss_of_pondering);
  tcase_add_test(t, bias_sets_the_steps);
  tcase_add_loop_test(t, steps_of_a_search, 0, TINY_N_PONDERS);
  tcase_add_test(t, universal_depths);
  tcase_add_test(t, looks_of_steps);
  tcase_add_test(t, words_reach_as_far_as_steps);
  suite_add_tcase(s, t);
  return s;
}
