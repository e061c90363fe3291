/* rank_sum.h - one update's gradient, of which each rank of the job has summed a part of the shards, for the owner of
 * each slice of the parameters: every rank sends what it has of a slice to the rank that owns it (optim.h), which sums
 * in the order of the tree (shard_tree.h), so that the bytes are those of one rank. A rank sends (R - 1) / R of a block
 * for each node that its part leaves; that is one when the number of shards is a multiple of R and a power of two.
 *
 * Goes in pieces, so that what waits to be added takes little memory. */
#ifndef TRAIN_RANK_SUM_H
#define TRAIN_RANK_SUM_H

#include "train/shard_tree.h"

typedef struct RankSum RankSum;

/* optim and pool outlive it. */
RankSum *rank_sum_new(const Optim *optim, Pool *pool);
void rank_sum_free(RankSum *sum);
/* Of an update of n shards, when the tree has summed this rank's part: the losses of all, and of the gradient the
 * slices that this rank owns; all else of the block is undefined. All ranks; one rank has the tree's own sum. */
ShardSum rank_sum_total(RankSum *sum, const ShardTree *tree, int n_shards);

#endif
