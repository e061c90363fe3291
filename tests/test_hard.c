/* Hard attention: its numbers by hand, what the estimators are derivatives of, what chance hangs on. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "search/beam.h"
#include "tiny.h"
#include "whole.h"

static const int zero[] = {0, 0, 0, 0}, three[] = {3};
static int low[] = {0, 0, 0, 0}, high[] = {3, 3, 3, 3};
static const Places places = {.n_sent = 1, .longest = 3, .start = zero, .length = three};
static const Look look = {.n = 3, .sentence = zero, .step = zero, .low = low, .high = high};

static Tape open_tape(void) { return (Tape){.arena = arena_new(), .recording = true}; }

/* Rows of scores whose softmax is (.5, .3, .2), and it. */
static Tensor *open_scores(Tape *tape, int n, Tensor **a) {
  static const double share[] = {0.5, 0.3, 0.2};
  Tensor *e = tape_tensor(tape, n, 3);
  Look *some = tape_alloc(tape, 1, sizeof *some);
  *some = look;
  some->n = n;
  for (int i = 0; i < 3 * n; i++) e->x[i] = (real)log(share[i % 3]);
  *a = tape_tensor(tape, n, 3);
  op_softmax(tape, &places, some, e, 1, 1, *a);
  return e;
}

static void expect(const real *got, const double *want) {
  for (int i = 0; i < 3; i++) ck_assert_double_eq_tol((double)got[i], want[i], 6e-5);
}

/* a = (.5, .3, .2): H = 1.0297 and its gradient by the scores (PyTorch's autograd). */
START_TEST(entropy) {
  static const double want[] = {-0.1683, 0.0523, 0.1160};
  Tape tape = open_tape();
  Tensor *a, *e = open_scores(&tape, 1, &a);
  ck_assert_double_eq_tol(op_entropy(&tape, a, 1), 1.0297, 6e-5);
  tape_backward(&tape);
  expect(e->g, want);
  arena_free(tape.arena);
}
END_TEST

static const double p[] = {0.6, 0.2, 0.1};

/* Of p_i (.6, .2, .1): log p = log sum a_i p_i = -.9676, gradient a_i p_i / sum - a_i (autograd). */
START_TEST(marginal) {
  static const double want[] = {0.2895, -0.1421, -0.1474};
  static const int first[] = {0, 3}, position[] = {0, 1, 2};
  static const int32_t target[] = {0};
  Tape tape = open_tape();
  Tensor *a, *e = open_scores(&tape, 1, &a), *x = tape_tensor(&tape, 3, 1), *w = tape_zeros(&tape, 2, 1);
  w->x[0] = 1;
  for (int i = 0; i < 3; i++) x->x[i] = (real)log(p[i] / (1 - p[i]));
  const Mixed mixed = {3, first, position, e};
  float log_p;
  XentLoss loss = op_mixture(&tape, &mixed, x, w, tape_zeros(&tape, 1, 2), target, (XentOptions){0, -1}, &log_p);
  ck_assert_double_eq_tol((double)log_p, -0.9676, 6e-5);
  ck_assert_double_eq_tol(loss.loss, 0.9676, 6e-5);
  tape_backward(&tape);
  expect(e->g, want);
  arena_free(tape.arena);
}
END_TEST

/* What draws pull at the scores, each as often as it comes, is the gradient of the bound sum a_i log p_i = -1.1988
 * (autograd). */
START_TEST(pull) {
  static const double want[] = {0.3440, -0.1232, -0.2208};
  static const int at[] = {0, 1, 2};
  Tape tape = open_tape();
  Tensor *a, *e = open_scores(&tape, 3, &a), *used = tape_tensor(&tape, 3, 3);
  real pulls[3];
  double bound = 0, mean[3] = {0};
  for (int i = 0; i < 3; i++) pulls[i] = (real)log(p[i]);
  op_choose(&tape, a, &(Choice){at, CHOICE_PULL, e, pulls}, used);
  for (int i = 0; i < 9; i++) ck_assert(used->x[i] == (i % 4 == 0));
  tape_backward(&tape);
  for (int r = 0; r < 3; r++) {
    double share = (double)tensor_row(a, r)[r];
    bound += share * log(p[r]);
    for (int i = 0; i < 3; i++) mean[i] += share * (double)tensor_grad_row(e, r)[i];
  }
  ck_assert_double_eq_tol(bound, -1.1988, 6e-5);
  for (int i = 0; i < 3; i++) ck_assert_double_eq_tol(mean[i], want[i], 6e-5);
  arena_free(tape.arena);
}
END_TEST

/* Those of most weight stay, of equal ones the first; weights then are those of the rest alone. */
START_TEST(top) {
  static const double want[][3] = {{1, 0, 0}, {0.5, 0.5, 0}, {0.4, 0.4, 0.2}};
  Tape tape = open_tape();
  Tensor *e = tape_zeros(&tape, 1, 3), *kept = tape_tensor(&tape, 1, 3), *a = tape_tensor(&tape, 1, 3);
  Look one = look;
  one.n = 1;
  e->x[2] = (real)log(0.5);
  op_candidates(&tape, &one, e, _i, 1, kept);
  op_softmax(&tape, &places, &one, kept, 1, 1, a);
  expect(a->x, want[_i == 0 ? 2 : _i - 1]);
  arena_free(tape.arena);
}
END_TEST

/* ---- REINFORCE. A source of two words and `</s>`, a target of one and `</s>`: nine ways to look. */

enum { N_PATHS = 9 };
static const int32_t words[] = {4, 5, 6, 5, 4};
static const IdPair two = {{words, 2}, {words + 1, 1}};
static const int row[] = {3, 1, 0};

typedef struct Path {
  int at;          /* 3 first + second */
  double p, log_p; /* of the path, and of the target on it */
} Path;

/* The path that an update's draws lead to. */
static Path walk(const Model *m, uint64_t update) {
  static const int32_t in[] = {ID_BOS, 5}, want[] = {5, ID_EOS};
  static const int length[] = {2};
  Tape tape = {.arena = arena_new(), .params = &m->params};
  const Noise noise = {.seed = 1, .update = update, .row = row, .draws = true};
  const Side *side = side_new(tape.arena, length, 1, m->decoder->packed);
  Encoded *encoded = encoder_run(&m->encoder, &tape, &two.source, 1, &noise);
  DecoderOut out;
  m->decoder->teach(m->decoder_own, &tape, encoded, &(Targets){side, in, want}, noise_open(&noise, &tape, &side->rows),
                    &out);
  XentLoss loss = op_xent(&tape, out.readout, tape_part(&tape, m->output_w), tape_param(&tape, m->output_b), want,
                          (XentOptions){0, 1}, NULL);
  const int *at = out.hard->at;
  Path path = {3 * at[0] + at[1], (double)(tensor_row(out.weights, 0)[at[0]] * tensor_row(out.weights, 1)[at[1]]),
               -loss.loss};
  arena_free(tape.arena);
  return path;
}

/* Updates whose draws lead along each path. */
static void find_updates(const Model *m, uint64_t *updates) {
  bool found[N_PATHS] = {false};
  int n = 0;
  for (uint64_t u = 0; n < N_PATHS; u++) {
    ck_assert_int_lt((int)u, 10000);
    Path path = walk(m, u);
    if (found[path.at]) continue;
    found[path.at] = true;
    updates[path.at] = u;
    n++;
  }
}

static double bound(const Model *m, const uint64_t *updates) {
  double sum = 0;
  for (int k = 0; k < N_PATHS; k++) {
    Path path = walk(m, updates[k]);
    ck_assert_int_eq(path.at, k);
    sum += path.p * path.log_p;
  }
  return sum;
}

/* The mean of what training takes for the gradient, over all paths. R is a mean over the tokens: with as many of them
 * for a reward, it is the sum. */
static real *mean_gradient(const Model *m, const uint64_t *updates) {
  real *mean = param_block(&m->params, "gradients"), *one = param_block(&m->params, "gradients");
  for (int k = 0; k < N_PATHS; k++) {
    double share = walk(m, updates[k]).p;
    Tape tape = {.arena = arena_new(), .params = &m->params, .recording = true, .grads = one};
    const Noise noise = {.seed = 1, .update = updates[k], .row = row, .draws = true};
    const LossAim aim = {.scale = {{[LOSS_likelihood] = 1}}, .baseline = -0.7};
    Losses sums;
    memset(one, 0, m->params.size * sizeof(real));
    (void)model_losses(m, &tape, &two, 1, &noise, &aim, &sums);
    tape_backward(&tape);
    for (size_t i = 0; i < m->params.size; i++) mean[i] -= (real)(share * (double)one[i]);
    arena_free(tape.arena);
  }
  mem_free(one);
  return mean;
}

/* Flows, where draws change later ones, or none; a Gaussian in the scores; the sentence's own baseline. */
START_TEST(reinforce_is_the_gradient_of_the_bound) {
  ModelConfig c = tiny_config(0);
  c.attention.focus = FOCUS_hard;
  c.attention.hard = (HardConfig){.estimator = ESTIMATOR_reinforce, .reward = 2};
  if (_i == 1) c.attention.flow = FLOW_bahdanau;
  if (_i == 2) c.attention.input_feeding = false;
  if (_i == 3) c.decoder.cell = CELL_cgru;
  if (_i == 4) c.attention.scope = SCOPE_local_p, c.attention.window = 5;
  if (_i == 5) c.attention.hard.baseline = BASELINE_soft;
  if (_i == 6) c.attention.score = SCORE_additive, c.attention.coverage = COVERAGE_count;
  Model *m = whole_model(&c, 4);
  uint64_t updates[N_PATHS];
  find_updates(m, updates);
  real *got = mean_gradient(m, updates);
  const double step = REAL_IS_DOUBLE ? 1e-5 : 1e-2, within = REAL_IS_DOUBLE ? 1e-6 : 2e-3;
  for (int k = 0; k < m->params.n_params; k++) {
    Tensor t = param_tensor(&m->params, k, NULL);
    for (int i = 0; i < t.rows * t.cols; i += REAL_IS_DOUBLE ? 1 : 7) {
      real was = t.x[i];
      t.x[i] = (real)((double)was + step);
      double more = bound(m, updates);
      t.x[i] = (real)((double)was - step);
      double less = bound(m, updates), want = (more - less) / (2 * step);
      t.x[i] = was;
      ck_assert_double_eq_tol((double)got[m->params.params[k].offset + (size_t)i], want, within);
    }
  }
  mem_free(got);
  model_free(m);
}
END_TEST

/* Gradient of the loss of an update's draws against a baseline. */
static real *one_gradient(const Model *m, uint64_t update, double baseline) {
  real *grads = param_block(&m->params, "gradients");
  Tape tape = {.arena = arena_new(), .params = &m->params, .recording = true, .grads = grads};
  const Noise noise = {.seed = 1, .update = update, .row = row, .draws = true};
  const LossAim aim = {.scale = {{[LOSS_likelihood] = 1}}, .baseline = baseline};
  Losses sums;
  (void)model_losses(m, &tape, &two, 1, &noise, &aim, &sums);
  tape_backward(&tape);
  arena_free(tape.arena);
  return grads;
}

/* The baseline of a sentence is what the expectation, which soft attention takes, makes of it. */
START_TEST(soft_baseline_is_that_of_the_expectation) {
  ModelConfig c = tiny_config(0);
  c.attention.focus = FOCUS_hard;
  c.attention.hard = (HardConfig){.estimator = ESTIMATOR_reinforce, .reward = 2, .inference = INFERENCE_expectation};
  Model *moving = whole_model(&c, 4);
  c.attention.hard.baseline = BASELINE_soft;
  Model *soft = whole_model(&c, 4);
  Arena *arena = arena_new();
  ModelScore s = tiny_score(moving, arena, two.source, two.target);
  double mean = ((double)s.logprob[0] + (double)s.logprob[1]) / 2, off = 0;
  for (uint64_t update = 0; update < 4; update++) {
    real *want = one_gradient(moving, update, mean), *got = one_gradient(soft, update, 0);
    real *other = one_gradient(moving, update, mean - 1);
    for (size_t i = 0; i < soft->params.size; i++) {
      ck_assert_double_eq_tol((double)got[i], (double)want[i], 1e-5);
      off = fmax(off, fabs((double)other[i] - (double)want[i]));
    }
    mem_free(want);
    mem_free(got);
    mem_free(other);
  }
  ck_assert_double_gt(off, 1e-2);
  arena_free(arena);
  model_free(moving);
  model_free(soft);
}
END_TEST

/* ---- What the models do. */

static Model *open_hard(int kind, HardConfig hard) {
  ModelConfig c = tiny_config(kind);
  c.attention.focus = FOCUS_hard;
  c.attention.hard = hard;
  Model *m = model_new(&c);
  param_start(&m->params, 3);
  return m;
}

static void expect_same(const ModelScore *a, const ModelScore *b) {
  for (int t = 0; t < a->n_target; t++)
    ck_assert_double_eq_tol((double)a->logprob[t], (double)b->logprob[t], TINY_WITHIN);
  for (int i = 0; i < a->n_target * a->n_source; i++)
    ck_assert_double_eq_tol((double)a->weights[i], (double)b->weights[i], TINY_WITHIN);
}

/* A source of `</s>` alone leaves no choice, and the expectation is soft attention: every inference of every kind. */
START_TEST(as_soft) {
  static const int kinds[] = {0, 1, 2, 3, 6, 9};
  Arena *arena = arena_new();
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    ModelConfig c = tiny_config(kinds[k]);
    if (c.attention.scope == SCOPE_local_p) c.attention.scope = SCOPE_global; /* whose soft weights do not sum to 1 */
    Model *soft = model_new(&c);
    param_start(&soft->params, 3);
    c.attention.focus = FOCUS_hard;
    c.attention.hard = (HardConfig){.inference = (HardInference)_i, .temperature = 1};
    Model *m = model_new(&c);
    param_start(&m->params, 3);
    for (int n = 0; n <= (_i == INFERENCE_expectation ? 4 : 0); n++) {
      ModelScore a = tiny_score(m, arena, (Ids){words, n}, (Ids){words, 2});
      ModelScore b = tiny_score(soft, arena, (Ids){words, n}, (Ids){words, 2});
      expect_same(&a, &b);
    }
    model_free(m);
    model_free(soft);
  }
  arena_free(arena);
}
END_TEST

/* Without a state that differs, the marginal is what looks at each position alone come to, weighted. */
START_TEST(marginal_is_the_mean_of_looks) {
  ModelConfig c = tiny_config(11);
  c.encoder.act = c.decoder.act = (ActConfig){0};
  c.attention.input_feeding = false;
  c.attention.focus = FOCUS_hard;
  c.attention.hard = (HardConfig){.inference = INFERENCE_marginal};
  Model *mixed = model_new(&c);
  c.attention.hard.inference = INFERENCE_sample;
  Model *drawn = model_new(&c);
  param_start(&mixed->params, 3);
  param_start(&drawn->params, 3);
  Arena *arena = arena_new();
  ModelScore want = tiny_score(mixed, arena, (Ids){words, 2}, (Ids){words, 1});
  double of[2][3], sum[2] = {0};
  int found = 0;
  /* A target of one word whose source is drawn anew by each update's chance. */
  for (uint64_t u = 0; found < 6 && u < 1000; u++) {
    Tape tape = {.arena = arena, .params = &drawn->params};
    const Noise noise = {.seed = 1, .update = u, .row = row, .draws = true};
    static const int32_t in[] = {ID_BOS, 4}, out_words[] = {4, ID_EOS};
    static const int length[] = {2};
    static const Ids source = {.at = words, .n = 2};
    const Side *side = side_new(arena, length, 1, drawn->decoder->packed);
    Encoded *encoded = encoder_run(&drawn->encoder, &tape, &source, 1, &noise);
    DecoderOut out;
    float logprob[2];
    drawn->decoder->teach(drawn->decoder_own, &tape, encoded, &(Targets){side, in, out_words},
                          noise_open(&noise, &tape, &side->rows), &out);
    (void)op_xent(&tape, out.readout, tape_part(&tape, drawn->output_w), tape_param(&tape, drawn->output_b), out_words,
                  (XentOptions){0, 1}, logprob);
    for (int t = 0; t < 2; t++) {
      int at = out.hard->at[t];
      if (u == 0) of[t][0] = of[t][1] = of[t][2] = 1;
      if (of[t][at] > 0) {
        found++;
        sum[t] += (double)tensor_row(out.weights, t)[at] * exp((double)logprob[t]);
        of[t][at] = 0;
      }
    }
  }
  ck_assert_int_eq(found, 6);
  for (int t = 0; t < 2; t++) ck_assert_double_eq_tol((double)want.logprob[t], log(sum[t]), TINY_WITHIN);
  arena_free(arena);
  model_free(mixed);
  model_free(drawn);
}
END_TEST

/* Draws differ from source to source and step to step, and are the same for the same. */
START_TEST(samples_hang_on_source_and_step) {
  Model *m = open_hard(0, (HardConfig){.inference = INFERENCE_sample});
  Arena *arena = arena_new();
  int32_t source[3] = {4, 5, 6}, target[6] = {4, 4, 4, 4, 4, 4};
  double first = 0;
  int others = 0;
  for (int k = 0; k < 40; k++) {
    source[0] = 4 + k % 3;
    source[1] = 4 + k / 3 % 3;
    source[2] = 4 + k / 9 % 3;
    ModelScore a = tiny_score(m, arena, (Ids){source, 3}, (Ids){target, 6});
    ModelScore b = tiny_score(m, arena, (Ids){source, 3}, (Ids){target, 6});
    ck_assert_mem_eq(a.logprob, b.logprob, 7 * sizeof(float));
    others += k > 0 && fabs((double)a.logprob[0] - first) > 1e-6;
    first = (double)a.logprob[0];
  }
  ck_assert_int_gt(others, 30);
  arena_free(arena);
  model_free(m);
}
END_TEST

/* Of one model what was chosen is told: the heaviest, or a draw, which has weight; of an ensemble, or where nothing was
 * chosen, nothing. Lists say the same as the scoring of their entries. */
static void expect_told(const Hypothesis *h, const Model *m, HardInference inference, int n_models) {
  Arena *arena = arena_new();
  bool told = n_models == 1 && (inference == INFERENCE_argmax || inference == INFERENCE_sample);
  ck_assert_int_eq(h->chosen != NULL, told);
  ModelScore s = tiny_score(m, arena, (Ids){words, 4}, (Ids){h->tokens, h->n_target - 1});
  for (int t = 0; told && t < h->n_target; t++) {
    const float *a = h->weights + t * h->n_source;
    ck_assert_int_eq(h->chosen[t], s.chosen[t]);
    ck_assert(a[h->chosen[t]] > 0);
    for (int i = 0; inference == INFERENCE_argmax && i < h->n_source; i++) ck_assert(a[i] <= a[h->chosen[t]]);
  }
  arena_free(arena);
}

START_TEST(told) {
  static const ScopeKind scopes[] = {SCOPE_global, SCOPE_local_m, SCOPE_local_p};
  for (int k = 0; k < 6; k++) {
    ModelConfig c = tiny_config(0);
    c.attention.focus = FOCUS_hard;
    c.attention.scope = scopes[k % 3];
    c.attention.aligns = k % 2 == 0 ? ALIGNS_written : ALIGNS_read;
    c.attention.hard = (HardConfig){.inference = (HardInference)_i};
    Model *m = whole_model(&c, (uint64_t)k);
    const Model *const models[] = {m, m};
    for (int n = 1; n <= 2; n++) {
      Beam *beam = beam_new(models, n);
      Arena *out = arena_new();
      uint64_t number = 0;
      BeamResult result;
      const BeamOptions options = {
          .beam_size = 3, .n_best = 3, .max_length_ratio = 1, .temperature = 1, .weights = true};
      const Ids source = {.at = words, .n = 4};
      beam_search(beam, &source, &number, 1, &options, out, &result);
      for (int i = 0; i < result.n; i++) expect_told(&result.best[i], m, (HardInference)_i, n);
      beam_free(beam);
      arena_free(out);
    }
    model_free(m);
  }
}
END_TEST

/* So many sentences expect, and no draw is another's. */
START_TEST(chance) {
  enum { N = 2000 };
  Tape tape = {.arena = arena_new()};
  int sentence[N], step[N], rows[N], below = 0, same = 0;
  for (int r = 0; r < N; r++) sentence[r] = r / 4, step[r] = r % 4, rows[r] = r + 5;
  const Rows of_rows = {N, sentence, step};
  const Noise noise = {.seed = 1, .update = 3, .row = rows, .draws = true};
  const NoiseRun *run = noise_open(&noise, &tape, &of_rows);
  ck_assert(noise_draws(run));
  for (int r = 0; r < N; r++) {
    double u = noise_chance(run, NOISE_POSITION, r, 0), v = noise_chance(run, NOISE_EXPECTATION, r, 0);
    ck_assert(u > 0 && u < 1 && v > 0 && v < 1);
    below += u < 0.25;
    same += r > 0 && u == noise_chance(run, NOISE_POSITION, r - 1, 0);
    ck_assert(v == noise_chance(run, NOISE_EXPECTATION, r - r % 4, 0));
    ck_assert(noise_chance(run, NOISE_GUMBEL, r, 0) != noise_chance(run, NOISE_GUMBEL, r, 1));
  }
  ck_assert_int_eq(same, 0);
  ck_assert_msg(below > 420 && below < 580, "%d of %d below a quarter", below, N); /* 500, with a deviation of 19.4 */
  arena_free(tape.arena);
}
END_TEST

/* Of images and matrices, whose positions have no words, chance is of their numbers. */
START_TEST(source_key_hangs_on_regions) {
  static const int32_t none[] = {0, 0};
  static const float numbers[] = {1, 2, 3, 4}, again[] = {1, 2, 3, 4}, other[] = {1, 2, 3, 5};
  const Regions one = {.at = numbers, .n = 2, .size = 2}, same = {.at = again, .n = 2, .size = 2},
                differs = {.at = other, .n = 2, .size = 2};
  uint64_t key = hard_source(&(Ids){.at = none, .n = 2, .regions = &one});
  ck_assert(key == hard_source(&(Ids){.at = none, .n = 2, .regions = &same}));
  ck_assert(key != hard_source(&(Ids){.at = none, .n = 2, .regions = &differs}));
  ck_assert(key != hard_source(&(Ids){.at = none, .n = 1, .regions = &one}));
}
END_TEST

Suite *test_hard(void);
Suite *test_hard(void) {
  Suite *s = suite_create("hard");
  TCase *t = tcase_create("hard");
  tcase_add_test(t, entropy);
  tcase_add_test(t, marginal);
  tcase_add_test(t, pull);
  tcase_add_loop_test(t, top, 0, 4);
  tcase_add_loop_test(t, reinforce_is_the_gradient_of_the_bound, 0, 7);
  tcase_add_test(t, soft_baseline_is_that_of_the_expectation);
  tcase_add_loop_test(t, as_soft, INFERENCE_argmax, INFERENCE_marginal + 1);
  tcase_add_test(t, marginal_is_the_mean_of_looks);
  tcase_add_test(t, samples_hang_on_source_and_step);
  tcase_add_loop_test(t, told, INFERENCE_argmax, INFERENCE_marginal + 1);
  tcase_add_test(t, chance);
  tcase_add_test(t, source_key_hangs_on_regions);
  suite_add_tcase(s, t);
  return s;
}
