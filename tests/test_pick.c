#include "search/pick.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "num/ids.h"

enum { V = 150, ROWS = 3 };

static const PickRules all = {true, true, true};

/* Rows with many equal values, so that ties matter. */
static void fill(real rows[ROWS][V], uint64_t seed, uint64_t values) {
  uint64_t key = rng_key(seed, RNG_TEST, 0, 0);
  for (uint64_t i = 0; i < ROWS * V; i++) rows[i / V][i % V] = -(real)rng_below(key, i, values) / 8;
}

static int by_rank(const void *a, const void *b) {
  const Pick *x = a, *y = b;
  if (fabs(x->logprob - y->logprob) > 0) return x->logprob > y->logprob ? -1 : 1;
  if (x->token != y->token) return x->token < y->token ? -1 : 1;
  return x->parent - y->parent;
}

static int sorted(Pick *out, real rows[ROWS][V], const double *base, PickRules rules) {
  int n = 0;
  for (int r = 0; r < ROWS; r++) {
    for (int v = 2; v < V; v++) {
      if ((v == ID_EOS && !rules.end) || (v == ID_UNK && !rules.unknown)) continue;
      out[n++] = (Pick){base[r] + (double)rows[r][v], v, r};
    }
  }
  qsort(out, (size_t)n, sizeof *out, by_rank);
  return n;
}

START_TEST(best_as_a_full_sort) {
  static const double base[ROWS] = {-1, -0.5, -1};
  static const int caps[] = {1, 2, 7, 64, ROWS * V};
  Arena *arena = arena_new();
  real rows[ROWS][V];
  Pick want[ROWS * V];
  for (uint64_t seed = 0; seed < 20; seed++) {
    PickRules rules = {seed % 2 == 0, seed % 3 == 0, true};
    fill(rows, seed, seed < 10 ? 4 : 1000);
    int n = sorted(want, rows, base, rules);
    for (int c = 0; c < 5; c++) {
      PickList list = pick_new(arena, caps[c]);
      for (int r = ROWS; r-- > 0;) pick_row(&list, rows[r], V, base[r], r, rules);
      pick_sort(&list);
      ck_assert_int_eq(list.n, n < caps[c] ? n : caps[c]);
      for (int i = 0; i < list.n; i++) ck_assert_int_eq(by_rank(&list.at[i], &want[i]), 0);
    }
  }
  arena_free(arena);
}
END_TEST

START_TEST(not_a_number_is_never_best) {
  real row[6] = {0, 0, -3, (real)NAN, -5, -4};
  Arena *arena = arena_new();
  PickList list = pick_new(arena, 4);
  pick_row(&list, row, 6, 0, 0, all);
  pick_sort(&list);
  static const int want[] = {2, 5, 4, 3};
  for (int i = 0; i < 4; i++) ck_assert_int_eq(list.at[i].token, want[i]);
  arena_free(arena);
}
END_TEST

/* Of N draws at evenly spaced u, how often token comes. */
static int drawn(Arena *arena, const real *row, int n_vocab, double temperature, int top_k, PickRules rules,
                 int32_t token) {
  enum { N = 10000 };
  int n = 0;
  for (int i = 0; i < N; i++) n += pick_draw(arena, row, n_vocab, temperature, top_k, (i + 0.5) / N, rules) == token;
  return n;
}

START_TEST(draws_by_probability) {
  /* p of </s> 0.1, <unk> 0.2, 4: 0.3, 5: 0.15; the rest, 0.25, is <pad>'s and <s>'s and shared out */
  const real row[6] = {(real)log(0.125), (real)log(0.125), (real)log(0.1),
                       (real)log(0.2),   (real)log(0.3),   (real)log(0.15)};
  Arena *arena = arena_new();
  ck_assert_int_eq(drawn(arena, row, 6, 1, 0, all, 0) + drawn(arena, row, 6, 1, 0, all, 1), 0);
  ck_assert_int_eq(abs(drawn(arena, row, 6, 1, 0, all, 4) - 4000) <= 1, 1);
  ck_assert_int_eq(abs(drawn(arena, row, 6, 1, 0, all, ID_EOS) - 1333) <= 1, 1);
  ck_assert_int_eq(abs(drawn(arena, row, 6, 1, 2, all, 4) - 6000) <= 1, 1); /* of 0.3 and 0.2 */
  ck_assert_int_eq(drawn(arena, row, 6, 1, 2, all, 5), 0);
  ck_assert_int_eq(drawn(arena, row, 6, 1, 1, all, 4), 10000);
  /* p^2: 0.01 0.04 0.09 0.0225 of 0.1625 */
  ck_assert_int_eq(abs(drawn(arena, row, 6, 0.5, 0, all, 4) - 5538) <= 1, 1);
  PickRules words = {false, false, true};
  ck_assert_int_eq(abs(drawn(arena, row, 6, 1, 0, words, 5) - 3333) <= 1, 1);
  ck_assert_int_eq(drawn(arena, row, 6, 1, 0, words, ID_EOS) + drawn(arena, row, 6, 1, 0, words, ID_UNK), 0);
  ck_assert_int_eq(drawn(arena, row, 6, 1, 2, words, 5), 3333);
  arena_free(arena);
}
END_TEST

Suite *test_pick(void);
Suite *test_pick(void) {
  Suite *suite = suite_create("pick");
  TCase *tc = tcase_create("pick");
  tcase_add_test(tc, best_as_a_full_sort);
  tcase_add_test(tc, not_a_number_is_never_best);
  tcase_add_test(tc, draws_by_probability);
  suite_add_tcase(suite, tc);
  return suite;
}
