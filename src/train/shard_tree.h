/* shard_tree.h - the gradients and losses of an update's shards, summed as one binary tree over their numbers: the node
 * of shards i 2^k .. (i+1) 2^k - 1 is the sum of its two halves, and a half beyond the last shard is left out. The tree
 * is that of the number of shards alone. Whoever has the shards of a node can sum them without the others.
 *
 * Siblings, shards 2i and 2i + 1, are added as they come: a parameter as soon as both have all of its gradient. The
 * right one's block takes memory only for what waits.
 *
 * Shards come in waves of at most as many as there are workers. Nodes that wait for their right half keep their block:
 * besides the wave's these are at most log2 of the number of shards.
 *
 * Of an update in parts, as several ranks share it, each part sums what it can: the nodes that lie in it whole. They
 * are joined with those of the other parts as if they had never been apart (rank_sum.h).
 *
 * A ShardTree belongs to one thread; the sums of a wave may be written by workers, each its own. */
#ifndef TRAIN_SHARD_TREE_H
#define TRAIN_SHARD_TREE_H

#include <stdbool.h>

#include "nn/losses.h"
#include "train/optim.h"

/* Of one shard, or of those of a node. */
typedef struct ShardSum {
  real *grads; /* a block of the parameters' layout */
  Losses losses;
} ShardSum;

typedef struct ShardTree ShardTree;

/* For updates of at most n_shards shards; params outlive it. */
ShardTree *shard_tree_new(const ParamSet *params, int n_shards, int workers);
/* The same of the shards that one of several parts has: shard_tree_range. */
ShardTree *shard_tree_new_part(const ParamSet *params, int n_shards, int workers, int part, int parts);
void shard_tree_free(ShardTree *tree);

/* Begins the sum of an update of n shards, at most as many as the tree was made for. */
void shard_tree_start(ShardTree *tree, int n);
/* The size of the next wave, 0 when all shards have been summed; *first receives the number of its first shard. */
int shard_tree_wave(const ShardTree *tree, int *first);
/* Where shard k of the wave, from 0, leaves its sums: zeros. Once a wave, by the worker that has the shard. */
ShardSum *shard_tree_open(const ShardTree *tree, int k);
/* Shard k of the wave has all of the gradient of a parameter, or of all parameters: nothing is written to it any more.
 * Each worker may say so of its shards. Finishing comes last, for every shard. */
void shard_tree_complete(ShardTree *tree, int k, int param);
void shard_tree_finish(ShardTree *tree, int k);
/* Adds the wave, whose sums are complete, to the tree. */
void shard_tree_add(ShardTree *tree, const Optim *optim, Pool *pool);
/* The sum of all shards, or, of a part, of the first node's; a part without shards gives zeros. Until the next start.
 */
const ShardSum *shard_tree_total(const ShardTree *tree);

/* ---- An update in parts. */

/* Shards lo .. hi - 1 of n, maybe none. */
typedef struct ShardRange {
  int lo, hi, n;
} ShardRange;
ShardRange shard_tree_range(int n, int part, int parts);

/* The sum of shards first .. first + n - 1. */
typedef struct ShardNode {
  int first, n;
} ShardNode;
enum { SHARD_NODES = 16 }; /* most of a range */
/* The nodes of a range that are not of a greater one in it, from the left; returns how many. */
int shard_tree_cut(const ShardRange *range, ShardNode nodes[SHARD_NODES]);
/* What the sum of the tree's range has left: that of node k of its cut. */
ShardSum *shard_tree_node(const ShardTree *tree, int k);

/* Sums all nodes of an update [n], from the left: calls add for one pair after the other, whose sum is the new `to`.
 * Siblings, single shards, are added by shard_tree_siblings. In the end `to` = 0 is the sum of all. */
void shard_tree_join(const ShardNode *nodes, int n, void (*add)(void *ctx, int to, int from, bool siblings), void *ctx);
/* to += from, n numbers of one parameter; the first is a multiple of 1024 numbers behind the parameter's start. Where
 * nothing was added up, as in the rows of words that are not in the batch, no memory is touched. */
void shard_tree_siblings(real *to, const real *from, size_t n);

#endif
