#include "train/rank_sum.h"

#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "num/vec.h"

/* Numbers that wait to be added, but at least a slice of each node. */
enum { ROOM = 1 << 21, MOST_NODES = 128 };

typedef struct Join {
  int to, from;
  bool siblings;
} Join;

struct RankSum {
  const Optim *optim;
  Pool *pool;
  real *room;      /* [n_nodes, most] of the others' nodes */
  size_t n_room;   /* numbers */
  size_t most;     /* numbers of a node sent at once */
  int *next, *end; /* [ranks] slices of the present piece of each owner */
  RanksPart *sent, *received;
  size_t n_parts; /* room in each */
  /* The update at hand. */
  ShardNode nodes[MOST_NODES];
  int rank[MOST_NODES]; /* whose they are */
  int n_nodes, first;   /* the first of this rank's */
  Join joins[MOST_NODES];
  int n_joins;
  real *piece[MOST_NODES]; /* of each node, the numbers of this rank's present piece */
};

RankSum *rank_sum_new(const Optim *optim, Pool *pool) {
  RankSum *s = mem_zero(1, sizeof *s, "sum over ranks");
  size_t ranks = (size_t)ranks_count();
  s->optim = optim;
  s->pool = pool;
  s->next = mem_zero(ranks, sizeof *s->next, "sum over ranks");
  s->end = mem_zero(ranks, sizeof *s->end, "sum over ranks");
  return s;
}

void rank_sum_free(RankSum *s) {
  if (s == NULL) return;
  mem_free(s->room);
  mem_free(s->next);
  mem_free(s->end);
  mem_free(s->sent);
  mem_free(s->received);
  mem_free(s);
}

static void add_join(void *ctx, int to, int from, bool siblings) {
  RankSum *s = ctx;
  s->joins[s->n_joins++] = (Join){to, from, siblings};
}

static void list_nodes(RankSum *s, int n_shards) {
  s->n_nodes = s->n_joins = 0;
  for (int r = 0; r < ranks_count(); r++) {
    ShardRange range = shard_tree_range(n_shards, r, ranks_count());
    ShardNode own[SHARD_NODES];
    int n = shard_tree_cut(&range, own);
    if (r == ranks_me()) s->first = s->n_nodes;
    CHECK(s->n_nodes + n <= MOST_NODES, "%d nodes of %d shards", s->n_nodes + n, n_shards);
    for (int k = 0; k < n; k++, s->n_nodes++) {
      s->nodes[s->n_nodes] = own[k];
      s->rank[s->n_nodes] = r;
    }
  }
  shard_tree_join(s->nodes, s->n_nodes, add_join, s);
}

static void make_room(RankSum *s) {
  size_t n = (size_t)s->n_nodes, parts = n * (size_t)ranks_count();
  s->most = ROOM / n > OPTIM_SLICE ? ROOM / n : OPTIM_SLICE;
  if (n * s->most > s->n_room) {
    s->n_room = n * s->most;
    mem_free(s->room);
    s->room = mem_alloc(s->n_room, sizeof(real), "sum over ranks");
  }
  if (parts <= s->n_parts) return;
  s->sent = mem_grow(s->sent, parts, sizeof *s->sent, "sum over ranks");
  s->received = mem_grow(s->received, parts, sizeof *s->received, "sum over ranks");
  s->n_parts = parts;
}

/* Numbers of a block from the first slice of a piece to its end. */
static size_t piece_size(const Optim *o, int first, int end) {
  return first == end ? 0 : o->slices[end - 1].offset + o->slices[end - 1].n - o->slices[first].offset;
}

/* The next piece of every owner; false when all are done. */
static bool next_piece(RankSum *s) {
  const Optim *o = s->optim;
  bool any = false;
  for (int r = 0; r < ranks_count(); r++) {
    int first = s->next[r] = s->end[r], end = first;
    while (end < o->owned[r + 1] && piece_size(o, first, end + 1) <= s->most) end++;
    s->end[r] = end;
    any = any || end > first;
  }
  return any;
}

static real *in_block(const RankSum *s, const ShardTree *tree, int node, int slice) {
  return shard_tree_node(tree, node - s->first)->grads + s->optim->slices[slice].offset;
}

/* Sends each owner its piece of this rank's nodes, and receives this rank's piece of all others. */
static void trade(RankSum *s, const ShardTree *tree) {
  const Optim *o = s->optim;
  int n_sent = 0, n_received = 0, me = ranks_me(), count = ranks_count();
  size_t own = piece_size(o, s->next[me], s->end[me]);
  for (int k = 0; k < s->n_nodes; k++) {
    bool here = s->rank[k] == me;
    s->piece[k] = here && own > 0 ? in_block(s, tree, k, s->next[me]) : s->room + (size_t)k * s->most;
    if (!here) s->received[n_received++] = (RanksPart){s->rank[k], s->piece[k], own * sizeof(real)};
    for (int d = 1; here && d < count; d++) {
      int to = (me + d) % count;
      size_t n = piece_size(o, s->next[to], s->end[to]);
      if (n > 0) s->sent[n_sent++] = (RanksPart){to, in_block(s, tree, k, s->next[to]), n * sizeof(real)};
    }
  }
  ranks_trade(s->sent, n_sent, s->received, n_received);
}

static void join_slice(void *ctx, int task, int worker) {
  (void)worker;
  const RankSum *s = ctx;
  int first = s->next[ranks_me()];
  const OptimSlice *slice = &s->optim->slices[first + task];
  size_t at = slice->offset - s->optim->slices[first].offset;
  for (int i = 0; i < s->n_joins; i++) {
    const Join *j = &s->joins[i];
    if (j->siblings) shard_tree_siblings(s->piece[j->to] + at, s->piece[j->from] + at, slice->n);
    else vec_add(s->piece[j->to] + at, s->piece[j->from] + at, slice->n);
  }
}

/* The sum stands in node 0, which may be another rank's. */
static void keep(const RankSum *s, real *grads) {
  int me = ranks_me();
  size_t n = piece_size(s->optim, s->next[me], s->end[me]);
  if (n > 0 && s->rank[0] != me) memcpy(grads + s->optim->slices[s->next[me]].offset, s->piece[0], n * sizeof(real));
}

static Losses sum_losses(const RankSum *s, const ShardTree *tree) {
  Losses losses[MOST_NODES] = {{{0}}};
  for (int k = 0; k < s->n_nodes; k++)
    if (s->rank[k] == ranks_me()) losses[k] = shard_tree_node(tree, k - s->first)->losses;
  ranks_sum(losses[0].of, (size_t)s->n_nodes * N_LOSSES);
  for (int i = 0; i < s->n_joins; i++) losses_add(&losses[s->joins[i].to], &losses[s->joins[i].from]);
  return losses[0];
}

ShardSum rank_sum_total(RankSum *s, const ShardTree *tree, int n_shards) {
  ShardSum sum = *shard_tree_total(tree);
  if (ranks_count() == 1) return sum;
  list_nodes(s, n_shards);
  make_room(s);
  for (int r = 0; r < ranks_count(); r++) s->end[r] = s->optim->owned[r];
  while (next_piece(s)) {
    trade(s, tree);
    pool_run(s->pool, s->end[ranks_me()] - s->next[ranks_me()], join_slice, s);
    keep(s, sum.grads);
  }
  sum.losses = sum_losses(s, tree);
  return sum;
}
