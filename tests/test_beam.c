#include "search/beam.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "tiny.h"

enum { MAX_TOKENS = 16, MAX_FOUND = 400 };

/* A translation found the slow way. */
typedef struct Found {
  int32_t tokens[MAX_TOKENS]; /* without `</s>` */
  int n;
  double logprob, score;
} Found;

typedef struct FoundList {
  Found at[MAX_FOUND];
  int n;
} FoundList;

static BeamOptions options_of(int beam_size, double ratio) {
  return (BeamOptions){.beam_size = beam_size,
                       .n_best = beam_size,
                       .length_penalty = 1,
                       .max_length_ratio = ratio,
                       .temperature = 1,
                       .most_logprobs = beam_size % 2, /* all at once, or one sentence after another */
                       .weights = true};
}

/* Sentence k of n_of(k) words. */
static Ids source_of(int k, int32_t *tokens) {
  int n = 1 + k % 4;
  for (int i = 0; i < n; i++)
    tokens[i] = (int32_t)(3 + rng_below(rng_key(1, RNG_TEST, (uint64_t)k, 0), (uint64_t)i, 4));
  return (Ids){tokens, n};
}

static double total(const ModelScore *score) {
  double sum = 0;
  for (int t = 0; t < score->n_target; t++) sum += (double)score->logprob[t];
  return sum;
}

/* The score of a translation from the model's forced scoring, by the definition. */
static double score_of(const ModelScore *s, const BeamOptions *o) {
  double covered = 0;
  for (int i = 0; i < s->n_source; i++) {
    double seen = 0;
    for (int t = 0; t < s->n_target; t++) seen += (double)s->weights[t * s->n_source + i];
    if (seen > 1) seen = 1;
    covered += seen < 1e-9 ? log(1e-9) : log(seen);
  }
  return total(s) / pow(s->n_target, o->length_penalty) + o->coverage_penalty * covered;
}

/* log p of every token after a prefix, by scoring each of them. */
static void next_logprobs(const Model *model, Arena *arena, Ids source, const Found *prefix, double *out) {
  ArenaMark mark = arena_mark(arena);
  for (int32_t v = 2; v < TINY_VOCAB; v++) {
    int32_t tokens[MAX_TOKENS + 1];
    memcpy(tokens, prefix->tokens, sizeof prefix->tokens);
    tokens[prefix->n] = v;
    ModelScore s = tiny_score(model, arena, source, (Ids){tokens, v == ID_EOS ? prefix->n : prefix->n + 1});
    out[v] = (double)s.logprob[prefix->n];
    arena_rewind(arena, mark);
  }
}

static int by_logprob(const void *a, const void *b) {
  double x = ((const Found *)a)->logprob, y = ((const Found *)b)->logprob;
  return x > y ? -1 : x < y;
}

static int by_score(const void *a, const void *b) {
  double x = ((const Found *)a)->score, y = ((const Found *)b)->score;
  return x > y ? -1 : x < y;
}

static bool is_ended(const Found *f) { return f->n > 0 && f->tokens[f->n - 1] == ID_EOS; }

static void end(const Model *model, Arena *arena, Ids source, const BeamOptions *o, const Found *closed,
                FoundList *ended) {
  ArenaMark mark = arena_mark(arena);
  Found *f = &ended->at[ended->n++];
  *f = *closed;
  f->n--;
  ModelScore s = tiny_score(model, arena, source, (Ids){f->tokens, f->n});
  f->score = score_of(&s, o);
  arena_rewind(arena, mark);
}

/* All one-token continuations, sorted; at the limit only `</s>`. */
static void expand(const Model *model, Arena *arena, Ids source, const BeamOptions *o, int t, int limit,
                   const FoundList *live, FoundList *out) {
  out->n = 0;
  for (int i = 0; i < live->n; i++) {
    double logprob[TINY_VOCAB];
    next_logprobs(model, arena, source, &live->at[i], logprob);
    for (int32_t v = 2; v < TINY_VOCAB; v++) {
      if (t == limit ? v != ID_EOS : (v == ID_EOS && t < o->min_length) || (v == ID_UNK && o->no_unknown)) continue;
      Found *f = &out->at[out->n++];
      *f = live->at[i];
      f->tokens[f->n++] = v;
      f->logprob += logprob[v];
    }
  }
  qsort(out->at, (size_t)out->n, sizeof *out->at, by_logprob);
  if (t < limit && out->n > o->beam_size) out->n = o->beam_size;
}

/* The best score that one of them would have with a `</s>` that costs nothing and looks at nothing. */
static double best_now(const Model *model, Arena *arena, Ids source, const BeamOptions *o, const FoundList *live) {
  double best = -(double)INFINITY;
  for (int i = 0; i < live->n; i++) {
    ArenaMark mark = arena_mark(arena);
    ModelScore s = tiny_score(model, arena, source, (Ids){live->at[i].tokens, live->at[i].n});
    float *last = (float *)(uintptr_t)(s.weights + live->at[i].n * s.n_source);
    memset(last, 0, (size_t)s.n_source * sizeof *last);
    best = fmax(best, score_of(&s, o) + (live->at[i].logprob - total(&s)) / pow(s.n_target, o->length_penalty));
    arena_rewind(arena, mark);
  }
  return best;
}

/* Beam search, one hypothesis and one token at a time. */
static void search_slowly(const Model *model, Arena *arena, Ids source, const BeamOptions *o, FoundList *ended) {
  static FoundList live, all;
  int limit = (int)ceil(o->max_length_ratio * source.n) + 10;
  live.n = 1;
  memset(&live.at[0], 0, sizeof live.at[0]);
  ended->n = 0;
  for (int t = 0; t <= limit && live.n > 0; t++) {
    expand(model, arena, source, o, t, limit, &live, &all);
    live.n = 0;
    for (int i = 0; i < all.n; i++) {
      if (is_ended(&all.at[i])) end(model, arena, source, o, &all.at[i], ended);
      else live.at[live.n++] = all.at[i];
    }
    qsort(ended->at, (size_t)ended->n, sizeof *ended->at, by_score);
    if (ended->n >= o->beam_size && best_now(model, arena, source, o, &live) <= ended->at[0].score) live.n = 0;
  }
  if (ended->n > o->beam_size) ended->n = o->beam_size;
}

static void expect_same(const BeamResult *got, const FoundList *want, int n_best) {
  ck_assert_int_eq(got->n, want->n < n_best ? want->n : n_best);
  for (int i = 0; i < got->n; i++) {
    const Hypothesis *h = &got->best[i];
    ck_assert_int_eq(h->n_target, want->at[i].n + 1);
    ck_assert_mem_eq(h->tokens, want->at[i].tokens, (size_t)want->at[i].n * sizeof *h->tokens);
    ck_assert_int_eq(h->tokens[h->n_target - 1], ID_EOS);
    ck_assert_double_eq_tol(h->logprob, want->at[i].logprob, 2 * TINY_WITHIN);
    ck_assert_double_eq_tol(h->score, want->at[i].score, 2 * TINY_WITHIN);
  }
}

/* Logs of probabilities and alignments are those of forced scoring. */
static void expect_forced(const Model *model, Arena *arena, Ids source, const Hypothesis *h) {
  ModelScore s = tiny_score(model, arena, source, (Ids){h->tokens, h->n_target - 1});
  ck_assert_int_eq(h->n_source, s.n_source);
  ck_assert_int_eq(h->n_target, s.n_target);
  double sum = 0;
  for (int t = 0; t < h->n_target; t++) {
    ck_assert_double_eq_tol(h->token_logprob[t], (double)s.logprob[t], TINY_WITHIN);
    sum += h->token_logprob[t];
    for (int i = 0; i < h->n_source; i++)
      ck_assert_double_eq_tol((double)h->weights[t * h->n_source + i], (double)s.weights[t * h->n_source + i],
                              TINY_WITHIN);
  }
  ck_assert_double_eq_tol(h->logprob, sum, REAL_IS_DOUBLE ? 1e-5 : 1e-9);
}

/* The row of a step's weights where a step aligns what it has read. */
START_TEST(rows_of_words_read) {
  ModelConfig c = {.attention.aligns = ALIGNS_read};
  static const int rows[] = {3, 0, 1, 2}; /* of </s>, y_1, y_2, y_3 */
  for (int t = 0; t < 4; t++) ck_assert_int_eq(model_config_aligned(&c, t, 4), rows[t]);
  ck_assert_int_eq(model_config_aligned(&c, 0, 1), 0);
  c.attention.aligns = ALIGNS_written;
  for (int t = 0; t < 4; t++) ck_assert_int_eq(model_config_aligned(&c, t, 4), t);
}
END_TEST

enum { N = 5 };

/* N sentences as one batch. */
typedef struct Case {
  Arena *arena, *slow;
  Ids sources[N];
  int32_t tokens[N][8];
  uint64_t numbers[N];
  BeamResult results[N];
} Case;

static void case_open(Case *c) {
  *c = (Case){.arena = arena_new(), .slow = arena_new()};
  for (int k = 0; k < N; k++) {
    c->sources[k] = source_of(k, c->tokens[k]);
    c->numbers[k] = (uint64_t)k;
  }
}

static void case_close(Case *c) {
  arena_free(c->arena);
  arena_free(c->slow);
}

static void case_search(Case *c, const Model *const *models, int n_models, const BeamOptions *o) {
  Beam *beam = beam_new(models, n_models);
  beam_search(beam, c->sources, c->numbers, N, o, c->arena, c->results);
  beam_free(beam);
}

static void compare(Case *c, const Model *model, const BeamOptions *o) {
  static FoundList want;
  case_search(c, &model, 1, o);
  for (int k = 0; k < N; k++) {
    search_slowly(model, c->slow, c->sources[k], o, &want);
    expect_same(&c->results[k], &want, o->n_best);
    for (int i = 0; i < c->results[k].n; i++) expect_forced(model, c->slow, c->sources[k], &c->results[k].best[i]);
    arena_reset(c->slow);
  }
}

START_TEST(as_the_slow_search) {
  Model *model = tiny_model(_i, 11);
  Case c;
  case_open(&c);
  for (int k = 1; k <= 4; k++) {
    BeamOptions o = options_of(k, -1.5); /* a limit of 4 to 9 tokens */
    compare(&c, model, &o);
    o.coverage_penalty = 0.4;
    o.length_penalty = 0.6;
    o.n_best = 1 + k / 2;
    o.no_unknown = true;
    o.min_length = 3;
    compare(&c, model, &o);
  }
  case_close(&c);
  model_free(model);
}
END_TEST

/* The kth of the translations of up to 3 of the 4 tokens that may be taken: 1 + 4 + 16 + 64 of them. */
static int nth_translation(int k, int32_t *tokens) {
  int n = 0;
  for (int of_length = 1; k >= of_length; of_length *= 4, n++) k -= of_length;
  for (int i = 0; i < n; i++, k /= 4) tokens[i] = ID_UNK + k % 4;
  return n;
}

/* With a beam that holds everything, every translation within the limit is found, in order. */
START_TEST(wide_beam_finds_all) {
  static FoundList want;
  Model *model = tiny_model(_i, 5);
  const Model *const models[] = {model};
  Case c;
  case_open(&c);
  BeamOptions o = options_of(100, -7); /* n = 1: at most 3 tokens */
  o.coverage_penalty = 0.2;
  for (want.n = 0; want.n < 85; want.n++) {
    Found *f = &want.at[want.n];
    f->n = nth_translation(want.n, f->tokens);
    ModelScore s = tiny_score(model, c.slow, c.sources[0], (Ids){f->tokens, f->n});
    f->logprob = total(&s);
    f->score = score_of(&s, &o);
  }
  qsort(want.at, (size_t)want.n, sizeof *want.at, by_score);
  Beam *beam = beam_new(models, 1);
  beam_search(beam, c.sources, c.numbers, 1, &o, c.arena, c.results);
  expect_same(&c.results[0], &want, 100);
  beam_free(beam);
  case_close(&c);
  model_free(model);
}
END_TEST

/* Beam size 1: the likeliest token, again and again. */
START_TEST(greedy) {
  Model *model = tiny_model(_i, 3);
  Case c;
  case_open(&c);
  BeamOptions o = options_of(1, 1);
  case_search(&c, &(const Model *){model}, 1, &o);
  for (int k = 0; k < N; k++) {
    const Hypothesis *h = &c.results[k].best[0];
    Found f = {.n = 0};
    for (int t = 0; t < h->n_target && f.n < MAX_TOKENS; t++) {
      double logprob[TINY_VOCAB];
      int32_t best = ID_EOS;
      next_logprobs(model, c.slow, c.sources[k], &f, logprob);
      for (int32_t v = 2; v < TINY_VOCAB; v++)
        if (logprob[v] > logprob[best]) best = v;
      if (t == c.sources[k].n + 10) best = ID_EOS;
      ck_assert_int_eq(h->tokens[t], best);
      f.tokens[f.n++] = best;
    }
    ck_assert_int_eq(c.results[k].n, 1);
  }
  case_close(&c);
  model_free(model);
}
END_TEST

static void expect_equal(const BeamResult *a, const BeamResult *b, double within) {
  ck_assert_int_eq(a->n, b->n);
  for (int i = 0; i < a->n; i++) {
    const Hypothesis *x = &a->best[i], *y = &b->best[i];
    ck_assert(x->n_target == y->n_target && x->cut == y->cut);
    ck_assert_mem_eq(x->tokens, y->tokens, (size_t)x->n_target * sizeof *x->tokens);
    ck_assert_double_eq_tol(x->score, y->score, within);
    for (int k = 0; k < x->n_target * x->n_source; k++)
      ck_assert_double_eq_tol((double)x->weights[k], (double)y->weights[k], within);
  }
}

START_TEST(twice_the_same_model) {
  Model *model = tiny_model(0, 17);
  const Model *const models[] = {model, model};
  BeamOptions o = options_of(3, 1);
  Case one, two;
  case_open(&one);
  case_open(&two);
  case_search(&one, models, 1, &o);
  case_search(&two, models, 2, &o);
  for (int k = 0; k < N; k++) expect_equal(&one.results[k], &two.results[k], TINY_WITHIN);
  case_close(&one);
  case_close(&two);
  model_free(model);
}
END_TEST

/* An ensemble's numbers are means of what its members' forced scoring gives. */
START_TEST(ensemble_is_the_mean) {
  Model *a = tiny_model(0, 17), *b = tiny_model(4, 18);
  const Model *const models[] = {a, b};
  BeamOptions o = options_of(3, 1);
  a->config.attention.aligns = b->config.attention.aligns = (AlignsKind)_i;
  Case c;
  case_open(&c);
  case_search(&c, models, 2, &o);
  for (int k = 0; k < N; k++) {
    const Hypothesis *h = &c.results[k].best[0];
    Ids target = {h->tokens, h->n_target - 1};
    ModelScore x = tiny_score(a, c.slow, c.sources[k], target), y = tiny_score(b, c.slow, c.sources[k], target);
    for (int t = 0; t < h->n_target; t++) {
      double p = (exp((double)x.logprob[t]) + exp((double)y.logprob[t])) / 2;
      ck_assert_double_eq_tol(h->token_logprob[t], log(p), TINY_WITHIN);
    }
    for (int i = 0; i < h->n_target * h->n_source; i++)
      ck_assert_double_eq_tol((double)h->weights[i], (double)(x.weights[i] + y.weights[i]) / 2, TINY_WITHIN);
  }
  case_close(&c);
  model_free(a);
  model_free(b);
}
END_TEST

/* Every token has the same probability x, so every hypothesis the same score, exactly: x, 2x / 2 and 3x / 3. Those that
 * ended earlier stay, and among these the lower token goes first. */
START_TEST(ties_go_to_the_earlier) {
  Model *model = tiny_model(0, 1);
  memset(model->params.values, 0, model->params.size * sizeof(real));
  param_changed(&model->params);
  static const int32_t want[3][2] = {{ID_EOS}, {ID_UNK, ID_EOS}, {ID_UNK + 1, ID_EOS}};
  BeamOptions o = options_of(3, 1);
  o.max_length = 3;
  Case c;
  case_open(&c);
  case_search(&c, &(const Model *){model}, 1, &o);
  for (int i = 0; i < 3; i++) {
    const Hypothesis *h = &c.results[0].best[i];
    ck_assert_int_eq(h->n_target, i == 0 ? 1 : 2);
    ck_assert_mem_eq(h->tokens, want[i], (size_t)h->n_target * sizeof(int32_t));
    ck_assert(h->score == c.results[0].best[0].score);
  }
  case_close(&c);
  model_free(model);
}
END_TEST

START_TEST(alone_as_in_a_batch) {
  Model *model = tiny_model(_i, 23);
  const Model *const models[] = {model};
  Beam *beam = beam_new(models, 1);
  Case c;
  case_open(&c);
  BeamOptions o = options_of(4, 1);
  for (int sample = 0; sample < 2; sample++) {
    o.sample = sample;
    case_search(&c, models, 1, &o);
    for (int k = 0; k < N; k++) {
      BeamResult alone;
      beam_search(beam, &c.sources[k], &c.numbers[k], 1, &o, c.arena, &alone);
      expect_equal(&alone, &c.results[k], 2 * TINY_WITHIN);
    }
  }
  beam_free(beam);
  case_close(&c);
  model_free(model);
}
END_TEST

START_TEST(draws_follow_the_model) {
  Model *model = tiny_model(0, 31);
  Case c;
  case_open(&c);
  BeamOptions o = options_of(1, 1);
  o.sample = true;
  o.n_best = 2000;
  o.seed = 4;
  case_search(&c, &(const Model *){model}, 1, &o);
  Found none = {.n = 0};
  double logprob[TINY_VOCAB], allowed = 0;
  next_logprobs(model, c.slow, c.sources[1], &none, logprob);
  for (int v = 2; v < TINY_VOCAB; v++) allowed += exp(logprob[v]);
  int times[TINY_VOCAB] = {0};
  ck_assert_int_eq(c.results[1].n, 2000);
  for (int i = 0; i < 2000; i++) {
    if (i > 0) ck_assert_double_ge(c.results[1].best[i - 1].score, c.results[1].best[i].score);
    times[c.results[1].best[i].tokens[0]]++;
  }
  for (int v = 2; v < TINY_VOCAB; v++) { /* within four standard deviations */
    double p = exp(logprob[v]) / allowed;
    ck_assert_double_eq_tol(times[v] / 2000.0, p, 4 * sqrt(p * (1 - p) / 2000));
  }
  for (int i = 0; i < 20; i++) expect_forced(model, c.slow, c.sources[1], &c.results[1].best[100 * i]);
  case_close(&c);
  model_free(model);
}
END_TEST

START_TEST(seeds_and_numbers_draw_differently) {
  Model *model = tiny_model(0, 31);
  Case c;
  case_open(&c);
  BeamOptions o = options_of(1, 1);
  o.sample = true;
  int different[2] = {0, 0};
  for (int k = 0; k < N; k++) c.sources[k] = c.sources[0]; /* one sentence, N numbers */
  case_search(&c, &(const Model *){model}, 1, &o);
  BeamResult first[N];
  memcpy(first, c.results, sizeof first);
  o.seed = 1;
  case_search(&c, &(const Model *){model}, 1, &o);
  for (int k = 0; k < N; k++) {
    different[0] += fabs(first[k].best[0].logprob - first[(k + 1) % N].best[0].logprob) > 1e-3;
    different[1] += fabs(first[k].best[0].logprob - c.results[k].best[0].logprob) > 1e-3;
  }
  ck_assert_int_ge(different[0], 2);
  ck_assert_int_ge(different[1], 2);
  case_close(&c);
  model_free(model);
}
END_TEST

START_TEST(no_heap_once_warm) {
  Model *model = tiny_model(_i, 7);
  const Model *const models[] = {model, model};
  Beam *beam = beam_new(models, 2);
  Case c;
  case_open(&c);
  BeamOptions o = options_of(4, 1);
  unsigned long calls = 0;
  for (int round = 0; round < 6; round++) {
    if (round == 3) calls = mem_calls();
    arena_reset(c.arena);
    beam_search(beam, c.sources, c.numbers, N, &o, c.arena, c.results);
  }
  ck_assert_uint_eq(mem_calls(), calls);
  beam_free(beam);
  case_close(&c);
  model_free(model);
}
END_TEST

Suite *test_beam(void);
Suite *test_beam(void) {
  Suite *suite = suite_create("beam");
  TCase *tc = tcase_create("beam");
  tcase_add_loop_test(tc, as_the_slow_search, 0, TINY_KINDS);
  tcase_add_loop_test(tc, wide_beam_finds_all, 0, TINY_KINDS);
  tcase_add_loop_test(tc, greedy, 0, TINY_KINDS);
  tcase_add_test(tc, twice_the_same_model);
  tcase_add_loop_test(tc, ensemble_is_the_mean, ALIGNS_written, ALIGNS_read + 1);
  tcase_add_test(tc, rows_of_words_read);
  tcase_add_test(tc, ties_go_to_the_earlier);
  tcase_add_loop_test(tc, alone_as_in_a_batch, 0, TINY_KINDS);
  tcase_add_test(tc, draws_follow_the_model);
  tcase_add_test(tc, seeds_and_numbers_draw_differently);
  tcase_add_loop_test(tc, no_heap_once_warm, 0, TINY_KINDS);
  suite_add_tcase(suite, tc);
  return suite;
}
