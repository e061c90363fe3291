#include "differences.h"

#include <check.h>

#include "ad/gradcheck.h"
#include "base/rng.h"
#include "tiny.h"

#if REAL_IS_DOUBLE

enum { VOCAB = 6 };

typedef struct Batch {
  const Model *model;
  IdPair pairs[3];
  int n;
  double guided; /* scale of the loss of attention; 0: none */
  GuideLoss guide;
  const Linked *const *links;
} Batch;

static const double SCALE = 0.5;

static void loss_case(GradEnv *env, void *ctx) {
  static const int row[] = {4, 1, 7};
  const Batch *b = ctx;
  const Noise noise = tiny_noise(0.25, 3, 9, row);
  const double ponders = model_config_ponders(&b->model->config) ? 0.7 : 0;
  const double entropy = model_config_reinforces(&b->model->config) ? -0.6 : 0;
  const LossAim aim = {
      {{[LOSS_likelihood] = SCALE, [LOSS_guided] = b->guided, [LOSS_ponder] = ponders, [LOSS_entropy] = entropy}},
      0.1,
      b->links,
      b->guide,
      0};
  Losses sums;
  gradcheck_add(env, model_losses(b->model, &env->tape, b->pairs, b->n, &noise, &aim, &sums));
}

/* Weights of one size: biases and the parts of a cell that start at 0 count like the others. A predicted position
 * depends on them: the numbers are such that none stands within a step of the differences of its window's edge. */
static void fill(ParamSet *set) {
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    uint64_t key = rng_key(1, RNG_TEST, rng_name(set->params[p].name), 0);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] = 1.6 * rng_uniform(key, (uint64_t)i) - 0.8;
  }
}

static const int32_t words[] = {4, 5, 3, 5, 4};
/* Three ragged pairs, the second with an empty source (S = 1). */
static const Batch ragged = {
    .pairs = {{{words, 3}, {words + 1, 2}}, {{words, 0}, {words + 2, 1}}, {{words + 2, 2}, {words, 0}}}, .n = 3};
static const Batch single = {.pairs = {{{words, 0}, {words + 1, 2}}}, .n = 1};

static void check_batch(GradEnv *env, const Model *model, Batch batch, const char *name) {
  batch.model = model;
  gradcheck_run(env, name, loss_case, &batch);
}

void differences_check(const ModelConfig *config, const char *name) {
  Model *model = model_new(config);
  fill(&model->params);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  check_batch(&env, model, ragged, name);
  check_batch(&env, model, single, name);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  ck_assert_int_gt(env.n_checked, 0);
  gradcheck_free(&env);
  model_free(model);
}

/* Links of the ragged pairs: of every target token with </s>. One is outside the window of local_m. */
static const int at[] = {2, 0, 3, 1};
static const Linked first[] = {{at, 2}, {NULL, 0}, {at + 2, 1}}, second[] = {{at + 1, 1}, {at + 1, 1}},
                    third[] = {{at, 2}};
static const Linked *const links[] = {first, second, third};

void differences_check_guided(const ModelConfig *config, GuideLoss loss, const char *name) {
  Model *model = model_new(config);
  fill(&model->params);
  GradEnv env;
  gradcheck_init(&env, &model->params);
  Batch batch = ragged;
  batch.guided = 0.8;
  batch.guide = loss;
  batch.links = links;
  check_batch(&env, model, batch, name);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  gradcheck_free(&env);
  model_free(model);
}

ModelConfig differences_config(void) {
  return (ModelConfig){.embedding = 3,
                       .encoder = {.cell = CELL_gru, .hidden = 2, .layers = 1, .bidirectional = true},
                       .decoder = {.cell = CELL_gru, .hidden = 4, .layers = 1, .init = INIT_last},
                       .attention = {.flow = FLOW_luong,
                                     .score = SCORE_general,
                                     .scope = SCOPE_global,
                                     .window = 1,
                                     .size = 3,
                                     .input_feeding = true,
                                     .max_positions = 5},
                       .source_vocab = VOCAB,
                       .target_vocab = VOCAB};
}

#endif
