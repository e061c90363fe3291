/* hard.h - what hard attention (focus_hard.c) has done in the rows of a batch, and what reward comes of it.
 *
 * While a model learns, model.attention.hard.estimator says what a look gives; later, in scoring and searches,
 * model.attention.hard.inference. Chance while learning is of seed, update and row (noise.h). Later it is of the source
 * and the step: the same pair is always looked at in the same way, alone or among others, searched for or given. */
#ifndef NN_HARD_H
#define NN_HARD_H

#include "ad/op.h"
#include "nn/model_config.h"
#include "num/ids.h"
#include "num/rows.h"

/* On the tape's arena. */
typedef struct HardRun {
  const HardConfig *config;
  Tensor *scores; /* [N,L] whose softmax the weights are: -inf where nothing may be looked at */
  int *at;        /* [N] the position that a row looks at; -1: at all, by their weights */
  real *pull;     /* [N] of reinforce: what log a of that position counts for in the loss, before backward */
  bool rewarded;  /* pull is wanted */
  bool chosen;    /* `at` is what a trained model looks at */
  bool mixes;     /* words are the mean of what each position gives alone */
} HardRun;

/* [N] the position that each row of a trained model looks at; NULL: there is not one. run may be NULL. */
const int *hard_chosen(const HardRun *run);
/* Mean of the tokens' log-probabilities [N] of each sentence, to mean [n_sent]. */
void hard_means(const Rows *rows, int n_sent, const float *logprob, double *mean);
/* Rewards looks that drew (Xu et al. 2015, after eq. 12): of every sentence R, that mean, less a baseline is what log a
 * of its draws counts for, times `weight`; both [n_sent]. */
void hard_reward(const HardRun *run, const Rows *rows, const double *mean, const double *baseline, double weight);
/* A number that stands for a source: chance in searches is of it. */
uint64_t hard_source(const Ids *source);

#endif
