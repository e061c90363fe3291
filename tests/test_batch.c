#include "text/batch.h"

#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum { N = 1000 };

/* N lengths between 1 and 30. */
static PairLength *some_lengths(void) {
  static PairLength lengths[N];
  uint64_t key = rng_key(7, RNG_TEST, 0, 0);
  for (int i = 0; i < N; i++)
    lengths[i] = (PairLength){(uint32_t)(1 + rng_below(key, 2 * (uint64_t)i, 30)),
                              (uint32_t)(1 + rng_below(key, 2 * (uint64_t)i + 1, 30))};
  return lengths;
}

/* The batches one after another. */
typedef struct Flat {
  int index[N], start[N + 1];
} Flat;

static Flat flat(const BatchPlan *plan) {
  Flat f = {{0}, {0}};
  for (int b = 0; b < plan->n_batches; b++) {
    int n;
    const int *pairs = batch_pairs(plan, b, &n);
    ck_assert_int_le(f.start[b] + n, N);
    memcpy(f.index + f.start[b], pairs, (size_t)n * sizeof *pairs);
    f.start[b + 1] = f.start[b] + n;
  }
  return f;
}

static void expect_permutation(const BatchPlan *plan, int n) {
  bool seen[N] = {false};
  Flat f = flat(plan);
  ck_assert_int_eq(plan->n_pairs, n);
  ck_assert_int_eq(f.start[plan->n_batches], n);
  for (int b = 0; b < plan->n_batches; b++) ck_assert_int_lt(f.start[b], f.start[b + 1]);
  for (int i = 0; i < n; i++) {
    ck_assert(f.index[i] >= 0 && f.index[i] < n);
    ck_assert(!seen[f.index[i]]);
    seen[f.index[i]] = true;
  }
}

static void expect_falling(const BatchPlan *plan, const PairLength *lengths) {
  Flat f = flat(plan);
  for (int b = 0; b < plan->n_batches; b++) {
    for (int i = f.start[b] + 1; i < f.start[b + 1]; i++) {
      PairLength before = lengths[f.index[i - 1]], here = lengths[f.index[i]];
      ck_assert(before.target > here.target || (before.target == here.target && before.source >= here.source));
    }
  }
}

static bool same(const BatchPlan *a, const BatchPlan *b) {
  Flat x = flat(a), y = flat(b);
  return a->n_batches == b->n_batches && memcmp(&x, &y, sizeof x) == 0;
}

START_TEST(every_pair_once) {
  const PairLength *lengths = some_lengths();
  BatchPlan plan = {0};
  for (uint64_t epoch = 1; epoch <= 3; epoch++) {
    batch_plan(&plan, lengths, N, &(BatchOptions){.batch_size = 3, .seed = 1, .epoch = epoch});
    expect_permutation(&plan, N);
    expect_falling(&plan, lengths);
    ck_assert_int_eq(plan.n_batches, 334); /* 300, 300, 300, 100 pairs a pool: 100 + 100 + 100 + 34 */
  }
  batch_plan(&plan, lengths, 1, &(BatchOptions){.batch_size = 3});
  expect_permutation(&plan, 1);
  batch_plan(&plan, lengths, 0, &(BatchOptions){.batch_size = 3});
  ck_assert_int_eq(plan.n_batches, 0);
  batch_free(&plan);
}
END_TEST

START_TEST(seed_and_epoch_make_the_plan) {
  const PairLength *lengths = some_lengths();
  BatchPlan a = {0}, b = {0};
  batch_plan(&a, lengths, N, &(BatchOptions){.batch_size = 8, .seed = 1, .epoch = 1});
  batch_plan(&b, lengths, N, &(BatchOptions){.batch_size = 8, .seed = 1, .epoch = 2});
  ck_assert(!same(&a, &b));
  batch_plan(&b, lengths, N, &(BatchOptions){.batch_size = 8, .seed = 2, .epoch = 1});
  ck_assert(!same(&a, &b));
  batch_plan(&b, lengths, N, &(BatchOptions){.batch_size = 8, .seed = 1, .epoch = 1});
  ck_assert(same(&a, &b));
  batch_free(&a);
  batch_free(&b);
}
END_TEST

static uint32_t longest_side(const BatchPlan *plan, int b, const PairLength *lengths) {
  Flat f = flat(plan);
  uint32_t longest = 0;
  for (int i = f.start[b]; i < f.start[b + 1]; i++) {
    PairLength l = lengths[f.index[i]];
    if (l.source > longest) longest = l.source;
    if (l.target > longest) longest = l.target;
  }
  return longest + 1;
}

START_TEST(token_batches_keep_their_bound) {
  const PairLength *lengths = some_lengths();
  BatchPlan plan = {0};
  uint32_t fullest = 0;
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_tokens = 120, .seed = 1});
  expect_permutation(&plan, N);
  expect_falling(&plan, lengths);
  Flat f = flat(&plan);
  for (int b = 0; b < plan.n_batches; b++) {
    uint32_t tokens = (uint32_t)(f.start[b + 1] - f.start[b]) * longest_side(&plan, b, lengths);
    if (tokens > fullest) fullest = tokens;
  }
  ck_assert_uint_eq(fullest, 120);
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_tokens = 1, .seed = 1});
  expect_permutation(&plan, N);
  ck_assert_int_eq(plan.n_batches, N);
  batch_free(&plan);
}
END_TEST

/* Three pairs of 3 x 4 tokens: the bound 11 holds two of them, 12 all. */
START_TEST(token_bound_is_exact) {
  const PairLength lengths[] = {{3, 2}, {2, 3}, {3, 3}};
  BatchPlan plan = {0};
  batch_plan_sequential(&plan, lengths, 3, &(BatchOptions){.batch_tokens = 11});
  ck_assert_int_eq(plan.n_batches, 2);
  ck_assert_int_eq(flat(&plan).start[1], 2);
  batch_plan_sequential(&plan, lengths, 3, &(BatchOptions){.batch_tokens = 12});
  ck_assert_int_eq(plan.n_batches, 1);
  batch_free(&plan);
}
END_TEST

/* Three pairs, the longest sides 3 and 3, with </s> 4 and 4. */
START_TEST(bound_of_room_is_exact) {
  static const struct {
    ModelRoom room;
    double all; /* what the three take together */
  } rows[] = {{{.across = 1}, 3 * 4 * 4},
              {{.source = 2}, 3 * 2 * 4 * 4},
              {{.target = 5}, 3 * 5 * 4 * 4},
              {{.step = 7}, 3 * 7 * 4}};
  const PairLength lengths[] = {{3, 2}, {2, 3}, {3, 3}};
  BatchPlan plan = {0};
  BatchOptions options = {.batch_size = 9, .room = rows[_i].room, .most_room = rows[_i].all - 1};
  batch_plan_sequential(&plan, lengths, 3, &options);
  ck_assert_int_eq(plan.n_batches, 2);
  options.most_room = rows[_i].all;
  batch_plan_sequential(&plan, lengths, 3, &options);
  ck_assert_int_eq(plan.n_batches, 1);
  options.most_room = 1;
  batch_plan_sequential(&plan, lengths, 3, &options);
  ck_assert_int_eq(plan.n_batches, 3);
  batch_free(&plan);
}
END_TEST

/* The sum of the pairs that share a batch with pair 0. */
static int company(const BatchPlan *plan) {
  Flat f = flat(plan);
  for (int b = 0; b < plan->n_batches; b++) {
    int sum = 0;
    bool here = false;
    for (int i = f.start[b]; i < f.start[b + 1]; i++) {
      sum += f.index[i];
      here = here || f.index[i] == 0;
    }
    if (here) return sum;
  }
  return -1;
}

/* Pairs of equal length: who meets whom is up to the shuffle of the pairs alone. */
START_TEST(pairs_are_shuffled_before_they_are_pooled) {
  PairLength lengths[N];
  for (int i = 0; i < N; i++) lengths[i] = (PairLength){5, 5};
  BatchPlan plan = {0};
  int met[4];
  for (int epoch = 0; epoch < 4; epoch++) {
    batch_plan(&plan, lengths, N, &(BatchOptions){.batch_size = 10, .seed = 1, .epoch = (uint64_t)epoch});
    met[epoch] = company(&plan);
    ck_assert_int_gt(met[epoch], 45); /* 0 + 1 + ... + 9 */
  }
  ck_assert(met[0] != met[1] && met[1] != met[2] && met[2] != met[3]);
  batch_free(&plan);
}
END_TEST

/* Sorted by target, source, position: 3 (9,9) | 1 (1,4) 4 (1,4) | 2 (8,2) 0 (2,2). With </s>: the bound 10 holds
 * 1 x 10, 2 x 5, 1 x 9, 1 x 3. */
START_TEST(small_plans_by_hand) {
  const PairLength lengths[] = {{2, 2}, {1, 4}, {8, 2}, {9, 9}, {1, 4}};
  BatchPlan plan = {0};
  batch_plan_sequential(&plan, lengths, 5, &(BatchOptions){.batch_tokens = 10});
  const int index[] = {3, 1, 4, 2, 0}, tokens[] = {0, 1, 3, 4, 5}, pairs[] = {0, 2, 4, 5};
  ck_assert_int_eq(plan.n_batches, 4);
  Flat f = flat(&plan);
  ck_assert_mem_eq(f.index, index, sizeof index);
  ck_assert_mem_eq(f.start, tokens, sizeof tokens);
  ck_assert(plan.padding == 0);
  batch_plan_sequential(&plan, lengths, 5, &(BatchOptions){.batch_size = 2});
  ck_assert_int_eq(plan.n_batches, 3);
  f = flat(&plan);
  ck_assert_mem_eq(f.index, index, sizeof index);
  ck_assert_mem_eq(f.start, pairs, sizeof pairs);
  /* Cells: 2 x (10 + 10) + 2 x (9 + 5) + 1 x (3 + 3) = 74; tokens with </s>: 20 + 7 + 7 + 12 + 6 = 52. */
  ck_assert_double_eq_tol(plan.padding, 1 - 52.0 / 74.0, 1e-12);
  ck_assert_int_eq(plan.largest, 0);
  batch_free(&plan);
}
END_TEST

START_TEST(largest_batch_is_named) {
  const PairLength *lengths = some_lengths();
  BatchPlan plan = {0};
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_size = 16, .seed = 4});
  uint32_t cells[N] = {0}, most = 0;
  Flat f = flat(&plan);
  for (int b = 0; b < plan.n_batches; b++) {
    uint32_t source = 0, target = 0;
    for (int i = f.start[b]; i < f.start[b + 1]; i++) {
      PairLength l = lengths[f.index[i]];
      source = l.source > source ? l.source : source;
      target = l.target > target ? l.target : target;
    }
    cells[b] = (uint32_t)(f.start[b + 1] - f.start[b]) * (source + target + 2);
    most = cells[b] > most ? cells[b] : most;
  }
  ck_assert_uint_eq(cells[plan.largest], most);
  ck_assert_uint_lt(cells[0], most);
  batch_free(&plan);
}
END_TEST

/* Random batches of 16 with lengths 1..30 are about 45 % padding; sorted ones must be far better. */
START_TEST(sorting_saves_padding) {
  PairLength lengths[N];
  memcpy(lengths, some_lengths(), sizeof lengths);
  for (int i = 0; i < N; i++) lengths[i].source = lengths[i].target;
  BatchPlan plan = {0};
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_size = 16, .seed = 3});
  ck_assert_double_lt(plan.padding, 0.05);
  batch_free(&plan);
}
END_TEST

START_TEST(planning_again_reuses_memory) {
  const PairLength *lengths = some_lengths();
  BatchPlan plan = {0};
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_tokens = 50, .seed = 1});
  unsigned long calls = mem_calls();
  for (uint64_t epoch = 1; epoch < 5; epoch++)
    batch_plan(&plan, lengths, N, &(BatchOptions){.batch_tokens = 50, .seed = 1, .epoch = epoch});
  ck_assert_uint_eq(mem_calls(), calls);
  batch_free(&plan);
}
END_TEST

/* Batches come in no order of length: the shuffle of the batches is not forgotten. */
START_TEST(batches_are_shuffled) {
  const PairLength *lengths = some_lengths();
  BatchPlan plan = {0};
  int rises = 0;
  batch_plan(&plan, lengths, N, &(BatchOptions){.batch_size = 10, .seed = 5});
  Flat f = flat(&plan);
  for (int b = 1; b < plan.n_batches; b++)
    rises += lengths[f.index[f.start[b]]].target > lengths[f.index[f.start[b - 1]]].target;
  ck_assert_int_gt(rises, 25);
  ck_assert_int_lt(rises, 75);
  batch_free(&plan);
}
END_TEST

Suite *test_batch(void);
Suite *test_batch(void) {
  Suite *s = suite_create("batch");
  TCase *t = tcase_create("batch");
  tcase_add_test(t, every_pair_once);
  tcase_add_test(t, seed_and_epoch_make_the_plan);
  tcase_add_test(t, token_batches_keep_their_bound);
  tcase_add_test(t, token_bound_is_exact);
  tcase_add_loop_test(t, bound_of_room_is_exact, 0, 4);
  tcase_add_test(t, pairs_are_shuffled_before_they_are_pooled);
  tcase_add_test(t, small_plans_by_hand);
  tcase_add_test(t, largest_batch_is_named);
  tcase_add_test(t, sorting_saves_padding);
  tcase_add_test(t, planning_again_reuses_memory);
  tcase_add_test(t, batches_are_shuffled);
  suite_add_tcase(s, t);
  return s;
}
