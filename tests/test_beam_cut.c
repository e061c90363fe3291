/* Which outputs of a search are cut, against the model's forced scoring of every word that could have come next. */
#include <check.h>
#include <string.h>

#include "search/beam.h"
#include "tiny.h"

enum { N = 6, MOST = 16 };

/* log p of v after the tokens of h but its `</s>`. */
static double next_logprob(const Model *model, Arena *arena, Ids source, const Hypothesis *h, int32_t v) {
  int32_t tokens[MOST];
  int n = h->n_target - 1;
  memcpy(tokens, h->tokens, (size_t)n * sizeof *tokens);
  tokens[n] = v;
  return (double)tiny_score(model, arena, source, (Ids){tokens, v == ID_EOS ? n : n + 1}).logprob[n];
}

static bool any_likelier(const Model *model, Arena *arena, Ids source, const Hypothesis *h) {
  double end = next_logprob(model, arena, source, h, ID_EOS);
  for (int32_t v = 0; v < TINY_VOCAB; v++)
    if (v != ID_PAD && v != ID_BOS && v != ID_EOS && next_logprob(model, arena, source, h, v) > end) return true;
  return false;
}

/* Limits of 10 - 2 n tokens; greedy search, beams and draws. */
START_TEST(cut_at_the_limit_only) {
  static const int32_t words[] = {4, 5, 6, 4};
  Model *model = tiny_model(_i, _i == TINY_RECURRENT + 5 ? 4 : 3); /* seeds of models that are cut */
  const Model *const models[] = {model};
  Arena *arena = arena_new(), *slow = arena_new();
  Beam *beam = beam_new(models, 1);
  int n_cut = 0, n_whole = 0;
  for (int k = 0; k < N; k++) {
    Ids source = {words, 1 + k % 4};
    uint64_t number = (uint64_t)k;
    BeamOptions o = {.beam_size = 1 + k / 2, .length_penalty = 1, .max_length_ratio = -2, .temperature = 1};
    BeamResult result;
    o.n_best = o.beam_size;
    o.sample = k == N - 1;
    beam_search(beam, &source, &number, 1, &o, arena, &result);
    for (int i = 0; i < result.n; i++) {
      const Hypothesis *h = &result.best[i];
      bool cut = h->n_target - 1 == 10 - 2 * source.n && any_likelier(model, slow, source, h);
      ck_assert_int_eq(h->cut, cut);
      n_cut += cut;
      n_whole += !cut;
      arena_reset(slow);
    }
  }
  ck_assert_int_gt(n_cut + n_whole, N);
  ck_assert_int_gt(n_cut, 0);
  beam_free(beam);
  arena_free(arena);
  arena_free(slow);
  model_free(model);
}
END_TEST

Suite *test_beam_cut(void);
Suite *test_beam_cut(void) {
  Suite *s = suite_create("beam: cut");
  TCase *t = tcase_create("beam: cut");
  tcase_add_loop_test(t, cut_at_the_limit_only, 0, TINY_KINDS);
  suite_add_tcase(s, t);
  return s;
}
