/* train_samples.h - greedy translations of validation pairs while training. */
#ifndef TRAIN_TRAIN_SAMPLES_H
#define TRAIN_TRAIN_SAMPLES_H

#include "base/pool.h"
#include "eval/metric.h"
#include "train/train.h"

/* Translates the first and a middle pair of the corpus (its text must be kept); fills samples, whose outputs the caller
 * frees, and gives their number. */
int train_samples(const Translator *translator, Pool *pool, const Corpus *corpus, TrainSample samples[TRAIN_SAMPLES]);
/* The metric, with its options as they are by default, of the greedy translations of all pairs; n_cut receives how many
 * of these were cut at their greatest length. */
double train_samples_score(const Translator *translator, Pool *pool, const Corpus *corpus, const MetricDef *metric,
                           int *n_cut);

#endif
