#include "whole.h"

#include <check.h>

#include "ad/gradcheck.h"
#include "base/rng.h"
#include "search/beam.h"
#include "tiny.h"

Model *whole_model(const ModelConfig *config, uint64_t seed) {
  Model *model = model_new(config);
  ParamSet *set = &model->params;
  param_start(set, 5);
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    uint64_t key = rng_key(seed, RNG_TEST, rng_name(set->params[p].name), 0);
    for (int i = 0; i < t.rows * t.cols; i++) t.x[i] += (real)(0.8 * rng_uniform(key, (uint64_t)i) - 0.4);
  }
  return model;
}

static void check_entry(const Model *model, Arena *arena, Ids source, const Hypothesis *h) {
  ModelScore s = tiny_score(model, arena, source, (Ids){.at = h->tokens, .n = h->n_target - 1});
  ck_assert_int_eq(h->n_source, s.n_source);
  for (int t = 0; t < h->n_target; t++) ck_assert_double_eq_tol(h->token_logprob[t], (double)s.logprob[t], 1e-4);
  for (int i = 0; i < h->n_target * h->n_source; i++)
    ck_assert_double_eq_tol((double)h->weights[i], (double)s.weights[i], 1e-4);
}

enum { MOST = 8 };

void whole_searched_as_scored(Model *model, const Ids *sources, int n) {
  const Model *models[] = {model};
  Beam *beam = beam_new(models, 1);
  Arena *out = arena_new(), *arena = arena_new();
  uint64_t line[MOST] = {0};
  BeamResult results[MOST];
  const BeamOptions options = {.beam_size = 4, .n_best = 4, .max_length_ratio = 1, .temperature = 1, .weights = true};
  ck_assert_int_le(n, MOST);
  param_pack(&model->params, NULL, PACK_BOTH);
  beam_search(beam, sources, line, n, &options, out, results);
  for (int b = 0; b < n; b++) {
    ck_assert_int_gt(results[b].n, 0);
    for (int k = 0; k < results[b].n; k++) check_entry(model, arena, sources[b], &results[b].best[k]);
  }
  beam_free(beam);
  arena_free(out);
  arena_free(arena);
}

typedef struct Case {
  const Model *model;
  const IdPair *pairs;
  int n;
  const LossAim *aim;
} Case;

static void loss_case(GradEnv *env, void *ctx) {
  static const int row[] = {4, 1, 7};
  const Case *c = ctx;
  const Noise noise = tiny_noise(0.25, 3, 9, row);
  Losses sums;
  gradcheck_add(env, model_losses(c->model, &env->tape, c->pairs, c->n, &noise, c->aim, &sums));
}

void whole_gradients(Model *model, const IdPair *pairs, int n, const LossAim *aim) {
  if (!REAL_IS_DOUBLE) return;
  Case c = {model, pairs, n, aim};
  GradEnv env;
  gradcheck_init(&env, &model->params);
  gradcheck_run(&env, "whole model", loss_case, &c);
  ck_assert_msg(env.n_failures == 0, "%s", str_text(&env.report));
  ck_assert_int_gt(env.n_checked, 0);
  gradcheck_free(&env);
}
