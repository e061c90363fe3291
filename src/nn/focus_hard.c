/* focus_hard.c - hard attention (Xu et al. 2015, section 4.1): a = softmax of the scores as always, but what is looked
 * at is one position drawn from it, or what stands for that. A scope's Gaussian is a term of the scores here, so that a
 * sums to 1. */
#include <math.h>

#include "base/rng.h"
#include "nn/attention.h"

static void open(AttentionRun *run, int capacity) {
  HardRun *hard = tape_alloc(run->tape, 1, sizeof *hard);
  *hard = (HardRun){.config = run->attention->spec.hard};
  hard->scores = tape_tensor(run->tape, capacity, run->places->longest);
  hard->at = tape_alloc(run->tape, (size_t)capacity, sizeof *hard->at);
  hard->pull = arena_zero(run->tape->arena, (size_t)capacity, sizeof *hard->pull);
  run->hard = hard;
}

static int heaviest(const real *a, int n) {
  int best = 0;
  for (int i = 1; i < n; i++)
    if (a[i] > a[best]) best = i;
  return best;
}

/* The position where the weights so far pass u. */
static int draw(const real *a, int n, double u) {
  double sum = 0, before = 0;
  for (int i = 0; i < n; i++) sum += (double)a[i];
  for (int i = 0; i < n; i++) {
    before += (double)a[i] / sum;
    if (u < before && a[i] > 0) return i;
  }
  return heaviest(a, n);
}

/* What chance is for row r of a look. */
static double chance(const AttentionRun *run, const Look *look, int r) {
  if (noise_draws(run->noise)) return noise_chance(run->noise, NOISE_POSITION, run->used + r, 0);
  return rng_uniform(run->sources[look->sentence[r]], (uint64_t)look->step[r]);
}

/* Whether the sentence of row r takes the expectation. */
static bool expects(const AttentionRun *run, int r) {
  if (run->noise->soft) return true;
  return noise_chance(run->noise, NOISE_EXPECTATION, run->used + r, 0) < run->hard->config->expectation;
}

typedef enum Mode { MODE_SOFT, MODE_HEAVIEST, MODE_DRAW, MODE_REINFORCE, MODE_RELAX, MODE_THROUGH } Mode;

static Mode mode_of(const AttentionRun *run) {
  static const Mode learning[] = {[ESTIMATOR_reinforce] = MODE_REINFORCE,
                                  [ESTIMATOR_marginal] = MODE_SOFT,
                                  [ESTIMATOR_gumbel] = MODE_RELAX,
                                  [ESTIMATOR_straight_through] = MODE_THROUGH};
  static const Mode learned[] = {[INFERENCE_argmax] = MODE_HEAVIEST,
                                 [INFERENCE_expectation] = MODE_SOFT,
                                 [INFERENCE_sample] = MODE_DRAW,
                                 [INFERENCE_marginal] = MODE_SOFT};
  const HardConfig *c = run->hard->config;
  return noise_draws(run->noise) ? learning[c->estimator] : learned[c->inference];
}

/* a' = softmax((log a + g) / tau), g = -log(-log u) (Jang et al. 2017, eq. 2); what log a has beside the scores is the
 * same for all positions. */
static Tensor *relax(AttentionRun *run, const Look *look, const Tensor *scores) {
  Tensor *g = tape_zeros(run->tape, scores->rows, scores->cols), *z, *a;
  z = tape_tensor(run->tape, scores->rows, scores->cols);
  a = tape_tensor(run->tape, scores->rows, scores->cols);
  for (int r = 0; r < scores->rows; r++)
    for (int i = look->low[r]; i < look->high[r]; i++)
      tensor_row(g, r)[i] = (real)-log(-log(noise_chance(run->noise, NOISE_GUMBEL, run->used + r, i)));
  op_temper(run->tape, scores, g, (real)run->hard->config->temperature, z);
  op_softmax(run->tape, run->places, look, z, 1, 1, a);
  return a;
}

/* The position that each row of weights a looks at. */
static void choose(const AttentionRun *run, const Look *look, Mode mode, const Tensor *a, int *at) {
  for (int r = 0; r < a->rows; r++) {
    const real *row = tensor_row(a, r);
    if (mode == MODE_HEAVIEST || mode == MODE_THROUGH) at[r] = heaviest(row, a->cols);
    else if (mode == MODE_REINFORCE && expects(run, r)) at[r] = -1;
    else at[r] = draw(row, a->cols, chance(run, look, r));
  }
}

/* What the context is made of. */
static Tensor look_at(AttentionRun *run, const Look *look, const Tensor *scores, const Tensor *weights) {
  HardRun *hard = run->hard;
  const Mode mode = mode_of(run);
  hard->mixes = noise_draws(run->noise) ? hard->config->estimator == ESTIMATOR_marginal
                                        : hard->config->inference == INFERENCE_marginal;
  hard->rewarded = mode == MODE_REINFORCE;
  hard->chosen = mode == MODE_HEAVIEST || mode == MODE_DRAW;
  if (mode == MODE_SOFT) return *weights;
  const Tensor *a = mode == MODE_RELAX || mode == MODE_THROUGH ? relax(run, look, scores) : weights;
  if (mode == MODE_RELAX) return *a;
  Choice choice = {.at = hard->at + run->used, .scores = scores, .pull = hard->pull + run->used};
  if (mode == MODE_THROUGH) choice.gradient = CHOICE_THROUGH;
  if (mode == MODE_REINFORCE) choice.gradient = CHOICE_PULL;
  choose(run, look, mode, a, hard->at + run->used);
  Tensor *used = tape_tensor(run->tape, a->rows, a->cols);
  op_choose(run->tape, a, &choice, used);
  return *used;
}

static void weigh(AttentionRun *run, const Look *look, const Tensor *e, AttentionLook *at) {
  const AttentionSpec *s = &run->attention->spec;
  Look *bare = tape_alloc(run->tape, 1, sizeof *bare);
  Tensor *scores = tape_keep(run->tape, attention_slab(run, run->hard->scores, look->n));
  *bare = *look;
  bare->centre = NULL;
  op_candidates(run->tape, look, e, s->hard->top, (real)s->window / 2, scores);
  op_softmax(run->tape, run->places, bare, scores, 1, 1, &at->weights);
  at->used = look_at(run, bare, scores, &at->weights);
}

const FocusDef focus_hard = {"hard", "one position, drawn from the softmax of the scores", NULL, open, weigh};
