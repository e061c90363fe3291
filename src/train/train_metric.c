#include "train/train_metric.h"

#include "train/history.h"

static const char *const names[] = {
#define TRAIN_METRIC(name) #name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
};

const char *train_metric_name(const TrainConfig *config) { return names[config->metric]; }

const MetricDef *train_metric_def(const TrainConfig *config) { return metric_find(names[config->metric]); }

bool train_metric_better(const TrainConfig *config, const TrainState *state, const Json *history, double value,
                         double loss) {
  const MetricDef *metric = train_metric_def(config);
  if (!state->has_best) return true;
  if (value == state->best) return loss < history_best(history, value).loss;
  return metric == NULL || metric->errors ? value < state->best : value > state->best;
}

bool train_metric_perfect(const TrainConfig *config, const TrainState *state) {
  const MetricDef *metric = train_metric_def(config);
  return metric != NULL && state->best == (metric->errors ? 0 : 100);
}
