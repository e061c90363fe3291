#include "train/shard_tree.h"

#include "base/err.h"
#include "base/mem.h"

struct ShardTree {
  ShardSum *sums; /* [n_sums] */
  ShardSum *
      *line; /* [n_sums] all of them: first the open nodes, from the left of the tree, then the wave, then others */
  OptimAdd *adds; /* [n_sums] of one wave */
  int n_sums, n_open, workers;
  int first, n; /* next shard, and how many the update has */
};

/* Nodes open before shard number n: one a set bit, as a binary counter of shards has. */
static int count_open(int n) {
  int open = 0;
  for (; n > 0; n /= 2) open += n % 2;
  return open;
}

static int wave_size(int first, int n, int workers) { return n - first < workers ? n - first : workers; }

static int most_sums(int n_shards, int workers) {
  int most = 0;
  for (int first = 0; first < n_shards; first += workers) {
    int sums = count_open(first) + wave_size(first, n_shards, workers);
    if (sums > most) most = sums;
  }
  return most;
}

ShardTree *shard_tree_new(const ParamSet *params, int n_shards, int workers) {
  ShardTree *t = mem_zero(1, sizeof *t, "shards");
  t->workers = workers;
  t->n_sums = most_sums(n_shards, workers);
  size_t n = (size_t)t->n_sums;
  t->sums = mem_zero(n, sizeof *t->sums, "shards");
  t->line = mem_zero(n, sizeof(ShardSum *), "shards");
  t->adds = mem_zero(n, sizeof *t->adds, "shards");
  for (int i = 0; i < t->n_sums; i++) {
    t->sums[i].grads = param_block(params, "gradients");
    t->line[i] = &t->sums[i];
  }
  return t;
}

void shard_tree_free(ShardTree *t) {
  if (t == NULL) return;
  for (int i = 0; i < t->n_sums; i++) mem_free(t->sums[i].grads);
  mem_free(t->adds);
  mem_free(t->line);
  mem_free(t->sums);
  mem_free(t);
}

void shard_tree_start(ShardTree *t, int n) {
  t->first = t->n_open = 0;
  t->n = n;
}

int shard_tree_wave(const ShardTree *t, int *first) {
  *first = t->first;
  return wave_size(t->first, t->n, t->workers);
}

ShardSum *shard_tree_at(const ShardTree *t, int k) {
  CHECK(t->n_open + k < t->n_sums, "shard %d of a wave after %d open nodes: %d sums", k, t->n_open, t->n_sums);
  return t->line[t->n_open + k];
}

/* Adds the last open node to the one before it. */
static void join(ShardTree *t, int *n_adds) {
  ShardSum *from = t->line[--t->n_open], *to = t->line[t->n_open - 1];
  losses_add(&to->losses, &from->losses);
  t->adds[(*n_adds)++] = (OptimAdd){to->grads, from->grads};
}

/* Opens the node of one shard, the one at `at` of the line, and closes those that it completes. */
static void take(ShardTree *t, int at, int *n_adds) {
  ShardSum *other = t->line[t->n_open];
  t->line[t->n_open++] = t->line[at];
  t->line[at] = other;
  for (int bits = t->first++; bits % 2 == 1; bits /= 2) join(t, n_adds);
}

void shard_tree_add(ShardTree *t, const Optim *optim, Pool *pool) {
  int first, n = shard_tree_wave(t, &first), start = t->n_open, n_adds = 0;
  for (int k = 0; k < n; k++) take(t, start + k, &n_adds);
  while (t->first == t->n && t->n_open > 1) join(t, &n_adds);
  if (n_adds > 0) optim_sum(optim, pool, t->adds, n_adds);
}

const ShardSum *shard_tree_total(const ShardTree *t) {
  CHECK(t->first == t->n && t->n_open == 1, "%d of %d shards summed, %d open nodes", t->first, t->n, t->n_open);
  return t->line[0];
}
