/* train_metric.h - the metric by which a training's validations are compared: train.metric. */
#ifndef TRAIN_TRAIN_METRIC_H
#define TRAIN_TRAIN_METRIC_H

#include "eval/metric.h"
#include "train/checkpoint.h"

const char *train_metric_name(const TrainConfig *config);
/* NULL: the loss. */
const MetricDef *train_metric_def(const TrainConfig *config);
/* Whether a validation is better than the best so far. Equal values go by the loss: while no translation is right yet,
 * it tells whether a training moves. */
bool train_metric_better(const TrainConfig *config, const TrainState *state, const Json *history, double value,
                         double loss);
/* No validation can have a better metric; a loss can always be less. */
bool train_metric_perfect(const TrainConfig *config, const TrainState *state);

#endif
