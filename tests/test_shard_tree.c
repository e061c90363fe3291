/* The tree of shards against a sum written as the definition reads, by any number of workers and threads. */
#define _DEFAULT_SOURCE /* mincore */
#include "train/shard_tree.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"

enum { MOST = 64, COLS = 40000 }; /* more than a slice */

static double draw(int shard, int i) {
  return rng_normal(rng_key(3, RNG_TEST, (uint64_t)shard, 0), (uint64_t)i) * (1 + 1000 * (shard % 3));
}

/* Numbers i of shards lo .. hi-1: the greatest power of two below their number goes to the left. */
static real number(int lo, int hi, int i) {
  if (hi - lo == 1) return (real)draw(lo, i);
  int half = 1;
  while (2 * half < hi - lo) half *= 2;
  return number(lo, lo + half, i) + number(lo + half, hi, i);
}

static double loss(int lo, int hi, int i) {
  if (hi - lo == 1) return draw(lo, i);
  int half = 1;
  while (2 * half < hi - lo) half *= 2;
  return loss(lo, lo + half, i) + loss(lo + half, hi, i);
}

typedef struct Job {
  ShardTree *tree;
  int first;
} Job;

static void leave(void *ctx, int task, int worker) {
  (void)worker;
  const Job *job = ctx;
  ShardSum *sum = shard_tree_open(job->tree, task);
  for (int i = 0; i < COLS; i++) sum->grads[i] = (real)draw(job->first + task, i);
  for (int k = 0; k < N_LOSSES; k++) sum->losses.of[k] = draw(job->first + task, COLS + k);
  shard_tree_finish(job->tree, task);
}

static void check_sum(const ShardTree *tree, int n) {
  const ShardSum *sum = shard_tree_total(tree);
  for (int k = 0; k < N_LOSSES; k++) ck_assert(sum->losses.of[k] == loss(0, n, COLS + k));
  for (int i = 0; i < COLS; i += i % 5 == 0 ? 997 : 1) ck_assert(sum->grads[i] == number(0, n, i));
}

static void one_set(ParamSet *set) {
  param_matrix(set, "W", 1, COLS, START_ZERO, 1);
  param_seal(set);
}

/* Of a tree for more shards than there are, too. */
START_TEST(sum_is_that_of_the_tree) {
  ParamSet set = {0};
  one_set(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_sgd};
  Optim *optim = optim_new(&set, &config);
  Pool *pool = pool_new(_i);
  static const int sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 13, MOST};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    Job job = {.tree = shard_tree_new(&set, s % 2 == 0 ? sizes[s] : MOST, _i)};
    int wave;
    shard_tree_start(job.tree, sizes[s]);
    while ((wave = shard_tree_wave(job.tree, &job.first)) > 0) {
      pool_run(pool, wave, leave, &job);
      shard_tree_add(job.tree, optim, pool);
    }
    check_sum(job.tree, sizes[s]);
    shard_tree_free(job.tree);
  }
  pool_free(pool);
  optim_free(optim);
  param_free(&set);
}
END_TEST

typedef struct Nodes {
  ShardNode at[MOST];
  ShardSum *sums[MOST];
  int n;
} Nodes;

static void join_nodes(void *ctx, int to, int from, bool siblings) {
  const Nodes *nodes = ctx;
  real *left = nodes->sums[to]->grads, *right = nodes->sums[from]->grads;
  if (siblings) shard_tree_siblings(left, right, COLS);
  else
    for (int i = 0; i < COLS; i++) left[i] += right[i];
  losses_add(&nodes->sums[to]->losses, &nodes->sums[from]->losses);
}

/* Each part sums its own; together they are the tree of the whole, however many there are. */
START_TEST(parts_sum_to_the_whole) {
  ParamSet set = {0};
  one_set(&set);
  const OptimizerConfig config = {.type = OPTIMIZER_sgd};
  Optim *optim = optim_new(&set, &config);
  Pool *pool = pool_new(2);
  static const int sizes[] = {1, 4, 7, 8, 11};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    Nodes nodes = {.n = 0};
    ShardTree *trees[9];
    for (int part = 0; part < _i; part++) {
      Job job = {.tree = trees[part] = shard_tree_new_part(&set, 11, 2, part, _i)};
      ShardRange range = shard_tree_range(sizes[s], part, _i);
      int wave, n = shard_tree_cut(&range, nodes.at + nodes.n);
      shard_tree_start(job.tree, sizes[s]);
      while ((wave = shard_tree_wave(job.tree, &job.first)) > 0) {
        pool_run(pool, wave, leave, &job);
        shard_tree_add(job.tree, optim, pool);
      }
      for (int k = 0; k < n; k++) nodes.sums[nodes.n++] = shard_tree_node(job.tree, k);
    }
    shard_tree_join(nodes.at, nodes.n, join_nodes, &nodes);
    for (int k = 0; k < N_LOSSES; k++) ck_assert(nodes.sums[0]->losses.of[k] == loss(0, sizes[s], COLS + k));
    for (int i = 0; i < COLS; i += i % 5 == 0 ? 997 : 1) ck_assert(nodes.sums[0]->grads[i] == number(0, sizes[s], i));
    for (int part = 0; part < _i; part++) shard_tree_free(trees[part]);
  }
  pool_free(pool);
  optim_free(optim);
  param_free(&set);
}
END_TEST

/* Worked out by hand: the greatest aligned blocks of powers of two, and what the end of all cuts short. */
START_TEST(parts_leave_few_nodes) {
  static const struct {
    ShardRange range;
    int n;
    ShardNode nodes[4];
  } cases[] = {{{0, 4, 8}, 1, {{0, 4}}},         {{4, 8, 8}, 1, {{4, 4}}},
               {{3, 6, 8}, 2, {{3, 1}, {4, 2}}}, {{1, 8, 8}, 3, {{1, 1}, {2, 2}, {4, 4}}},
               {{4, 7, 7}, 1, {{4, 3}}},         {{3, 7, 7}, 2, {{3, 1}, {4, 3}}},
               {{0, 7, 7}, 1, {{0, 7}}},         {{2, 2, 4}, 0, {{0, 0}}}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    ShardNode nodes[SHARD_NODES];
    int n = shard_tree_cut(&cases[c].range, nodes);
    ck_assert_int_eq(n, cases[c].n);
    for (int k = 0; k < n; k++) {
      ck_assert_int_eq(nodes[k].first, cases[c].nodes[k].first);
      ck_assert_int_eq(nodes[k].n, cases[c].nodes[k].n);
    }
  }
}
END_TEST

/* Pages of a block that have memory. */
static size_t resident(real *at, size_t n) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (n * sizeof *at + page - 1) / page, found = 0;
  unsigned char in[1024];
  ck_assert_uint_le(pages, sizeof in);
  ck_assert_int_eq(mincore(at, n * sizeof *at, in), 0);
  for (size_t i = 0; i < pages; i++) found += in[i] & 1;
  return found;
}

/* A matrix that is looked up by rows, 32 of them a page or less; two shards that have one of them each: the sum takes
 * the pages of both rows, and the right one none once both have come. */
START_TEST(rows_alone_take_memory) {
  enum { ROWS = 8192, SIZE = 32 };
  ParamSet set = {0};
  param_matrix(&set, "words", ROWS, SIZE, START_ZERO, 1);
  (void)param_weight(&set, "product", 64, SIZE, START_ZERO, 1);
  param_seal(&set);
  ShardTree *tree = shard_tree_new(&set, 2, 2);
  int first;
  size_t whole = 64 * SIZE * sizeof(real) / (size_t)sysconf(_SC_PAGESIZE) + 1;
  shard_tree_start(tree, 2);
  ck_assert_int_eq(shard_tree_wave(tree, &first), 2);
  ShardSum *sums[] = {shard_tree_open(tree, 0), shard_tree_open(tree, 1)};
  for (int k = 0; k < 2; k++) {
    sums[k]->grads[(k + 1) * 2000 * SIZE] = (real)(k + 1);
    sums[k]->grads[ROWS * SIZE] = (real)(k + 1);
    ck_assert_uint_le(resident(sums[k]->grads, set.size), 1 + whole);
    shard_tree_complete(tree, k, 0);
  }
  ck_assert(sums[0]->grads[2000 * SIZE] == 1 && sums[0]->grads[4000 * SIZE] == 2);
  ck_assert(sums[0]->grads[ROWS * SIZE] == 1 && sums[1]->grads[ROWS * SIZE] == 2);
  shard_tree_finish(tree, 1);
  ck_assert(sums[0]->grads[ROWS * SIZE] == 1);
  shard_tree_finish(tree, 0);
  ck_assert(sums[0]->grads[ROWS * SIZE] == 3);
  ck_assert_uint_le(resident(sums[0]->grads, set.size), 2 + whole);
  ck_assert_uint_le(resident(sums[1]->grads, set.size), 1);
  shard_tree_free(tree);
  param_free(&set);
}
END_TEST

static unsigned long heap_calls(const ParamSet *set, int n_shards, int workers) {
  unsigned long before = mem_calls();
  shard_tree_free(shard_tree_new(set, n_shards, workers));
  return mem_calls() - before;
}

/* Blocks: those of a wave, and one a level of the tree that is open beside it. */
START_TEST(memory_grows_with_the_depth) {
  static const struct {
    int shards, workers;
    unsigned long blocks;
  } cases[] = {{1, 1, 1}, {2, 1, 2}, {2, 8, 2},  {3, 1, 2},  {4, 1, 3},
               {4, 2, 3}, {4, 4, 4}, {64, 1, 7}, {64, 4, 8}, {64, 3, 7}};
  ParamSet set = {0};
  one_set(&set);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    unsigned long more = heap_calls(&set, cases[c].shards, cases[c].workers) - heap_calls(&set, 1, 1);
    ck_assert_msg(1 + more == cases[c].blocks, "%d shards, %d workers: %lu more calls than for one of each",
                  cases[c].shards, cases[c].workers, more);
  }
  param_free(&set);
}
END_TEST

Suite *test_shard_tree(void);
Suite *test_shard_tree(void) {
  Suite *s = suite_create("shard_tree");
  TCase *t = tcase_create("shard_tree");
  tcase_add_loop_test(t, sum_is_that_of_the_tree, 1, 5);
  tcase_add_loop_test(t, parts_sum_to_the_whole, 1, 10);
  tcase_add_test(t, parts_leave_few_nodes);
  tcase_add_test(t, rows_alone_take_memory);
  tcase_add_test(t, memory_grows_with_the_depth);
  suite_add_tcase(s, t);
  return s;
}
