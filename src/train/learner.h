/* learner.h - one update of a model: its batches are cut into shards (row j of each to shard j mod S), each shard is
 * one task of the pool with a tape of its own, and what the shards give is summed as a tree (shard_tree.h), so that the
 * result does not depend on the number of threads.
 *
 * A Learner belongs to one thread; while it works the model is const, between calls only it changes the model. */
#ifndef TRAIN_LEARNER_H
#define TRAIN_LEARNER_H

#include "search/translator.h"
#include "text/batch.h"
#include "text/corpus.h"
#include "train/guide.h"
#include "train/optim.h"

typedef struct Learner Learner;

/* translator, corpus and pool outlive it. */
Learner *learner_new(Translator *translator, const Corpus *corpus, Pool *pool);
void learner_free(Learner *learner);
Optim *learner_optim(Learner *learner);
/* From now on measures where time goes: profiles [workers + 1], the pool's workers' and, last, that of the work all of
 * them do at once on the whole gradient. NULL ends it. */
void learner_profile(Learner *learner, Profile *profiles);

/* From now on attention is to follow these links, as train.guided_alignment says; they outlive it. NULL: none. */
void learner_guide(Learner *learner, const Guide *guide);
/* What each loss is multiplied by in the sum that is lowered; 0: it is not computed. */
Losses learner_weights(const Learner *learner);

/* The moving baseline of rewards (Xu et al. 2015, section 4.1): 0.9 of what it was and 0.1 of an update's mean log-
 * probability a token; part of the state of a training. NULL: the config has none. */
double *learner_baseline(Learner *learner);

typedef struct LearnerResult {
  Losses losses;  /* summed over target tokens, without label smoothing */
  int64_t tokens; /* target tokens, with </s> */
  double norm;    /* of the gradient, before clipping */
} LearnerResult;

/* Runs the largest batch of the plan once, forward and backward, so that later ones find their memory ready. */
void learner_warm_up(Learner *learner, const BatchPlan *plan);
/* Update number t (from 1) from batches first .. first+n-1 of the plan, with learning rate lr. False, with nothing
 * changed, when loss or gradient is not finite; the message names the tensor. */
bool learner_update(Learner *learner, const BatchPlan *plan, int first, int n, long t, double lr, LearnerResult *result,
                    Err *err);
/* Summed loss over all pairs of another corpus, batch after batch on any pool; *tokens receives their target tokens.
 * Batches are shared out among the ranks. */
double learner_validate(Learner *learner, Pool *pool, const Corpus *corpus, const BatchPlan *plan, int64_t *tokens);

#endif
