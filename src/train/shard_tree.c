#include "train/shard_tree.h"

#include <stdatomic.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "num/vec.h"

struct ShardTree {
  const ParamSet *params;
  ShardSum *sums; /* [n_sums] */
  ShardSum *
      *line; /* [n_sums] all of them: first the open nodes, from the left of the tree, then the wave, then others */
  OptimAdd *adds; /* [n_sums] of one wave */
  int n_sums, n_open, workers;
  int part, parts;
  ShardRange range; /* of the update */
  int first;        /* next shard */
  bool *by_rows;    /* [params] rows are looked up: gradients of the others stay zero */
  bool *done;       /* [workers, params] whether a shard of the wave has all of a gradient */
  atomic_int *pair; /* likewise, of a left sibling in the wave: how many of the two have */
};

static size_t n_states(const ShardTree *t) { return (size_t)t->workers * (size_t)t->params->n_params; }

/* The greatest node that begins at shard `first` and ends at hi or before; one at the end of all may be cut short. */
static int node_size(int first, int hi, int n) {
  int size = 1;
  while (first % (2 * size) == 0 && (first + 2 * size <= hi || (hi == n && first + size < n))) size *= 2;
  return first + size < hi ? size : hi - first;
}

int shard_tree_cut(const ShardRange *range, ShardNode nodes[SHARD_NODES]) {
  int n = 0;
  for (int first = range->lo; first < range->hi; first += nodes[n++].n) {
    CHECK(n < SHARD_NODES, "shards %d .. %d of %d", range->lo, range->hi, range->n);
    nodes[n] = (ShardNode){first, node_size(first, range->hi, range->n)};
  }
  return n;
}

/* Nodes open before shard `first`: as if the range ended there, but not all shards. */
static int count_open(int lo, int first) {
  ShardNode nodes[SHARD_NODES];
  return shard_tree_cut(&(ShardRange){lo, first, first + 1}, nodes);
}

static int wave_size(int first, int hi, int workers) { return hi - first < workers ? hi - first : workers; }

ShardRange shard_tree_range(int n, int part, int parts) {
  return (ShardRange){part * n / parts, (part + 1) * n / parts, n};
}

static int most_of_range(const ShardRange *range, int workers) {
  int most = 1;
  for (int first = range->lo; first < range->hi; first += workers) {
    int sums = count_open(range->lo, first) + wave_size(first, range->hi, workers);
    if (sums > most) most = sums;
  }
  return most;
}

/* An update may have fewer shards than there are. */
static int most_sums(const ShardTree *t, int n_shards) {
  int most = 1;
  for (int n = t->parts > 1 ? 1 : n_shards; n <= n_shards; n++) {
    ShardRange range = shard_tree_range(n, t->part, t->parts);
    int sums = most_of_range(&range, t->workers);
    if (sums > most) most = sums;
  }
  return most;
}

/* Matrices that no product reads. */
static bool *find_by_rows(const ParamSet *params) {
  bool *by_rows = mem_zero((size_t)params->n_params, sizeof *by_rows, "shards");
  for (int i = 0; i < params->n_params; i++) by_rows[i] = params->params[i].rank == 2;
  for (int i = 0; i < params->n_parts; i++) by_rows[params->parts[i].param] = false;
  return by_rows;
}

ShardTree *shard_tree_new(const ParamSet *params, int n_shards, int workers) {
  return shard_tree_new_part(params, n_shards, workers, 0, 1);
}

ShardTree *shard_tree_new_part(const ParamSet *params, int n_shards, int workers, int part, int parts) {
  ShardTree *t = mem_zero(1, sizeof *t, "shards");
  t->params = params;
  t->workers = workers;
  t->part = part;
  t->parts = parts;
  t->by_rows = find_by_rows(params);
  t->done = mem_zero(n_states(t), sizeof *t->done, "shards");
  t->pair = mem_zero(n_states(t), sizeof *t->pair, "shards");
  t->n_sums = most_sums(t, n_shards);
  size_t n = (size_t)t->n_sums;
  t->sums = mem_zero(n, sizeof *t->sums, "shards");
  t->line = mem_zero(n, sizeof(ShardSum *), "shards");
  t->adds = mem_zero(n, sizeof *t->adds, "shards");
  for (int i = 0; i < t->n_sums; i++) {
    t->sums[i].grads = mem_pages(params->size, sizeof(real), "gradients");
    t->line[i] = &t->sums[i];
  }
  return t;
}

void shard_tree_free(ShardTree *t) {
  if (t == NULL) return;
  for (int i = 0; i < t->n_sums; i++) mem_pages_free(t->sums[i].grads, t->params->size, sizeof(real));
  mem_free(t->pair);
  mem_free(t->done);
  mem_free(t->by_rows);
  mem_free(t->adds);
  mem_free(t->line);
  mem_free(t->sums);
  mem_free(t);
}

static void start_wave(ShardTree *t) {
  memset(t->done, 0, n_states(t) * sizeof *t->done);
  for (size_t i = 0; i < n_states(t); i++) atomic_store(&t->pair[i], 0);
}

void shard_tree_start(ShardTree *t, int n) {
  start_wave(t);
  t->range = shard_tree_range(n, t->part, t->parts);
  t->first = t->range.lo;
  t->n_open = 0;
}

int shard_tree_wave(const ShardTree *t, int *first) {
  *first = t->first;
  return wave_size(t->first, t->range.hi, t->workers);
}

static bool all_zero(const real *x, size_t n) {
  int other = 0;
  for (size_t i = 0; i < n; i++) other |= x[i] != 0;
  return other == 0;
}

void shard_tree_siblings(real *to, const real *from, size_t n) {
  enum { PIECE = 1024 };
  for (size_t at = 0; at < n; at += PIECE) {
    size_t k = n - at < PIECE ? n - at : PIECE;
    if (!all_zero(from + at, k)) vec_add(to + at, from + at, k);
  }
}

/* The gradient of a parameter goes to its sibling's. */
static void add_param(const ShardTree *t, const ShardSum *to, const ShardSum *from, int param) {
  const Param *p = &t->params->params[param];
  size_t size = (size_t)p->rows * (size_t)p->cols;
  shard_tree_siblings(to->grads + p->offset, from->grads + p->offset, size);
  mem_pages_clear(from->grads + p->offset, size * sizeof(real));
}

void shard_tree_complete(ShardTree *t, int k, int param) {
  size_t n_params = (size_t)t->params->n_params;
  bool *done = &t->done[(size_t)k * n_params + (size_t)param];
  if (*done) return;
  *done = true;
  int shard = t->first + k;
  bool right = shard % 2 == 1;
  if (right && shard == t->range.lo) return;                               /* its sibling is of another part */
  if (!right && (k + 1 == t->workers || shard + 1 == t->range.hi)) return; /* comes later or not at all */
  int left = right ? k - 1 : k;                                            /* -1: it waits, an open node */
  if (left >= 0 && atomic_fetch_add(&t->pair[(size_t)left * n_params + (size_t)param], 1) == 0) return;
  add_param(t, t->line[t->n_open + left], t->line[t->n_open + left + 1], param);
}

void shard_tree_finish(ShardTree *t, int k) {
  for (int p = 0; p < t->params->n_params; p++) shard_tree_complete(t, k, p);
}

/* Of what products give all is written to, at once and not page by page when it is first read. */
static void clear(const ShardTree *t, const ShardSum *sum) {
  for (int i = 0; i < t->params->n_params; i++) {
    const Param *p = &t->params->params[i];
    size_t n = (size_t)p->rows * (size_t)p->cols * sizeof(real);
    if (t->by_rows[i]) mem_pages_clear(sum->grads + p->offset, n);
    else memset(sum->grads + p->offset, 0, n);
  }
}

ShardSum *shard_tree_open(const ShardTree *t, int k) {
  CHECK(t->n_open + k < t->n_sums, "shard %d of a wave after %d open nodes: %d sums", k, t->n_open, t->n_sums);
  ShardSum *sum = t->line[t->n_open + k];
  clear(t, sum);
  sum->losses = (Losses){{0}};
  return sum;
}

/* Adds the last open node to the one before it; of siblings the gradients are added. */
static void join(ShardTree *t, bool siblings, int *n_adds) {
  ShardSum *from = t->line[--t->n_open], *to = t->line[t->n_open - 1];
  losses_add(&to->losses, &from->losses);
  if (!siblings) t->adds[(*n_adds)++] = (OptimAdd){to->grads, from->grads};
}

/* Opens the node of one shard, the one at `at` of the line, and closes those that it completes. */
static void take(ShardTree *t, int at, int *n_adds) {
  ShardSum *other = t->line[t->n_open];
  t->line[t->n_open++] = t->line[at];
  t->line[at] = other;
  int open = count_open(t->range.lo, ++t->first);
  for (bool siblings = true; t->n_open > open; siblings = false) join(t, siblings, n_adds);
}

void shard_tree_add(ShardTree *t, const Optim *optim, Pool *pool) {
  int first, n = shard_tree_wave(t, &first), start = t->n_open, n_adds = 0;
  ShardNode nodes[SHARD_NODES];
  for (int k = 0; k < n; k++) take(t, start + k, &n_adds);
  while (t->first == t->range.hi && t->n_open > shard_tree_cut(&t->range, nodes)) join(t, false, &n_adds);
  if (n_adds > 0) optim_sum(optim, pool, t->adds, n_adds);
  start_wave(t);
}

const ShardSum *shard_tree_total(const ShardTree *t) {
  CHECK(t->first == t->range.hi && (t->n_open == 1 || t->parts > 1), "%d of %d shards summed, %d open nodes", t->first,
        t->range.n, t->n_open);
  if (t->n_open == 0) (void)shard_tree_open(t, 0);
  return t->line[0];
}

ShardSum *shard_tree_node(const ShardTree *t, int k) {
  CHECK(t->first == t->range.hi && k < t->n_open, "node %d of %d", k, t->n_open);
  return t->line[k];
}

void shard_tree_join(const ShardNode *nodes, int n, void (*add)(void *ctx, int to, int from, bool siblings),
                     void *ctx) {
  int open[2 * SHARD_NODES], n_open = 0;
  for (int k = 0; k < n; k++) {
    int end = nodes[k].first + nodes[k].n;
    CHECK(n_open < 2 * SHARD_NODES, "shard_tree_join: node %d of %d", k, n);
    open[n_open++] = k;
    for (; n_open > 1 && (k == n - 1 || n_open > count_open(0, end)); n_open--) {
      int to = open[n_open - 2], from = open[n_open - 1];
      bool siblings = from == k && nodes[k].n == 1 && nodes[k].first % 2 == 1 && nodes[to].first == nodes[k].first - 1;
      add(ctx, to, from, siblings);
    }
  }
}
